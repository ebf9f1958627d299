"""30-grid: complete the way to integers, a scale for each row."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson30.inputs import draw
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "to_int8"
SHARES = "Who shares a scale?"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, random matrices, loud rows and another dtype."""
    loud = draw(seed + 1, 5, 9)
    loud[3] *= 1000
    return {
        "by hand": Call(
            NAME, (torch.tensor([[1.27, -0.5, 0.123], [0.0, 0.2, -2.54]]),)
        ),
        "random": Call(NAME, (draw(seed, 7, 11),)),
        "a loud row": Call(NAME, (loud,)),
        "a negative extreme": Call(NAME, (draw(seed + 2, 3, 6) - 4,)),
        "float64": Call(NAME, (draw(seed + 3, 4, 5, dtype=torch.float64),)),
    }


def _right(x):
    levels, scales = [], []
    for row in x:
        step = max(abs(row.min()), abs(row.max())) / 127
        levels.append(torch.floor(row / step + 0.5))
        scales.append(step)
    return torch.stack(levels).to(torch.int8), torch.stack(scales)[:, None]


def _version(scale=None, levels=None):
    def wrong(x):
        s = scale(x) if scale else x.abs().amax(-1, keepdim=True) / 127
        return (levels(x, s) if levels else (x / s).round().to(torch.int8)), s

    return {NAME: wrong}


CHECK = Check(
    calls,
    {NAME: _right},
    slips=(
        Slip(
            "cut-not-rounded",
            "The integers are cut, not rounded: turning 12.7 into an int8 gives 12. "
            "Round first, and the error is at most half a step, not a whole one.",
            _version(levels=lambda x, s: (x / s).to(torch.int8)),
            "Numbers on a grid",
        ),
        Slip(
            "sign-forgotten",
            "The scale comes from the largest number, but the largest *size* may be "
            "that of a negative one. Then it lies beyond the byte.",
            _version(scale=lambda x: x.amax(-1, keepdim=True) / 127),
            "Numbers on a grid",
        ),
        Slip(
            "per-tensor",
            "All rows share one scale, so a loud row makes the grid of the quiet ones "
            "coarse. Take the maximum along each row.",
            _version(scale=lambda x: (x.abs().max() / 127).expand(len(x), 1)),
            SHARES,
        ),
        Slip(
            "per-column",
            "The scales belong to the columns. Rows share one here: `dim=-1` runs "
            "along a row.",
            _version(scale=lambda x: x.abs().amax(0, keepdim=True) / 127),
            SHARES,
        ),
        Slip(
            "axis-lost",
            "The scales have no axis of size 1 left, so the first would belong to the "
            "first *column*. Keep it: `keepdim=True`.",
            {NAME: lambda x: (_right(x)[0], _right(x)[1][:, 0])},
            SHARES,
        ),
        Slip(
            "not-a-byte",
            "The integers are right, but they are still kept as floats of 4 bytes: "
            "nothing is saved. `.to(torch.int8)` makes them bytes.",
            _version(levels=lambda x, s: (x / s).round()),
            "Numbers on a grid",
        ),
        Slip(
            "multiplied",
            "You multiply by the scale. It is the distance between two grid points: "
            "how *many* of them fit into x says x divided by it.",
            _version(levels=lambda x, s: (x * s).round().to(torch.int8)),
            "Numbers on a grid",
        ),
    ),
)
