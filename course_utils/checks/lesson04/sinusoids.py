"""04-sinusoids: rebuild the table, and the module that adds it."""

import torch
from torch import nn

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson04.inputs import TABLE, table_of
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

MODULE = "SinusoidalPositions"


def calls(seed: int) -> dict[str, Call]:
    """Return tables first, then the module: dtype, length, what it saves."""
    x, y = draw(seed, (3, 5, 6), (2, 7, 4))
    zeros = torch.zeros(2, 4, 8, dtype=torch.bfloat16)

    def add(one, d_model, max_len, grads=False):
        return Call(MODULE, (d_model, max_len), inputs=(one,), state={}, grads=grads)

    return {
        "by hand": Call("sinusoid_table", (3, 4)),
        "a table": Call("sinusoid_table", (50, 12)),
        "one position": Call("sinusoid_table", (1, 6)),
        "a long table": Call("sinusoid_table", (500, 2)),
        "an odd width": Call("sinusoid_table", (3, 5)),
        "add to words": add(x, 6, 9, grads=True),
        "as long as the table": add(y, 4, 7),
        "float64": add(y.double(), 4, 10),
        "bfloat16": add(zeros, 8, 6),
        "longer than the table": add(x, 6, 4),
    }


def _right(max_len, d_model):
    if d_model % 2:
        raise ValueError(f"{d_model} is odd")
    return table_of(torch.arange(max_len), d_model)


def _halves(max_len, d_model):
    table = _right(max_len, d_model)
    return torch.cat([table[:, 0::2], table[:, 1::2]], dim=-1)


def _cosine_first(max_len, d_model):
    return _right(max_len, d_model).unflatten(-1, (-1, 2)).flip(-1).flatten(1)


def _from_one(max_len, d_model):
    return _right(max_len + 1, d_model)[1:]


def powered(exponent):
    """Return a table with another exponent for channel c of C."""

    def table(max_len, d_model):
        _right(1, d_model)
        c = torch.arange(d_model)
        angles = torch.arange(max_len)[:, None] * 10000.0 ** exponent(c, d_model)
        return torch.where(c % 2 == 0, angles.sin(), angles.cos())

    return table


def _whole_turns(max_len, d_model):
    _right(1, d_model)
    hand = torch.arange(0, d_model, 2) / d_model
    turned = 2 * torch.pi * torch.arange(max_len)[:, None] / 10000.0**hand
    return torch.stack([turned.sin(), turned.cos()], dim=-1).flatten(1)


def _sines_only(max_len, d_model):
    table = _right(max_len, d_model)
    return table[:, 0::2].repeat_interleave(2, dim=1)


class Add(nn.Module):
    """A right module for any table; its small methods are what slips replace."""

    make = staticmethod(_right)
    longest = 0  # how many words more, or fewer, than the table has rows

    def __init__(self, d_model, max_len):
        super().__init__()
        self.rows = [row[None] for row in self.make(max_len, d_model)]

    def forward(self, x):
        if x.shape[1] > len(self.rows) + self.longest:
            raise ValueError("too long")
        return self.join(x, torch.cat(self.rows[: x.shape[1]]).to(x.dtype))

    def join(self, x, table):
        """Put the positions into the vectors."""
        return x + table


def both(table):
    """Return a wrong table, and the module that adds it."""
    kind = type("Wrong", (Add,), {"make": staticmethod(table)})
    return {"sinusoid_table": table, MODULE: kind}


def module(**methods):
    """Return a right table with a wrong module."""
    return {MODULE: type("Wrong", (Add,), methods)}


def _saved(name):
    def start(self, d_model, max_len):
        Add.__init__(self, d_model, max_len)
        self.register_buffer(name, _right(max_len, d_model))

    return module(__init__=start)


SLIPS = (
    (
        "sines-then-cosines",
        "All sines stand left, all cosines right. Sine and cosine of one hand belong "
        "side by side: sin, cos, sin, cos, …",
        both(_halves),
    ),
    (
        "cosine-first",
        "Sine and cosine have changed places: the even channels hold the sines.",
        both(_cosine_first),
    ),
    (
        "from-one",
        "Positions count from 0: the first row is sin 0, cos 0, …, that is 0, 1, 0, 1.",
        both(_from_one),
    ),
    (
        "a-speed-per-channel",
        "Every channel turns at a speed of its own. Sine and cosine are the two "
        "shadows of *one* hand: channels 2i and 2i + 1 share the exponent −2i/C.",
        both(powered(lambda c, C: -c / C)),
    ),
    (
        "two-forgotten",
        "The exponent of hand i is −2i/C; you have −i/C, so the slow hands turn far "
        "too fast.",
        both(powered(lambda c, C: -(c // 2) / C)),
    ),
    (
        "sign-forgotten",
        "The exponent must be negative: hand 0 is the fastest, further hands turn "
        "more slowly.",
        both(powered(lambda c, C: 2 * (c // 2) / C)),
    ),
    (
        "whole-turns",
        "The angles are 2π times too large. The speeds are in radians: hand 0 turns by "
        "1 at each position, not by a whole turn.",
        both(_whole_turns),
    ),
    (
        "sines-only",
        "There are sines only. A sine alone does not say where a hand points: two "
        "places of the circle share it. The odd channels hold the cosines.",
        both(_sines_only),
    ),
)
MODULE_SLIPS = (
    (
        "table-saved",
        "The table is among the weights that are saved and loaded, and the "
        "translator's file does not have it: a formula needs no file. Register it as "
        "a buffer with `persistent=False`.",
        _saved("table"),
    ),
    (
        "table-saved",
        "The table is among the weights that are saved and loaded, and the "
        "translator's file does not have it: a formula needs no file. Register it as "
        "a buffer with `persistent=False`.",
        _saved("pe"),
    ),
    (
        "too-strict",
        "A text exactly as long as the table is refused. It has a row for every word; "
        "only longer ones have none.",
        module(longest=-1),
    ),
    (
        "replaced",
        "Only the positions come out; the words are gone. The table is added to them.",
        module(join=lambda self, x, table: 0 * x + table),
    ),
    (
        "multiplied",
        "The words are multiplied by the table. It is added.",
        module(join=lambda self, x, table: x * table),
    ),
    (
        "scaled",
        "The words are multiplied by √C before the addition. The paper does that too, "
        "but outside of this module; here the words stay as they are.",
        module(join=lambda self, x, table: x * x.shape[-1] ** 0.5 + table),
    ),
    (
        "one-row-for-all",
        "All words get the same row of the table. Word t gets row t.",
        module(join=lambda self, x, table: x + table[-1]),
    ),
)

CHECK = Check(
    calls,
    {"sinusoid_table": _right, MODULE: Add},
    atol=1e-4,
    forbids={
        f"course_utils.positions.{name}": "This exercise is about writing it yourself: "
        "leave the course's own version aside."
        for name in ("sinusoid_table", MODULE)
    },
    slips=tuple(
        [Slip(*slip, section=TABLE) for slip in SLIPS]
        + [Slip(*slip) for slip in MODULE_SLIPS]
    ),
)
