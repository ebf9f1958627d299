"""09-clipped: rebuild the clipped precision of n-grams."""

import random
from collections import Counter

from course_utils.answers import Call
from course_utils.checks.lesson09.inputs import grams, matches, text, variant
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "clipped_precision"


def calls(seed: int) -> dict[str, Call]:
    """Return the cases of the lesson, random texts of unlike lengths, short ones."""
    dice = random.Random(seed)
    on_mat = "the cat is on the mat".split()
    long = text(dice, 15)
    other, few = variant(dice, long, 0.3)[:11], text(dice, 12, ["a", "b"])
    return {
        "seven times “the”": Call(NAME, (["the"] * 7, on_mat, 1)),
        "too often, and wrong": Call(
            NAME, ("the the cat sat".split(), "the cat".split(), 1)
        ),
        "another order": Call(NAME, ("the mat is on the cat".split(), on_mat, 2)),
        "shorter than the reference": Call(NAME, (other, long, 1)),
        "longer than the reference": Call(NAME, (long, other, 2)),
        "three words": Call(NAME, (long, variant(dice, long, 0.2), 3)),
        "runs that come often": Call(NAME, (few, text(dice, 9, ["a", "b"]), 2)),
        "four words, no match": Call(NAME, (on_mat, on_mat[::-1], 4)),
        "the same text": Call(NAME, (long, list(long), 4)),
        "a text shorter than n": Call(NAME, (on_mat[:2], on_mat, 3)),
        "a reference shorter than n": Call(NAME, (on_mat, on_mat[:2], 3)),
        "an empty text": Call(NAME, ([], on_mat, 1)),
    }


def clipped_precision(hypothesis, reference, n):
    """Return the right precision: cross off what has been matched."""
    produced = max(len(hypothesis) - n + 1, 0)
    return matches(hypothesis, reference, n) / produced if produced else 0.0


def _share(matched: float, of: float) -> float:
    return matched / of if of > 0 else 0.0


def _unclipped(hypothesis, reference, n):
    found = grams(reference, n)
    ours = grams(hypothesis, n)
    return _share(sum(run in found for run in ours), len(ours))


def _each_once(hypothesis, reference, n):
    ours = set(grams(hypothesis, n))
    return _share(len(ours & set(grams(reference, n))), len(ours))


def _once_over_all(hypothesis, reference, n):
    ours = set(grams(hypothesis, n))
    shared = len(ours & set(grams(reference, n)))
    return _share(shared, len(grams(hypothesis, n)))


def _recall(hypothesis, reference, n):
    return clipped_precision(reference, hypothesis, n)


def _by_words(hypothesis, reference, n):
    return _share(matches(hypothesis, reference, n), len(hypothesis))


def _counts_of_reference(hypothesis, reference, n):
    ours, theirs = (Counter(grams(one, n)) for one in (hypothesis, reference))
    return _share(sum(theirs[run] for run in ours), ours.total())


def _zero_divided(hypothesis, reference, n):
    return matches(hypothesis, reference, n) / len(grams(hypothesis, n))


def _short_is_perfect(hypothesis, reference, n):
    if len(hypothesis) < n:
        return 1.0
    return clipped_precision(hypothesis, reference, n)


def _union(hypothesis, reference, n):
    ours, theirs = (Counter(grams(one, n)) for one in (hypothesis, reference))
    return _share((ours & theirs).total(), (ours | theirs).total())


ANSWERS = {
    "not-clipped": _unclipped,
    "each-once": _each_once,
    "once-over-all": _once_over_all,
    "recall": _recall,
    "divided-by-words": _by_words,
    "reference-counts": _counts_of_reference,
    "short-is-perfect": _short_is_perfect,
    "only-words": lambda h, r, n: clipped_precision(h, r, 1),
    "divides-by-nothing": _zero_divided,
    "count-not-share": matches,
    "percent": lambda h, r, n: 100 * clipped_precision(h, r, n),
    "divided-by-both": _union,
}
TEXTS = {
    "not-clipped": "Nothing is clipped: seven times “the” gets full marks. A run "
    "counts at most as often as the *reference* has it.",
    "each-once": "Each run counts once on both sides, however often it occurs. "
    "Clipping is gentler: at most as often as the reference has it.",
    "once-over-all": "Each match counts once, even where the reference has the run "
    "twice. Take the smaller of the two counts.",
    "recall": "You divide by the number of the *reference's* runs. That is recall; "
    "precision asks which share of what *I* said is right.",
    "divided-by-words": "You divide by the number of words. For n = 2 a text of 6 "
    "words has only 5 runs: divide by the number of runs.",
    "reference-counts": "You add up the counts of the reference, even where the text "
    "has a run less often. Take the *smaller* of the two counts.",
    "short-is-perfect": "A text shorter than n has said nothing that could be right: "
    "the card asks for 0.",
    "only-words": "Single words are compared, whatever n is.",
    "divides-by-nothing": "A text shorter than n has no runs, and 0 / 0 is an error. "
    "The card asks for 0.",
    "count-not-share": "You return how many runs match. Precision is a share: divide "
    "by the number of runs that the text has.",
    "percent": "You return per cent. The card asks for a share from 0 to 1.",
    "divided-by-both": "You divide by all runs that either text has. Precision asks "
    "only about my own: divide by their number.",
}

CHECK = Check(
    calls,
    {NAME: clipped_precision},
    forbids={
        "course_utils.metrics.bleu.clipped_precision": "This exercise is about writing "
        "it yourself: leave the course's own function aside.",
        "course_utils.metrics.bleu.bleu_counts": "This exercise is about writing it "
        "yourself: leave the course's own function aside.",
    },
    slips=slips(NAME, ANSWERS, TEXTS),
)
