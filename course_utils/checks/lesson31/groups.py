"""31-groups: rebuild the rounding in groups."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson30.inputs import draw
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "round_in_groups"
GRID = "A coarse grid"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then sizes and bits, weights far outside, float64."""
    hand = torch.tensor([[3.0, -3.0, 0.9, -5.0, 0.3, 0.1, -0.1, -0.3]])
    wide = 30 * draw(seed + 4, 3, 6)
    return {
        "by hand": Call(NAME, (hand, torch.tensor([[2.0, 0.2]]), 2)),
        "4 bits": Call(NAME, (draw(seed, 3, 12), _scale(seed, 3, 4), 4)),
        "3 bits": Call(NAME, (draw(seed + 1, 5, 8), _scale(seed + 1, 5, 2), 3)),
        "one group": Call(NAME, (draw(seed + 2, 2, 7), _scale(seed + 2, 2, 1), 4)),
        "far outside": Call(NAME, (wide, _scale(seed + 3, 3, 3), 3)),
        "float64": Call(
            NAME, (draw(seed + 5, 2, 6).double(), _scale(seed, 2, 3).double(), 2)
        ),
    }


def _scale(seed: int, *shape: int) -> torch.Tensor:
    return draw(seed + 50, *shape).abs() / 3 + 0.1


def _right(weight, scale, bits):
    group = weight.shape[1] // scale.shape[1]
    half = 2 ** (bits - 1)
    places = torch.arange(-half, half).to(weight.dtype) + 0.5
    out = torch.empty_like(weight)
    for n in range(weight.shape[0]):
        for c in range(weight.shape[1]):
            every = places * scale[n, c // group]
            out[n, c] = every[(every - weight[n, c]).abs().argmin()]
    return out


def _version(half=0.5, cut=True, low=None, spread=None):
    def wrong(weight, scale, bits):
        group = weight.shape[1] // scale.shape[1]
        every = spread(scale, weight) if spread else scale.repeat_interleave(group, 1)
        levels = (weight / every - half).round()
        most = 2 ** (bits - 1)
        if cut:
            levels = levels.clamp(-most if low is None else low(most), most - 1)
        return (levels + half) * every

    return {NAME: wrong}


def _half_lost(weight, scale, bits):
    every = scale.repeat_interleave(weight.shape[1] // scale.shape[1], 1)
    most = 2 ** (bits - 1)
    return (weight / every - 0.5).round().clamp(-most, most - 1) * every


CHECK = Check(
    calls,
    {NAME: _right},
    slips=(
        Slip(
            "no-half",
            "This is the grid of lesson 30, with a point at 0. Here level q stands for "
            "scale · (q + ½).",
            _version(half=0.0),
            GRID,
        ),
        Slip(
            "half-lost",
            "The half is taken away before rounding and not added again: every number "
            "lies half a step too low.",
            {NAME: _half_lost},
            GRID,
        ),
        Slip(
            "not-cut",
            "Levels beyond the last one are used: 2 bits have four levels, -2 to 1. "
            "`clamp` cuts.",
            _version(cut=False),
            GRID,
        ),
        Slip(
            "one-level-lost",
            "The lowest level is never used. There are as many below as above: "
            "-2ᵇ⁻¹ to 2ᵇ⁻¹ - 1.",
            _version(low=lambda most: 1 - most),
            GRID,
        ),
        Slip(
            "groups-interleaved",
            "A group are *neighbors*: the first g weights of a row, then the next g. "
            "You give every K-th weight the same scale.",
            _version(
                spread=lambda s, w: s.repeat(1, w.shape[1] // s.shape[1]),
            ),
            "Groups",
        ),
        Slip(
            "first-scale-only",
            "The whole row uses the scale of its first group.",
            _version(spread=lambda s, w: s[:, :1].expand_as(w)),
            "Groups",
        ),
    ),
    forbids={
        "course_utils.smaller.few_bits.rounded": "This exercise is about writing it "
        "yourself: leave the course's own function aside.",
    },
)
