"""30-zero: transfer the zero-point to any number of bits."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson30.inputs import draw
from course_utils.checks.spec import Check, Slip
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "affine_grid"
SECTION = "When all numbers lie on one side"


def calls(seed: int) -> dict[str, Call]:
    """Return cases by hand, ranges on one side and on both, and few bits."""
    x = draw(seed, 4, 7)
    return {
        "by hand": Call(NAME, (torch.tensor([0.0, 5.1, 2.0]),)),
        "by hand, 2 bits": Call(NAME, (torch.tensor([-1.2, 4.8]), 2)),
        "both sides": Call(NAME, (x,)),
        "3 bits": Call(NAME, (x + 0.7, 3)),
        "4 bits": Call(NAME, (x - 0.4, 4)),
        "all positive": Call(NAME, (x.abs() + 2, 5)),
        "all negative": Call(NAME, (-x.abs() - 3, 4)),
        "float64": Call(NAME, (x.double() + 1,)),
    }


def _right(x, bits=8):
    low, high = float(min(0.0, x.min())), float(max(0.0, x.max()))
    step = (high - low) / (2**bits - 1)
    zero = round(-low / step) - 2 ** (bits - 1)
    return torch.tensor([step, zero], dtype=x.dtype)


def _version(range_of=None, steps=None, start=None, zero=None):
    def wrong(x, bits=8):
        low, high = range_of(x) if range_of else (x.min().clamp(max=0), x.max())
        high = high if range_of else high.clamp(min=0)
        step = (high - low) / (steps(bits) if steps else 2**bits - 1)
        first = start(bits) if start else -(2 ** (bits - 1))
        return torch.stack(
            [step, zero(low, step, first) if zero else (first - low / step).round()]
        )

    return {NAME: wrong}


def _always_8(x, bits=8):
    return _right(x)


def _of_class(answer, room, x, *given, **options):
    """Leave room at both ends of the range."""
    return answer(room * x, *given, **options)


def _card(room) -> str:
    return (
        f"Later inputs may be larger: make the range {room} times as wide, both its "
        f"ends, before it is divided. (By hand: the scale is {2 * room:g}.)"
    )


CHECK = Check(
    calls,
    {NAME: _right},
    slips=(
        Slip(
            "always-8-bits",
            "The lesson's case is right. `bits` changes nothing yet.",
            {NAME: _always_8},
        ),
        Slip(
            "zero-left-out",
            "The range does not always include 0. Then 0.0 has no integer of its own, "
            "and padding is no longer exactly zero.",
            _version(range_of=lambda x: (x.min(), x.max())),
            SECTION,
        ),
        Slip(
            "one-step-too-many",
            "2ᵇ integers have only 2ᵇ - 1 steps between them, as five fingers have "
            "four gaps.",
            _version(steps=lambda bits: 2**bits),
            SECTION,
        ),
        Slip(
            "starts-at-zero",
            "Your integers start at 0. The card's start at -2ᵇ⁻¹, as those of int8 do.",
            _version(start=lambda bits: 0),
            SECTION,
        ),
        Slip(
            "starts-at-128",
            "The smallest integer is -128 whatever `bits` says. With b bits it is "
            "-2ᵇ⁻¹.",
            _version(start=lambda bits: -128),
            SECTION,
        ),
        Slip(
            "not-an-integer",
            "The zero-point is not rounded. It must be one of the integers, so that "
            "0.0 comes back as exactly 0.0.",
            _version(zero=lambda low, step, first: first - low / step),
            SECTION,
        ),
        Slip(
            "sign-turned",
            "The sign of the lowest number is turned: the zero-point must make *low* "
            "the first integer, so z = first - low / scale.",
            _version(zero=lambda low, step, first: (first + low / step).round()),
            SECTION,
        ),
    ),
    vary=varied("30-zero", [n / 20 for n in range(21, 60)], _card, _of_class),
)
