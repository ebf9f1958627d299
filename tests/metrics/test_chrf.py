"""chrF by hand and where it differs from word metrics."""

import pytest

from course_utils.metrics.chrf import chrf_counts, chrf_from_counts, corpus_chrf


def test_counts_by_hand_and_spaces_left_out():
    counts = chrf_counts("a b c", "abd", max_n=3)
    assert counts.tolist() == [[2, 3, 3], [1, 2, 2], [0, 1, 1]]


def test_the_score_by_hand():
    # Orders 1-3: precision = recall = 2/3, 1/2, 0; the longer orders do not exist.
    mean = (2 / 3 + 1 / 2 + 0) / 3
    assert corpus_chrf(["abc"], ["abd"]) == pytest.approx(100 * mean)


def test_recall_counts_twice():
    # One letter of two: precision 1, recall 1/2, F2 = 5 * 1 * .5 / (4 * 1 + .5).
    assert corpus_chrf(["a"], ["ab"]) == pytest.approx(100 * 2.5 / 4.5)
    assert corpus_chrf(["ab"], ["a"]) == pytest.approx(100 * 2.5 / 3.0)


def test_nothing_is_counted_where_the_reference_is_too_short():
    assert chrf_counts("abcd", "a", max_n=2).tolist() == [[1, 4, 1], [0, 0, 0]]


def test_empty_and_unrelated_texts_score_zero():
    assert corpus_chrf([""], ["abc"]) == 0.0
    assert corpus_chrf(["abc"], [" "]) == 0.0
    assert corpus_chrf(["abc"], ["xyz"]) == 0.0


def test_a_corpus_sums_counts():
    counts = chrf_counts("abc", "abd")[None].repeat(5, 1, 1)
    assert chrf_from_counts(counts) == pytest.approx(corpus_chrf(["abc"], ["abd"]))
    mixed = corpus_chrf(["abc", "x"], ["abd", "y"])
    assert mixed < corpus_chrf(["abc"], ["abd"])


def test_chinese_needs_no_words():
    assert corpus_chrf(["猫在睡觉"], ["猫在睡觉"]) == pytest.approx(100)
    assert 0 < corpus_chrf(["狗在睡觉"], ["猫在睡觉"]) < 100


@pytest.mark.no_typecheck
def test_message_of_different_lengths():
    with pytest.raises(ValueError, match="1 hypotheses but 2 references"):
        corpus_chrf(["a"], ["a", "b"])
