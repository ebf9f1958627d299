"""36-frontier: complete a function that strikes out what nobody should ship."""

import random

from course_utils.answers import Call
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK", "right"]

NAME = "frontier"


def calls(seed: int) -> dict[str, Call]:
    """Return the four of the lesson, ties, one alone, and random ones."""
    dice = random.Random(seed)

    def some(n, levels):
        return [tuple(dice.randrange(1, levels) for _ in range(3)) for _ in range(n)]

    lesson = [(99, 1000, 1), (99, 500, 1), (97, 400, 3), (96, 600, 2)]
    cases = {
        "the four of the lesson": lesson,
        "one alone": [(90, 100, 2)],
        "two alike": [(90, 100, 2), (90, 100, 2), (80, 200, 1)],
        "smaller is better": [(90, 100, 2), (90, 200, 2)],
        "none beats another": [(99, 900, 1), (98, 800, 1), (97, 700, 1)],
        "one beats all": [(50, 900, 1), (60, 800, 2), (70, 100, 9), (65, 300, 3)],
        "many, few values": some(12, 4),
        "many": some(15, 40),
    }
    return {name: Call(NAME, (rows,)) for name, rows in cases.items()}


def right(rows):
    """Return the places of rows that no row beats, in order."""
    good = [(quality, -size, speed) for quality, size, speed in rows]
    kept = []
    for i, mine in enumerate(good):
        rivals = [other for other in good if other != mine]
        if all(any(a > b for a, b in zip(mine, o, strict=True)) for o in rivals):
            kept.append(i)
    return kept


def _by(turn, beats):
    """Return a version with other signs, or another idea of beating."""

    def version(rows):
        good = [turn(*row) for row in rows]
        return [
            i for i, mine in enumerate(good) if not any(beats(o, mine) for o in good)
        ]

    return version


def _usual(quality, size, speed):
    return quality, -size, speed


def _beats(a, b):
    return a != b and all(x >= y for x, y in zip(a, b, strict=True))


def _everywhere(a, b):
    return all(x > y for x, y in zip(a, b, strict=True))


def _somewhere(a, b):
    return any(x > y for x, y in zip(a, b, strict=True))


def _nowhere_worse(a, b):
    return all(x >= y for x, y in zip(a, b, strict=True))


def _first_of_equals(rows):
    return [i for i in right(rows) if rows[i] not in rows[:i]]


VERSIONS = {
    "bytes-not-turned": _by(lambda *row: row, _beats),
    "better-everywhere": _by(_usual, _everywhere),
    "better-somewhere": _by(_usual, _somewhere),
    "beats-itself": _by(_usual, _nowhere_worse),
    "quality-alone": lambda rows: [
        i for i, row in enumerate(rows) if row[0] == max(one[0] for one in rows)
    ],
    "beaten-ones": lambda rows: [i for i in range(len(rows)) if i not in right(rows)],
    "equals-dropped": _first_of_equals,
    "rows-not-places": lambda rows: [rows[i] for i in right(rows)],
}
TEXTS = {
    "bytes-not-turned": "More bytes count as better. Of quality and speed more is "
    "better, of bytes less.",
    "better-everywhere": "You strike out a row only if another is better in *all* "
    "three. It is enough to be nowhere worse, and better in one.",
    "better-somewhere": "You strike out a row as soon as another is better in *one* of "
    "the three. It must also be worse in none.",
    "beats-itself": "Every row is nowhere worse than itself, so each beats itself. Ask "
    "for better somewhere as well.",
    "quality-alone": "Only the best quality is kept. A smaller or faster one may be "
    "what somebody needs.",
    "beaten-ones": "These are the rows that are beaten. Return the others.",
    "equals-dropped": "Of two equal rows the second is missing. Neither beats the "
    "other, so both stay.",
    "rows-not-places": "You return the rows. Return their places in the list.",
}

CHECK = Check(
    calls,
    {NAME: right},
    slips=slips(NAME, VERSIONS, TEXTS),
)
