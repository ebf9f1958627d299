"""The cases that lesson 09 tells: where a metric and a reader disagree."""

from statistics import fmean

import pytest

from course_utils.metrics import (
    corpus_bleu,
    corpus_chrf,
    exact_match,
    normalize_answer,
    rouge_l,
    rouge_n,
    sentence_bleu,
    token_f1,
)


def chrf(hypothesis, reference):
    return corpus_chrf([hypothesis], [reference])


NEGATIONS = [
    (
        "the small cat is sleeping on the red mat",
        "the small cat is not sleeping on the red mat",
        "the little cat is asleep on the red rug",
    ),
    (
        "you may open the door after the bell rings",
        "you may not open the door after the bell rings",
        "once the bell has rung you can open the door",
    ),
]


@pytest.mark.parametrize(("reference", "wrong", "paraphrase"), NEGATIONS)
def test_an_inserted_not_scores_far_above_a_right_paraphrase(
    reference, wrong, paraphrase
):
    assert sentence_bleu(wrong, reference) > sentence_bleu(paraphrase, reference) + 40
    assert chrf(wrong, reference) > chrf(paraphrase, reference) + 40
    assert rouge_l(wrong, reference).f1 > rouge_l(paraphrase, reference).f1 + 0.25
    assert token_f1(wrong, reference) > token_f1(paraphrase, reference) + 0.3


def test_swapped_numbers_are_an_overdose_with_a_perfect_word_score():
    reference = "take two tablets every eight hours"
    overdose = "take eight tablets every two hours"
    right = "take two tablets every 8 hours"
    assert rouge_n(overdose, reference, n=1).f1 == 1.0
    assert token_f1(overdose, reference) == 1.0
    assert rouge_n(right, reference, n=1).f1 < 0.85
    assert token_f1(right, reference) < 0.85
    # The metrics that see order put the two right way round.
    assert sentence_bleu(overdose, reference) < sentence_bleu(right, reference) - 25
    assert rouge_l(overdose, reference).f1 < rouge_l(right, reference).f1


def test_averaged_sentence_bleu_can_turn_the_ranking_round():
    references = [
        "good morning",
        "thank you",
        "the old teacher reads a long letter to the two children in the garden",
    ]
    short = [*references[:2], "an old man reads letters to some kids in a park"]
    long = ["hello there", "thanks", references[2]]

    def averaged(hypotheses):
        return fmean(map(sentence_bleu, hypotheses, references))

    assert averaged(short) > averaged(long) + 30
    assert corpus_bleu(long, references) > corpus_bleu(short, references) + 50


def test_only_chrf_tells_a_typo_from_a_wrong_word():
    reference = "she bought a beautiful umbrella yesterday"
    typo = "she bought a beatiful umbrella yesterday"
    wrong = "she bought a black umbrella yesterday"
    assert sentence_bleu(typo, reference) == sentence_bleu(wrong, reference) < 40
    assert rouge_n(typo, reference, 1) == rouge_n(wrong, reference, 1)
    assert chrf(typo, reference) > chrf(wrong, reference) + 15
    assert chrf(typo, reference) > 85


def test_reordered_words_turn_the_meaning_round_and_keep_rouge_1():
    reference, wrong = "the dog bit the man", "the man bit the dog"
    assert rouge_n(wrong, reference, n=1).f1 == 1.0
    assert rouge_n(wrong, reference, n=2).f1 == 0.75
    assert rouge_l(wrong, reference).f1 == pytest.approx(0.6)
    assert rouge_l("the dog bit a man", reference).f1 > rouge_l(wrong, reference).f1


def test_one_space_before_the_period_costs_half_of_bleu():
    reference, same = "the train leaves at noon .", "the train leaves at noon."
    assert sentence_bleu(same, reference) < 55
    assert chrf(same, reference) == pytest.approx(100)

    def split(text):
        return text.replace(".", " .").split()

    assert sentence_bleu(same, reference, split) == pytest.approx(100)


def test_rouge_is_blind_outside_english():
    text = "猫在垫子上睡觉"
    assert rouge_n(text, text, n=1).f1 == rouge_l(text, text).f1 == 0.0
    assert rouge_n("Zoë naît", "Zoé naît", n=1).f1 == 1.0  # accents vanish
    assert chrf(text, text) == pytest.approx(100)


def test_exact_match_depends_on_what_counts_as_the_same():
    hypotheses, references = ["The Louvre."], ["the Louvre"]
    assert exact_match(hypotheses, references) == 0.0
    normal = [[normalize_answer(text)] for text in hypotheses + references]
    assert exact_match(*normal) == 1.0
