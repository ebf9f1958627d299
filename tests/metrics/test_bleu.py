"""BLEU by hand: Papineni's examples, each step of the formula, the messages."""

import math

import pytest
import torch
from sacrebleu.metrics import BLEU

from course_utils.metrics.bleu import (
    bleu_counts,
    bleu_from_counts,
    brevity_penalty,
    clipped_precision,
    corpus_bleu,
    sentence_bleu,
)
from course_utils.metrics.ngrams import MatchCounts, f_score, ngram_counts

THE = ["the"] * 7
MAT = "the cat is on the mat".split()


def test_clipping_caps_the_repeated_word_of_papineni_example_2():
    assert clipped_precision(THE, MAT, n=1) == pytest.approx(2 / 7)
    assert clipped_precision(THE, MAT, n=2) == 0.0


def test_bigram_precision_of_papineni_example_1():
    candidate = (
        "It is a guide to action which ensures that the military always obeys the "
        "commands of the party"
    ).split()
    reference = (
        "It is the guiding principle which guarantees the military forces always "
        "being under the command of the Party"
    ).split()
    # Shared words: It is the the the(3) which military always of = 9 of 18.
    assert clipped_precision(candidate, reference, n=1) == pytest.approx(9 / 18)
    # Shared pairs: It-is, the-military, of-the.
    assert clipped_precision(candidate, reference, n=2) == pytest.approx(3 / 17)


def test_a_perfect_short_text_and_a_text_shorter_than_n():
    assert clipped_precision(MAT, MAT, n=6) == 1.0
    assert clipped_precision(MAT, MAT, n=7) == 0.0
    assert clipped_precision([], MAT, n=1) == 0.0


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [(10, 10, 1.0), (12, 10, 1.0), (5, 10, math.exp(-1)), (0, 3, 0.0), (0, 0, 1.0)],
)
def test_brevity_penalty(ours, theirs, expected):
    assert brevity_penalty(ours, theirs) == pytest.approx(expected)


def test_counts_hold_lengths_then_matches_and_productions():
    counts = bleu_counts("the cat the".split(), "the cat sat down".split())
    assert counts.tolist() == [[3, 4], [2, 3], [1, 2], [0, 1], [0, 0]]
    assert not counts.is_floating_point()


def test_the_score_by_hand():
    # 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 quadruples; same length.
    by_hand = 100 * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** (1 / 4)
    assert corpus_bleu(["the cat sat on a mat"], ["the cat sat on the mat"]) == (
        pytest.approx(by_hand)
    )


def test_the_plain_formula_equals_sacrebleu_without_smoothing():
    hypothesis, reference = "the cat sat on a mat", "the cat sat on the red mat"
    pair = hypothesis.split(), reference.split()
    precisions = [clipped_precision(*pair, n) for n in (1, 2, 3, 4)]
    plain = brevity_penalty(6, 7) * math.prod(precisions) ** (1 / 4)
    theirs = BLEU(tokenize="none", smooth_method="none")
    assert 100 * plain == pytest.approx(
        theirs.corpus_score([hypothesis], [[reference]]).score, abs=1e-9
    )


def test_missing_orders_are_credited_with_a_half_then_a_quarter():
    # 2 of 4 words; no pair, triple or quadruple: 1/2, 1/4, 1/8 of a match.
    by_hand = 100 * (2 / 4 * (1 / 2) / 3 * (1 / 4) / 2 * (1 / 8) / 1) ** (1 / 4)
    assert sentence_bleu("a x b y", "a z b w") == pytest.approx(by_hand)


def test_corpus_counts_are_summed_before_anything_is_divided():
    pairs = [("a b c d", "a b c d"), ("a b x d e", "a b c d e")]
    counts = torch.stack([bleu_counts(h.split(), r.split()) for h, r in pairs])
    assert bleu_from_counts(counts) == corpus_bleu(*map(list, zip(*pairs, strict=True)))
    by_hand = 100 * (8 / 9 * 5 / 7 * 2 / 5 * 1 / 3) ** (1 / 4)
    assert bleu_from_counts(counts) == pytest.approx(by_hand)


def test_perfect_short_texts_are_worth_nothing_to_corpus_bleu_alone():
    assert corpus_bleu(["good morning"], ["good morning"]) == 0.0
    assert sentence_bleu("good morning", "good morning") == pytest.approx(100)


def test_split_is_used_by_both():
    def lower(text):
        return text.lower().split()

    assert sentence_bleu("The Cat", "the cat", split=lower) == pytest.approx(100)
    assert corpus_bleu(["A b c d"], ["a B c d"], split=lower) == pytest.approx(100)
    assert sentence_bleu("The Cat", "the cat") == 0.0


def test_ngrams_of_words_and_of_characters():
    assert ngram_counts(THE, 3) == {("the", "the", "the"): 5}
    assert ngram_counts("aba", 2) == {("a", "b"): 1, ("b", "a"): 1}
    assert ngram_counts([], 1) == {}


def test_f_score_and_match_counts():
    assert f_score(0.0, 0.0) == 0.0
    assert f_score(0.5, 1.0) == pytest.approx(2 / 3)
    assert f_score(1.0, 0.5, beta=2.0) == pytest.approx(2.5 / 4.5)
    empty = MatchCounts(0, 0, 0)
    assert (empty.precision, empty.recall, empty.f1) == (0.0, 0.0, 0.0)
    assert MatchCounts(1, 2, 1).f1 == pytest.approx(2 / 3)


@pytest.mark.no_typecheck
@pytest.mark.parametrize(
    ("hypotheses", "references", "error", "message"),
    [
        (
            ["a", "b", "c"],
            ["a"],
            ValueError,
            "3 hypotheses but 1 references; pass exactly one reference for each "
            "hypothesis",
        ),
        ([], [], ValueError, "0 hypotheses; a score needs at least one pair"),
        (
            "le chat",
            ["le chat"],
            TypeError,
            "hypotheses is one text, 'le chat'; pass a list, ['le chat']",
        ),
        (
            ["le chat"],
            "le chat",
            TypeError,
            "references is one text, 'le chat'; pass a list, ['le chat']",
        ),
    ],
)
def test_messages_of_a_wrong_corpus(hypotheses, references, error, message):
    with pytest.raises(error) as caught:
        corpus_bleu(hypotheses, references)
    assert str(caught.value) == message


@pytest.mark.no_typecheck
def test_message_of_a_wrong_order():
    with pytest.raises(ValueError, match="n=0") as caught:
        clipped_precision(MAT, MAT, n=0)
    assert str(caught.value) == "n=0: an n-gram has at least one unit; choose n >= 1"
