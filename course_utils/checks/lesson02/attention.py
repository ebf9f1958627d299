"""02-attention: rebuild attention, masks included."""

import math

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson02.inputs import attend, holes
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK", "calls", "mask_after", "no_scale", "wrong_axis"]

T, S, D, E = 5, 7, 8, 6
MASK = "The causal mask"


def calls(seed: int) -> dict[str, Call]:
    """Return cases from one by hand to masks, large scores and a row that sees none."""
    one = torch.tensor([[math.sqrt(2.0) * math.log(3.0), 0.0]])
    k = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    v = torch.tensor([[4.0], [8.0]])
    q5, k7, v7 = draw(seed, (T, D), (S, D), (S, E))
    mask, empty = holes(T, S, seed), holes(T, S, seed + 1)
    empty[2] = False
    causal = torch.ones(6, 6, dtype=torch.bool).tril()
    return {
        "by hand": Call("attention", (one, k, v)),
        "no mask": Call("attention", (q5, k7, v7), grads=True),
        "with a mask": Call("attention", (q5, k7, v7, mask), grads=True),
        "causal": Call(
            "attention", (*draw(seed + 2, (6, D), (6, D), (6, E)), causal), grads=True
        ),
        "very low scores": Call("attention", _low_scores(-300.0)),
        "low scores": Call("attention", _low_scores(-30.0)),
        "large scores": Call("attention", (1000 * q5, k7, v7, mask)),
        "a row that may see nothing": Call(
            "attention", (q5, k7, v7, empty), grads=True
        ),
        "float64": Call(
            "attention",
            tuple(draw(seed + 3, (3, 4), (5, 4), (5, 2), dtype=torch.float64)),
        ),
    }


def _low_scores(size: float):
    """Return one query, a key that it may see and one that is hidden, both far below 0.

    A number that is meant to be lower than every score must be lower than these.
    """
    q, k = torch.full((1, 4), size), torch.full((2, 4), -size)
    return q, k, torch.tensor([[1.0], [9.0]]), torch.tensor([[True, False]])


def _weights(q, k, scale=True):
    return q @ k.T / (math.sqrt(q.shape[-1]) if scale else 1)


def _filled(scores, mask, low):
    return scores if mask is None else scores.masked_fill(~mask, low)


def no_scale(q, k, v, mask=None):
    """Forget to divide by √D."""
    return attend(q * math.sqrt(q.shape[-1]), k, v, mask)


def mask_after(q, k, v, mask=None):
    """Mask the finished weights."""
    weights = _weights(q, k).softmax(-1)
    return (weights if mask is None else weights * mask) @ v


def _inverted(q, k, v, mask=None):
    return attend(q, k, v, None if mask is None else ~mask)


def wrong_axis(q, k, v, mask=None):
    """Take the softmax along the queries."""
    scores = _filled(_weights(q, k), mask, -math.inf)
    return scores.softmax(0).nan_to_num() @ v


def _unmasked(q, k, v, mask=None):
    return attend(q, k, v)


def _zeros_not_hidden(q, k, v, mask=None):
    scores = _weights(q, k)
    return (scores if mask is None else scores * mask).softmax(-1) @ v


def _not_low_enough(q, k, v, mask=None):
    return _filled(_weights(q, k), mask, -100.0).softmax(-1) @ v


def _not_low_enough_then_zero(q, k, v, mask=None):
    weights = _filled(_weights(q, k), mask, -100.0).softmax(-1)
    return (weights if mask is None else weights * mask) @ v


def _nan_row(q, k, v, mask=None):
    return _filled(_weights(q, k), mask, -math.inf).softmax(-1) @ v


def _average_row(q, k, v, mask=None):
    return _filled(_weights(q, k), mask, -1e30).softmax(-1) @ v


def _overflow(q, k, v, mask=None):
    powers = _weights(q, k).exp()
    powers = powers if mask is None else powers * mask
    return powers / powers.sum(-1, keepdim=True) @ v


LOW = (
    "Your very negative number is not negative enough: here the allowed scores are "
    "lower still, and the hidden key wins. `torch.finfo(scores.dtype).min` is the "
    "lowest there is."
)

CHECK = Check(
    calls,
    {"attention": attend},
    forbids={
        "scaled_dot_product_attention": "This exercise is about writing it yourself: "
        "leave the ready-made function aside, and use products and a softmax.",
        "attention_weights": "This exercise is about writing it yourself: leave the "
        "course's own function aside, and use products and a softmax.",
    },
    slips=(
        Slip(
            "no-scale",
            "The scale is missing: divide the scores by √D before the softmax.",
            {"attention": no_scale},
            "One more thing: the scale",
        ),
        Slip(
            "mask-after-softmax",
            "The mask comes after the softmax, so hidden keys still take their share "
            "and the rest of a row no longer sums to 1. Hide the scores first.",
            {"attention": mask_after},
            MASK,
        ),
        Slip(
            "mask-inverted",
            "The mask is read the wrong way round: True means “may attend”.",
            {"attention": _inverted},
            MASK,
        ),
        Slip(
            "wrong-axis",
            "The softmax runs along the queries. Each query shares out its attention "
            "among the keys: that is the last axis.",
            {"attention": wrong_axis},
            "As a program: loop first",
        ),
        Slip("mask-ignored", "The mask is never used.", {"attention": _unmasked}, MASK),
        Slip(
            "zero-is-not-hidden",
            "Hidden scores are set to 0, and exp(0) is 1: a hidden key still gets a "
            "share. They must become very negative.",
            {"attention": _zeros_not_hidden},
            MASK,
        ),
        Slip("not-low-enough", LOW, {"attention": _not_low_enough}, MASK),
        Slip("not-low-enough", LOW, {"attention": _not_low_enough_then_zero}, MASK),
        Slip(
            "nan-for-nothing",
            "A query that may attend to nothing gets NaN (−∞ − (−∞)). It must get "
            "zeros: set its weights to 0.",
            {"attention": _nan_row},
            "The code that we keep",
        ),
        Slip(
            "average-of-nothing",
            "A query that may attend to nothing gets the average of all values. It "
            "must get zeros: its weights have to be set to 0.",
            {"attention": _average_row},
            "The code that we keep",
        ),
        Slip(
            "overflow",
            "Large scores overflow: exp(1000) is infinite. `softmax` subtracts the "
            "largest score first; do that too, or use it.",
            {"attention": _overflow},
            "The code that we keep",
        ),
    ),
)
