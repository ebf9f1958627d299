"""09-mend: find what is wrong in a BLEU that runs without complaint."""

import math
import random
from collections.abc import Callable
from statistics import fmean, geometric_mean

from course_utils.answers import Call
from course_utils.checks.lesson09.inputs import grams, matches, text, variant
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "mended_bleu"
SIZES = (1, 2, 3, 4)


def calls(seed: int) -> dict[str, Call]:
    """Return the lesson's cases, then random ones; each order has a match somewhere."""
    dice = random.Random(seed)
    right = ["good morning", "thank you", "the old teacher reads a long letter"]
    half = ["hello there", "thanks", "the old teacher reads a letter"]
    return {
        "one pair, by hand 64.3": Call(
            NAME, (["the cat is sitting on a mat"], ["the cat is sitting on the mat"])
        ),
        "a long text right, two short ones wrong": Call(NAME, (half, right)),
        "random texts": _pairs(dice, (9, 4, 14), 0.3),
        "some too short": _pairs(dice, (12, 7, 10), 0.2, drop=3),
        "some too long": _pairs(dice, (6, 11), 0.2, add=2),
        "an empty text": Call(NAME, (["", right[2]], ["so long", right[2]])),
        "the same texts": Call(NAME, (right, list(right))),
    }


def _pairs(dice, lengths, share, drop=0, add=0) -> Call:
    theirs = [text(dice, length) for length in lengths]
    ours = [variant(dice, one, share) for one in theirs]
    ours[0] = theirs[0][: len(theirs[0]) - drop] + text(dice, add)
    ours[-1][-5:] = theirs[-1][-5:]  # five words in a row are right
    join = " ".join
    return Call(NAME, (list(map(join, ours)), list(map(join, theirs))))


Pair = tuple[list[str], list[str]]


def _precisions(pairs: list[Pair], least: float = 0.0) -> list[float]:
    """Return the precision of each order: counts added first, divided once."""
    found = [sum(matches(a, b, n) for a, b in pairs) for n in SIZES]
    made = [sum(len(grams(a, n)) for a, _ in pairs) for n in SIZES]
    both = zip(found, made, strict=True)
    return [max(one, least) / max(all_, 1) for one, all_ in both]


def _penalty(pairs: list[Pair]) -> float:
    ours, theirs = (sum(map(len, side)) for side in zip(*pairs, strict=True))
    return min(1.0, math.exp(1 - theirs / ours)) if ours else 0.0


def _bleu(hypotheses, references, precisions=_precisions, penalty=_penalty):
    pairs = [
        (a.split(), b.split()) for a, b in zip(hypotheses, references, strict=True)
    ]
    return 100 * penalty(pairs) * geometric_mean(precisions(pairs))


def _each(pairs: list[Pair]) -> list[float]:
    return [
        _penalty([one]) * geometric_mean(_precisions([one], least=0.5)) for one in pairs
    ]


def bleu(hypotheses, references):
    """Return the right BLEU of a corpus."""
    return _bleu(hypotheses, references)


def _by_texts(average: Callable) -> Callable:
    """Return a BLEU that scores each pair alone and averages."""

    def scored(hypotheses, references):
        pairs = [
            (a.split(), b.split()) for a, b in zip(hypotheses, references, strict=True)
        ]
        if not all(a for a, _ in pairs):  # the broken one divides by its length
            raise ZeroDivisionError
        return 100 * average(_each(pairs), pairs)

    return scored


def _weighted(scores, pairs):
    words = [len(a) for a, _ in pairs]
    return sum(s * w for s, w in zip(scores, words, strict=True)) / sum(words)


def _mean_precisions(pairs):
    rows = [_precisions([one], least=0.5) for one in pairs]
    return [fmean(column) for column in zip(*rows, strict=True)]


def _mean_penalty(pairs):
    return fmean(_penalty([one]) for one in pairs)


def _inverted(pairs):
    return _penalty([(b, a) for a, b in pairs])


def _joined(hypotheses, references):
    return bleu([" ".join(hypotheses)], [" ".join(references)])


def _arithmetic(hypotheses, references):
    return _bleu(hypotheses, references, lambda pairs: [fmean(_precisions(pairs))])


VERSIONS = {
    "nothing-mended": _by_texts(lambda scores, pairs: fmean(scores)),
    "weighted-average": _by_texts(_weighted),
    "mean-of-precisions": lambda h, r: _bleu(h, r, _mean_precisions),
    "mean-of-penalties": lambda h, r: _bleu(h, r, penalty=_mean_penalty),
    "joined": _joined,
    "no-penalty": lambda h, r: _bleu(h, r, penalty=lambda pairs: 1.0),
    "penalty-inverted": lambda h, r: _bleu(h, r, penalty=_inverted),
    "arithmetic-mean": _arithmetic,
    "share": lambda h, r: _bleu(h, r) / 100,
}
TEXTS = {
    "nothing-mended": "It still does what the broken one did: each text gets a BLEU "
    "of its own, and these are averaged. What has to be added up instead?",
    "weighted-average": "The average now counts words, but it is still an average of "
    "BLEUs. Add the *counts* of all texts, for each n, and divide once at the end.",
    "mean-of-precisions": "The precisions of the texts are averaged, so a greeting "
    "counts as much as a long sentence. Add the matches of all texts, add the n-grams "
    "of all texts, then divide.",
    "mean-of-penalties": "The counts are added up now. The brevity penalty is still "
    "an average: it too compares sums, the words of all texts with those of all "
    "references.",
    "joined": "All texts are joined to a single one. Then there are runs across the "
    "borders of texts, and a word may match in any other text. Count each pair by "
    "itself, and add the counts.",
    "no-penalty": "The counts are right, and the brevity penalty is gone. Without it, "
    "saying too little costs nothing.",
    "penalty-inverted": "The brevity penalty is turned round: it must punish texts "
    "that are *shorter* than their references.",
    "arithmetic-mean": "You take the plain mean of the four precisions. BLEU takes the "
    "geometric mean: the mean of the logarithms, then exp.",
    "share": "You return a share from 0 to 1. The card asks for 0 to 100.",
}
READY = "Mend the broken one: leave the course's own BLEU aside."
PARTS = ("corpus_bleu", "bleu_counts", "bleu_from_counts", "sentence_bleu")

CHECK = Check(
    calls,
    {NAME: bleu},
    forbids={f"course_utils.metrics.bleu.{part}": READY for part in PARTS},
    slips=slips(NAME, VERSIONS, TEXTS),
)
