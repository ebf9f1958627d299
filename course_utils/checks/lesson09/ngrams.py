"""09-ngrams: complete the counting of runs."""

import random
from collections import Counter

from course_utils.answers import Call
from course_utils.checks.lesson09.inputs import grams, text
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "count_ngrams"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, every length of run, and texts that are too short."""
    dice = random.Random(seed)
    words = "to be or not to be".split()
    return {
        "by hand": Call(NAME, (words, 2)),
        "single words": Call(NAME, (words, 1)),
        "three words": Call(NAME, (text(dice, 13, ["a", "b"]), 3)),
        "four words": Call(NAME, (text(dice, 17, ["a", "b"]), 4)),
        "as long as the text": Call(NAME, (words, 6)),
        "longer than the text": Call(NAME, (words, 7)),
        "no words": Call(NAME, ([], 1)),
        "characters": Call(NAME, ("banana", 2)),
    }


def count_ngrams(units, n):
    """Return the right counts."""
    counts = Counter()
    for run in grams(units, n):
        counts[run] += 1
    return counts


def _slices(units, n, stop, step=1):
    return [tuple(units[i : i + n]) for i in range(0, stop, step)]


ANSWERS = {
    "last-missing": lambda u, n: Counter(_slices(u, n, len(u) - n)),
    "too-short-runs": lambda u, n: Counter(_slices(u, n, len(u))),
    "no-overlap": lambda u, n: Counter(_slices(u, n, len(u) - n + 1, n)),
    "pairs-only": lambda u, n: count_ngrams(u, 2),
    "not-tuples": lambda u, n: Counter(u[i : i + n] for i in range(len(u) - n + 1)),
    "joined": lambda u, n: Counter(" ".join(one) for one in grams(u, n)),
    "each-once": lambda u, n: Counter(set(grams(u, n))),
    "sorted-runs": lambda u, n: Counter(tuple(sorted(one)) for one in grams(u, n)),
    "all-lengths": lambda u, n: sum(
        (count_ngrams(u, k) for k in range(1, n + 1)), Counter()
    ),
    "units-not-runs": lambda u, n: Counter(u[: len(u) - n + 1]),
}
TEXTS = {
    "last-missing": "The last run is missing. A text of 6 words has 5 pairs, so the "
    "first place of a run goes from 0 to 6 − 2: how many numbers are these?",
    "too-short-runs": "The end of the text gives runs that are too short: after the "
    "last full run, stop.",
    "no-overlap": "You jump from run to run. They overlap: one begins at *every* "
    "word, as long as n words are left.",
    "pairs-only": "These are pairs, whatever n is.",
    "not-tuples": "A slice of a list is a list, and a `Counter` cannot use lists as "
    "keys, since they can change. Make a tuple of it.",
    "joined": "The runs are joined to texts. Keep each as a tuple of its words: it "
    "works for characters too, and “a b” is never mistaken for one word.",
    "each-once": "Each run is counted once, however often it occurs. A `set` forgets "
    "how often; the counts are what precision is made of.",
    "sorted-runs": "The words inside a run are sorted, so “the cat” and “cat the” "
    "become one. Their order is just what a run is to remember.",
    "all-lengths": "Shorter runs are counted too. The card asks for those of exactly "
    "n words.",
    "units-not-runs": "You count single words. A run that begins at i holds n of them: "
    "`units[i : i + n]`.",
}

CHECK = Check(
    calls,
    {NAME: count_ngrams},
    forbids={
        "course_utils.metrics.ngrams.ngram_counts": "This exercise is about writing it "
        "yourself: leave the course's own function aside.",
    },
    slips=slips(NAME, ANSWERS, TEXTS),
)
