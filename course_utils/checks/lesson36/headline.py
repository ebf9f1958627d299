"""36-headline: mend a sentence that boasts with the numbers of two models."""

import random

from course_utils.answers import Call
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "mended_headline"


def calls(seed: int) -> dict[str, Call]:
    """Return two rows by hand, then random boards, some of which nothing fits."""
    dice = random.Random(seed)

    def rows(n):
        first = (99.0, 1000, 1.0)
        more = [
            (dice.choice([99.5, 98.5, 97.0, 90.0]), dice.randrange(50, 900, 7), speed)
            for speed in (dice.randrange(2, 40) / 4 for _ in range(n))
        ]
        return [first, *more]

    return {
        "by hand": Call(NAME, ([(99, 1000, 1.0), (98, 500, 2.0), (98.5, 250, 1.5)],)),
        "the smallest is bad": Call(
            NAME, ([(99, 1000, 1.0), (60, 10, 9.0), (98, 500, 2.0)],)
        ),
        "the reference alone": Call(NAME, ([(99, 1000, 1.0)],)),
        "exactly one point": Call(NAME, ([(99, 1000, 1.0), (98, 200, 3.0)],)),
        "slower, but smaller": Call(NAME, ([(99, 1000, 1.0), (99, 400, 0.5)],)),
        "another loss": Call(
            NAME, ([(99, 1000, 1.0), (95, 100, 4.0), (98, 500, 2.0)],), {"loss": 5}
        ),
        "many": Call(NAME, (rows(9),)),
        "many more": Call(NAME, (rows(14),), {"loss": 2}),
    }


def _pick(rows, loss=1.0):
    reference = rows[0]
    fitting = [row for row in rows if row[0] >= reference[0] - loss]
    row = min(fitting, key=lambda one: one[1])
    return reference[1] / row[1], row[2] / reference[2]


def _two_models(rows, loss=1.0):
    reference = rows[0]
    fitting = [row for row in rows if row[0] >= reference[0] - loss]
    return reference[1] / min(r[1] for r in fitting), max(r[2] for r in fitting)


def _no_quality(rows, loss=1.0):
    return _pick(rows, 1e9)


def _both(rows, loss=1.0):
    return _two_models(rows, 1e9)


def _strict(rows, loss=1.0):
    reference, *others = rows
    fitting = [reference, *(row for row in others if row[0] > reference[0] - loss)]
    return _pick(fitting, 1e9)


def _fastest(rows, loss=1.0):
    reference = rows[0]
    fitting = [row for row in rows if row[0] >= reference[0] - loss]
    row = max(fitting, key=lambda one: one[2])
    return reference[1] / row[1], row[2] / reference[2]


def _one_point(rows, loss=1.0):
    return _pick(rows, 1.0)


def _upside_down(rows, loss=1.0):
    small, fast = _pick(rows, loss)
    return 1 / small, fast


VERSIONS = {
    "nothing-mended": _both,
    "two-models": _two_models,
    "quality-ignored": _no_quality,
    "strict": _strict,
    "fastest": _fastest,
    "loss-ignored": _one_point,
    "upside-down": _upside_down,
}
TEXTS = {
    "nothing-mended": "The two numbers still come from two models, and the quality "
    "is not looked at: the smallest may translate nothing.",
    "two-models": "The quality counts now, but the size is one model's and the speed "
    "another's. Choose *one* row first, then read both numbers off it.",
    "quality-ignored": "Both numbers belong to one model now. But it may be one that "
    "lost too much: only rows within `loss` of the reference may be chosen.",
    "strict": "A row that has lost exactly `loss` points is still allowed.",
    "fastest": "You choose the fastest of those that fit. The card asks for the "
    "smallest.",
    "loss-ignored": "The argument `loss` is never used: one point is always allowed.",
    "upside-down": "“Times smaller” is the reference's bytes by the model's: a number "
    "above 1 when the model is smaller.",
}

CHECK = Check(
    calls,
    {NAME: _pick},
    slips=slips(NAME, VERSIONS, TEXTS),
)
