"""BLEU, chrF and ROUGE against sacrebleu and rouge-score on random texts."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF

from course_utils.metrics import (
    corpus_bleu,
    corpus_chrf,
    rouge_l,
    rouge_n,
    sentence_bleu,
)

# Few words, so that texts overlap; repeats, punctuation, accents and Chinese among
# them, because that is where tokenizers and counters differ.
WORDS = [
    "the",
    "The",
    "a",
    "cat",
    "cats",
    "mat",
    "the,",
    "don't",
    "42",
    "été",
    "猫",
    "!",
]
GAPS = st.sampled_from([" ", "  ", "\n", "\t "])
SENTENCES = st.builds(
    lambda words, gap, edge: edge + gap.join(words) + edge,
    st.lists(st.sampled_from(WORDS), max_size=14),
    GAPS,
    st.sampled_from(["", " "]),
)
LETTERS = st.text(alphabet="abA .,-é中\u00a0\n", max_size=24)
TEXTS = st.one_of(SENTENCES, SENTENCES, LETTERS, st.text(max_size=16))
DIFFERENT = st.tuples(TEXTS, TEXTS)
PAIRS = st.one_of(DIFFERENT, DIFFERENT, TEXTS.map(lambda text: (text, text)))

SACRE_CORPUS_BLEU = BLEU(tokenize="none", force=True)
SACRE_SENTENCE_BLEU = BLEU(tokenize="none", force=True, effective_order=True)
SACRE_CHRF = CHRF(char_order=6, word_order=0, beta=2)
ROUGE = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False)


def close(value):
    return pytest.approx(value, rel=0, abs=1e-9)


def check_bleu(hypotheses, references):
    theirs = SACRE_CORPUS_BLEU.corpus_score(hypotheses, [references]).score
    assert corpus_bleu(hypotheses, references) == close(theirs)


def check_sentence_bleu(hypothesis, reference):
    theirs = SACRE_SENTENCE_BLEU.sentence_score(hypothesis, [reference]).score
    assert sentence_bleu(hypothesis, reference) == close(theirs)


def check_chrf(hypotheses, references):
    theirs = SACRE_CHRF.corpus_score(hypotheses, [references]).score
    assert corpus_chrf(hypotheses, references) == close(theirs)


def check_rouge(hypothesis, reference):
    theirs = ROUGE.score(target=reference, prediction=hypothesis)
    ours = {
        "rouge1": rouge_n(hypothesis, reference, n=1),
        "rouge2": rouge_n(hypothesis, reference, n=2),
        "rougeL": rouge_l(hypothesis, reference),
    }
    for name, counts in ours.items():
        found = (counts.precision, counts.recall, counts.f1)
        assert found == close(tuple(theirs[name])), name


def check_texts(hypothesis, reference):
    check_sentence_bleu(hypothesis, reference)
    check_chrf([hypothesis], [reference])
    check_rouge(hypothesis, reference)


def examples(max_examples):
    """Draw the same examples in every run."""
    return settings(
        max_examples=max_examples, derandomize=True, deadline=None, database=None
    )


def test_single_texts_equal_both_libraries_on_a_thousand_pairs():
    seen = set()

    @examples(1100)
    @given(PAIRS)
    def compare(pair):
        seen.add(pair)
        check_texts(*pair)

    compare()
    assert len(seen) >= 1000


@examples(100)
@given(st.lists(PAIRS, min_size=2, max_size=5))
def test_corpora_equal_sacrebleu(corpus):
    hypotheses, references = map(list, zip(*corpus, strict=True))
    check_bleu(hypotheses, references)
    check_chrf(hypotheses, references)


def edited_pair(rng):
    """Draw a reference, and as hypothesis the same words with a few accidents."""
    reference = rng.choices(WORDS, k=rng.randint(0, 16))
    hypothesis = []
    for word in reference:
        kept = [word], [word], [word], [word], [], [word, word], [rng.choice(WORDS)]
        hypothesis += rng.choice(kept)
    if rng.random() < 0.2:
        rng.shuffle(hypothesis)
    return " ".join(hypothesis), " ".join(reference)


def test_corpora_of_edited_texts_equal_both_libraries():
    rng = random.Random(9)
    pairs = [edited_pair(rng) for _ in range(1200)]
    assert len(set(pairs)) >= 1000
    partly_right = 0
    for start in range(0, len(pairs), 4):
        corpus = pairs[start : start + 4]
        hypotheses, references = map(list, zip(*corpus, strict=True))
        check_bleu(hypotheses, references)
        check_chrf(hypotheses, references)
        partly_right += 0 < corpus_bleu(hypotheses, references) < 100
    assert partly_right >= 250  # the examples are neither all right nor all wrong


EDGES = ["", " ", "the", "the the the the the", "...", "été", "猫猫 猫", "the cat sat."]


@pytest.mark.parametrize("hypothesis", EDGES)
@pytest.mark.parametrize("reference", EDGES)
def test_edge_cases_equal_both_libraries(hypothesis, reference):
    check_texts(hypothesis, reference)
    check_bleu([hypothesis], [reference])


def test_split_decides_what_a_word_is_as_in_sacrebleu():
    hypotheses, references = ["猫在垫子上睡觉"], ["猫在红垫子上睡觉"]
    theirs = BLEU(tokenize="char").corpus_score(hypotheses, [references]).score
    assert corpus_bleu(hypotheses, references, split=list) == close(theirs)
    assert corpus_bleu(hypotheses, references) == 0.0
