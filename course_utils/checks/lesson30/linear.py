"""30-linear: rebuild the layer that multiplies integers."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson30.inputs import draw, integers
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "int8_linear"
MULTIPLY = "Multiply in integers"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then batches, biases, loud tokens, extremes."""
    q, scale = integers(seed, 5, 12), draw(seed + 1, 5, 1).abs() / 100
    bias, x = draw(seed + 2, 5), draw(seed + 3, 2, 3, 12)
    loud = x * torch.tensor([1.0, 1000.0, 0.001]).view(1, 3, 1)
    hand = torch.tensor([[1.27, -0.5]]), torch.tensor([[2, 3]], dtype=torch.int8)
    most = torch.full((3, 12), 127, dtype=torch.int8)
    return {
        "by hand": Call(NAME, (*hand, torch.tensor([[0.1]]))),
        "a batch": Call(NAME, (x, q, scale)),
        "with a bias": Call(NAME, (x, q, scale, bias)),
        "one token": Call(NAME, (x[0, 0], q, scale, bias)),
        "loud and quiet tokens": Call(NAME, (loud, q, scale)),
        "a large sum": Call(NAME, (torch.ones(2, 12), most, torch.ones(3, 1))),
        "float64": Call(NAME, (x.double(), q, scale.double(), bias.double())),
    }


def _right(x, weight, scale, bias=None):
    rows = []
    for token in x.reshape(-1, x.shape[-1]):
        step = token.abs().max() / 127
        seen = torch.floor(token / step + 0.5)
        rows.append(step * scale[:, 0] * (weight.to(x.dtype) * seen).sum(-1))
    out = torch.stack(rows)
    out = out if bias is None else out + bias
    return out.view(*x.shape[:-1], len(weight))


def _parts(x, dim=-1):
    axes = tuple(range(x.dim())) if dim is None else dim
    step = x.abs().amax(axes, keepdim=True) / 127
    return (x / step).round(), step


def _version(seen=None, finish=None):
    def wrong(x, weight, scale, bias=None):
        q, step = seen(x) if seen else _parts(x)
        out = q @ weight.to(x.dtype).T
        out = finish(out, step, scale) if finish else out * step * scale[:, 0]
        return out if bias is None else out + bias

    return {NAME: wrong}


def _overflow(x, weight, scale, bias=None):
    q, step = _parts(x)
    total = (q @ weight.to(x.dtype).T).long()
    out = ((total + 128) % 256 - 128).to(x.dtype) * step * scale[:, 0]
    return out if bias is None else out + bias


def _no_bias(x, weight, scale, bias=None):
    return _version()[NAME](x, weight, scale)


def _bias_inside(x, weight, scale, bias=None):
    q, step = _parts(x)
    total = q @ weight.to(x.dtype).T
    return (total if bias is None else total + bias) * step * scale[:, 0]


CHECK = Check(
    calls,
    {NAME: _right},
    slips=(
        Slip(
            "per-tensor",
            "All tokens share one scale, so quiet tokens vanish beside a loud one. "
            "Each token has its own: the maximum along the last axis.",
            _version(seen=lambda x: _parts(x, None)),
            "Who shares a scale?",
        ),
        Slip(
            "not-quantized",
            "x is not rounded: this is the product of floats with the weight turned "
            "back. Bring x on its own grid first, then multiply integers.",
            _version(seen=lambda x: (x, 1.0)),
            MULTIPLY,
        ),
        Slip(
            "token-scale-forgotten",
            "The scale of the tokens is missing from the result: x was divided by it, "
            "so the sum must be multiplied by it.",
            _version(finish=lambda out, step, scale: out * scale[:, 0]),
            MULTIPLY,
        ),
        Slip(
            "row-scale-forgotten",
            "The scale of the weight's rows is missing from the result.",
            _version(finish=lambda out, step, scale: out * step),
            MULTIPLY,
        ),
        Slip(
            "overflow",
            "The sum is kept in one byte, and wraps around: 127 + 1 becomes -128. "
            "Add up in 32 bits (or in floats, which hold integers up to 2²⁴).",
            {NAME: _overflow},
            MULTIPLY,
        ),
        Slip("bias-ignored", "The bias is not added.", {NAME: _no_bias}, MULTIPLY),
        Slip(
            "bias-scaled",
            "The bias is added before the scales, so it is multiplied by them. It is a "
            "float in the unit of the output: add it last.",
            {NAME: _bias_inside},
            MULTIPLY,
        ),
        Slip(
            "cut-not-rounded",
            "x is cut to integers, not rounded to the nearest.",
            _version(seen=lambda x: (_parts(x)[1], (x / _parts(x)[1]).trunc())[::-1]),
            "Numbers on a grid",
        ),
    ),
    forbids={
        "course_utils.smaller.int8.int8_linear": "This exercise is about writing it "
        "yourself: leave the course's own function aside.",
    },
    rtol=1e-4,
)
