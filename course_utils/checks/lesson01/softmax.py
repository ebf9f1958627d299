"""01-softmax: complete the function that turns scores into probabilities."""

import math

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

READY = (
    "This exercise is about writing it yourself: leave PyTorch's own function aside, "
    "and use `exp`, a sum and a division."
)


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then other axes, and scores that overflow."""
    x, y = draw(seed, (5, 7), (2, 3, 4))
    far = draw(seed + 1, (3, 6))[0] + torch.tensor([[0.0], [-500.0], [500.0]])
    wide = draw(seed + 2, (4, 3), dtype=torch.float64)[0]
    return {
        "by hand": Call("softmax", (torch.tensor([0.0, math.log(3.0)]),)),
        "the last axis": Call("softmax", (x,), grads=True),
        "the first axis": Call("softmax", (x,), {"dim": 0}, grads=True),
        "an axis in the middle": Call("softmax", (y, 1)),
        "large scores": Call("softmax", (1000 * x,)),
        "very negative scores": Call("softmax", (x - 1000,)),
        "rows far apart": Call("softmax", (far,)),
        "float64": Call("softmax", (wide,)),
    }


def _naive(x, dim=-1):
    powers = x.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


def _one_sum(x, dim=-1):
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / powers.sum()


def _by_largest(x, dim=-1):
    return _naive(x / x.amax(dim=dim, keepdim=True), dim)


def _one_largest(x, dim=-1):
    return _naive(x - x.max(), dim)


def _no_keepdim(x, dim=-1):
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / powers.sum(dim=dim)


def _no_powers(x, dim=-1):
    return x / x.sum(dim=dim, keepdim=True)


def _shifted_shares(x, dim=-1):
    shifted = x - x.amax(dim=dim, keepdim=True)
    return shifted / shifted.sum(dim=dim, keepdim=True)


def _difference_of_powers(x, dim=-1):
    powers = x.exp() - x.amax(dim=dim, keepdim=True).exp()
    return powers / powers.sum(dim=dim, keepdim=True)


def _above_only(x, dim=-1):
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / x.exp().sum(dim=dim, keepdim=True)


def _one_number(x, dim=-1):
    return math.exp(x.detach())


ANSWERS = {
    "difference-of-powers": _difference_of_powers,
    "largest-above-only": _above_only,
    "one-number-only": _one_number,
    "axis-ignored": lambda x, dim=-1: torch.softmax(x, -1),
    "always-first-axis": lambda x, dim=-1: torch.softmax(x, 0),
    "overflow": _naive,
    "one-sum-for-all": _one_sum,
    "one-largest-for-all": _one_largest,
    "sum-lost-its-axis": _no_keepdim,
    "divides-by-largest": _by_largest,
    "no-powers": _no_powers,
    "shares-of-differences": _shifted_shares,
    "not-divided": lambda x, dim=-1: (x - x.amax(dim=dim, keepdim=True)).exp(),
    "logarithms": lambda x, dim=-1: torch.log_softmax(x, dim),
    "only-shifted": lambda x, dim=-1: x - x.amax(dim=dim, keepdim=True),
}
TEXTS = {
    "difference-of-powers": "You take a power away from the powers. Take `largest` "
    "away from the scores first, then raise e to what is left.",
    "largest-above-only": "`largest` is taken away above the fraction line, but not in "
    "the sum below it. The sum must be that of the very same powers.",
    "divides-by-largest": "You divide by the largest score. Subtract it: softmax "
    "depends on the differences between scores alone, and those must stay.",
    "one-number-only": "`math.exp` takes a single number. For a whole tensor there is "
    "`torch.exp(...)`, or the method `.exp()`.",
    "axis-ignored": "The argument `dim` is never used: the probabilities always sum "
    "to 1 along the last axis. Hand `dim` on to the sum.",
    "always-first-axis": "The sum always runs along the first axis. It should run "
    "along `dim`, which is the last axis if nobody says otherwise.",
    "overflow": "Large scores overflow: e to the 1000 is infinite, and very negative "
    "ones give 0/0. Only differences matter, so take `largest` away first.",
    "one-sum-for-all": "You divide by the sum of everything, so all rows together sum "
    "to 1. Each line along `dim` must do so by itself.",
    "one-largest-for-all": "You take away one largest score for all rows. A row whose "
    "scores lie far below it becomes all zeros, and 0/0 is NaN. Each line along `dim` "
    "needs its own largest: that is `largest` in the first line.",
    "sum-lost-its-axis": "The sum lost its axis, so the division pairs the wrong "
    "numbers. `keepdim=True` keeps it, with size 1, as in the first line.",
    "no-powers": "You divide the scores themselves by their sum. Scores can be "
    "negative; raise e to each of them first.",
    "shares-of-differences": "The largest score is taken away, and then nothing is "
    "raised to a power: `.exp()` is missing before the sum.",
    "not-divided": "These are the powers, and they do not sum to 1 yet: divide them "
    "by their *sum* along `dim`.",
    "logarithms": "These are the logarithms of the probabilities. Without `.log()`, "
    "please.",
    "only-shifted": "The largest score is taken away; two steps are left. Raise e to "
    "each of them, then divide by the sum along `dim`.",
}

CHECK = Check(
    calls,
    {"softmax": lambda x, dim=-1: torch.softmax(x, dim)},
    slips=slips("softmax", ANSWERS, TEXTS),
    forbids={"softmax": READY, "log_softmax": READY, "Softmax": READY},
)
