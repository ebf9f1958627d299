"""31-slope: find what is wrong in a rounding that learns nothing."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson30.inputs import draw
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "mended_rounding"
SECTION = "Train through the rounding"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand and random ones, with the gradient of the weight."""
    step = 0.5
    return {
        "by hand": Call(NAME, (torch.tensor([0.26, -0.74, 0.1]), step), grads=True),
        "random": Call(NAME, (draw(seed, 3, 5), 0.3), grads=True),
        "a wide step": Call(NAME, (draw(seed + 1, 4), 2.0), grads=True),
        "float64": Call(NAME, (draw(seed + 2, 2, 3).double(), step), grads=True),
    }


class _Straight(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, step):
        return torch.round(weight / step) * step

    @staticmethod
    def backward(ctx, grad):
        return grad, None


def _right(weight, step):
    return _Straight.apply(weight, step)


def _no_slope(weight, step):
    return (weight / step).round() * step


def _free_value(weight, step):
    rounded = (weight / step).round() * step
    return rounded + (weight - rounded).detach()


def _unrounded(weight, step):
    return weight * 1.0


def _steps_slope(weight, step):
    levels = weight / step
    return levels + (levels.round() - levels).detach()


def _double(weight, step):
    rounded = (weight / step).round() * step
    return 2 * weight + (rounded - 2 * weight).detach()


TEXTS = {
    "no-slope": (
        _no_slope,
        "The values are right; the gradient is zero, for a staircase is flat. Add the "
        "*detached* difference between rounded and free weight to the free weight.",
    ),
    "detached-the-wrong-one": (
        _free_value,
        "The free weight is used and the staircase gives the slope: just the wrong way "
        "round. The *value* must be rounded, the *slope* that of the free weight.",
    ),
    "not-rounded": (
        _unrounded,
        "Nothing is rounded any more: the slope is right, but the value is free.",
    ),
    "levels-returned": (
        _steps_slope,
        "These are the levels. What the model uses is level times step.",
    ),
    "slope-two": (_double, "The slope is 2. As if nothing had been rounded means 1."),
}

CHECK = Check(
    calls,
    {NAME: _right},
    slips=tuple(
        Slip(name, text, {NAME: version}, SECTION)
        for name, (version, text) in TEXTS.items()
    ),
)
