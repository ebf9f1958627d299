"""04-angles: complete the angle of every hand at every position."""

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]


def calls(seed: int) -> dict[str, Call]:
    """Return the lesson's table of two hands, then sizes that all differ."""
    T, pairs = 5 + seed % 4, 3 + seed % 3
    return {
        "by hand": Call("angles", (3, 4)),
        "more hands than positions": Call("angles", (T, 4 * pairs)),
        "one position": Call("angles", (1, 6)),
        "one hand": Call("angles", (7, 2)),
        "many positions": Call("angles", (300, 10)),
    }


def version(speed, first=0):
    """Return angles with the speed of hand i in width C given by `speed(i, C)`."""

    def angles(max_len, d_model):
        speeds = [float(speed(i, d_model)) for i in range(d_model // 2)]
        rows = [[t * w for w in speeds] for t in range(first, max_len + first)]
        return torch.tensor(rows, dtype=torch.float32).reshape(max_len, -1)

    return angles


def _right(i, C):
    return 1 / 10000 ** (2 * i / C)


def _no_column(max_len, d_model):
    return torch.arange(max_len) * version(_right)(2, d_model)[1]


VERSIONS = {
    "two-forgotten": version(lambda i, C: 10000 ** (-i / C)),
    "sign-forgotten": version(lambda i, C: 10000 ** (2 * i / C)),
    "from-one": version(_right, first=1),
    "two-twice": version(lambda i, C: 10000 ** (-4 * i / C)),
    "whole-numbers": version(lambda i, C: 10000.0 ** (-2 * i // C)),
    "not-a-power": version(lambda i, C: 2 * i / C / 10000),
    "no-column": _no_column,
    "speeds-alone": lambda T, C: version(_right, first=1)(1, C).expand(T, -1).clone(),
}
TEXTS = {
    "two-forgotten": "The exponent is −2i/C; you have −i/C. With it the slowest hand "
    "turns about 100 times too fast, since i only goes up to C/2.",
    "sign-forgotten": "The exponent must be negative. Hand 0 is the fastest, at speed "
    "1; each further hand turns more slowly.",
    "from-one": "Positions count from 0: at the start of a text all hands stand at 0.",
    "two-twice": "The exponent is −2i/C, with C the whole width. You divide by the "
    "number of hands, or have multiplied by 2 twice.",
    "whole-numbers": "`//` rounds the exponent to a whole number. A fraction is "
    "wanted: a plain `/`.",
    "not-a-power": "2i/C is an exponent: 10000 ** (…), not a product or quotient.",
    "no-column": "Positions and speeds are two rows, and are multiplied number by "
    "number. For a table one of them must be a column: `positions[:, None]`.",
    "speeds-alone": "Every row holds the speeds. The angle at position t is t times "
    "as much.",
}

CHECK = Check(
    calls,
    {"angles": version(_right)},
    slips=slips("angles", VERSIONS, TEXTS),
)
