"""Exact match and token F1 by hand and against an independent loop."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.metrics.answers import exact_match, normalize_answer, token_f1


def test_exact_match_of_texts_and_of_ids():
    references = ["il pleut", "il neige", "il dort"]
    assert exact_match(references, references) == 1.0
    assert exact_match(["il pleut", "Il neige", "il dort "], references) == 1 / 3
    assert exact_match([[1, 2], [3]], [[1, 2], [4]]) == 0.5


@pytest.mark.no_typecheck
def test_exact_match_messages():
    with pytest.raises(ValueError, match="0 hypotheses; a score needs at least one"):
        exact_match([], [])
    with pytest.raises(ValueError, match="2 hypotheses but 1 references; pass exactly"):
        exact_match(["a", "b"], ["a"])
    with pytest.raises(TypeError, match="hypotheses is one text, 'il pleut'; pass a"):
        exact_match("il pleut", "il pleut")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Cat's\nhat!", "cats hat"),
        ("an apple, a pear", "apple pear"),
        ("anagram the-atre", "anagram theatre"),
        ("A", ""),
        ("", ""),
        ("L’été", "l’été"),
    ],
)
def test_normalization(text, normal):
    assert normalize_answer(text) == normal


@pytest.mark.parametrize(
    ("hypothesis", "reference", "expected"),
    [
        ("the Eiffel Tower", "Eiffel tower.", 1.0),
        ("in 1987", "1987", 2 / 3),
        ("1978", "1987", 0.0),
        ("two two two", "two four", 2 / 5),
        ("", "", 1.0),
        ("the", "", 1.0),
        ("", "1987", 0.0),
        ("1987", "a", 0.0),
    ],
)
def test_token_f1_by_hand(hypothesis, reference, expected):
    assert token_f1(hypothesis, reference) == pytest.approx(expected)


def f1_by_striking_out(ours, theirs):
    """Strike each shared word out of the reference, then 2 * shared / all words."""
    left, shared = list(theirs), 0
    for word in ours:
        if word in left:
            left.remove(word)
            shared += 1
    total = len(ours) + len(theirs)
    return 2 * shared / total if total else 1.0


ANSWERS = st.lists(st.sampled_from(["paris", "rome", "1987", "of"]), max_size=6)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(ANSWERS, ANSWERS)
def test_token_f1_equals_an_independent_loop(ours, theirs):
    found = token_f1("The " + " ".join(ours), " a ".join(theirs))
    assert found == pytest.approx(f1_by_striking_out(ours, theirs), abs=1e-12)
