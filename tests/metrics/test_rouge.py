"""ROUGE by hand: Lin's own example, the table, the words it sees."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.metrics.ngrams import ngram_counts
from course_utils.metrics.overlap import common_subsequence, matched_spans
from course_utils.metrics.rouge import lcs_table, rouge_l, rouge_n, rouge_words


def test_words_are_lower_case_letters_and_digits():
    assert rouge_words("It's 3.5 GB, ISN'T it?") == "it s 3 5 gb isn t it".split()
    assert rouge_words("été 猫 _") == ["t"]
    assert rouge_words("") == []


def test_lin_example_tells_two_orders_apart():
    # Lin (2004), section 3.1: both share three words with S1, only one the order.
    reference = "police killed the gunman"
    kept, swapped = "police kill the gunman", "the gunman kill police"
    assert rouge_n(kept, reference, n=2) == rouge_n(swapped, reference, n=2)
    assert rouge_l(kept, reference).f1 == pytest.approx(3 / 4)
    assert rouge_l(swapped, reference).f1 == pytest.approx(2 / 4)


def test_precision_and_recall_are_not_swapped():
    counts = rouge_n("the cat", "the cat sat here", n=1)
    assert counts == (2, 2, 4)
    assert (counts.precision, counts.recall) == (1.0, 0.5)
    assert counts.f1 == pytest.approx(2 / 3)


def test_repeated_words_are_clipped():
    assert rouge_n("the the the", "the cat", n=1) == (1, 3, 2)
    assert rouge_l("the the the", "the cat").matches == 1


def test_empty_texts_score_zero():
    for pair in [("", ""), ("a", ""), ("", "a"), ("猫", "猫")]:
        assert rouge_n(*pair, n=1).f1 == 0.0
        assert rouge_l(*pair).f1 == 0.0


def test_the_table_by_hand():
    assert lcs_table("ab", "ba") == [[0, 0, 0], [0, 0, 1], [0, 1, 1]]


def slowest_lcs(first, second):
    """Try every choice of words of the first text, the longest first."""
    for size in range(len(first), 0, -1):
        for bits in range(2 ** len(first)):
            chosen = [unit for i, unit in enumerate(first) if bits >> i & 1]
            rest = iter(second)
            if len(chosen) == size and all(unit in rest for unit in chosen):
                return size
    return 0


SHORT = st.text(alphabet="abc", max_size=7)


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(SHORT, SHORT)
def test_table_and_positions_equal_an_exhaustive_search(first, second):
    places = common_subsequence(first, second)
    assert lcs_table(first, second)[-1][-1] == slowest_lcs(first, second)
    assert len(places) == slowest_lcs(first, second)
    assert all(first[i] == second[j] for i, j in places)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(places))


def test_matched_spans_of_both_sides():
    wrong = "the cat is not on the mat".split()
    right = "the cat is on the mat".split()
    assert matched_spans(wrong, right, n=2) == [(0, 2), (1, 3), (4, 6), (5, 7)]
    assert matched_spans(right, wrong, n=2) == [(0, 2), (1, 3), (3, 5), (4, 6)]
    assert matched_spans(right, wrong, n=4) == []
    assert matched_spans(["the"] * 7, right, n=1) == [(0, 1), (1, 2)]


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(SHORT, SHORT, st.integers(1, 3))
def test_spans_are_as_many_as_the_clipped_matches(first, second, n):
    spans = matched_spans(first, second, n)
    shared = ngram_counts(first, n) & ngram_counts(second, n)
    assert len(spans) == shared.total()
    assert all(first[start:stop] in second for start, stop in spans)
