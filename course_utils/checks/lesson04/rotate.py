"""04-rotate: transfer a rotation to queries and keys, whole or in part."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson04.inputs import hands
from course_utils.checks.spec import Check, slips
from course_utils.checks.variants import varied

__all__ = ["CHECK", "right"]


def calls(seed: int) -> dict[str, Call]:
    """Return one arrow by hand, heads, later positions, and a part of the channels."""
    heads, x, part = draw(seed, (2, 3, 5, 8), (4, 6), (2, 4, 10))
    (double,) = draw(seed + 1, (3, 4), dtype=torch.float64)
    arrow = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    first = torch.tensor([1.0, 0.0] * 2, dtype=torch.bfloat16).expand(3, 4)
    return {
        "by hand": Call("rotate", (arrow, torch.tensor([0, 1, 1]))),
        "heads": Call("rotate", (heads, torch.arange(5)), grads=True),
        "from position 100": Call("rotate", (x, torch.arange(100, 104))),
        "positions in any order": Call("rotate", (x[:3], torch.tensor([7, 0, 3]))),
        "4 of 10 channels": Call(
            "rotate", (part, torch.arange(2, 6)), {"turned": 4}, grads=True
        ),
        "6 of 8 channels": Call("rotate", (heads, torch.arange(5)), {"turned": 6}),
        "all channels": Call("rotate", (x, torch.arange(4)), {"turned": 6}),
        "float64": Call("rotate", (double, torch.arange(3))),
        "bfloat16": Call("rotate", (first, torch.arange(3)), {"turned": 2}),
    }


def right(x, positions, turned=None, clock=None, pairs=None):
    """Multiply complex numbers; `clock` makes the hands, `pairs` picks the channels."""
    turned = x.shape[-1] if turned is None else turned
    numbers = hands(positions, turned) if clock is None else clock(positions, turned)
    first, rest = x[..., :turned], x[..., turned:]
    place = torch.arange(turned).view(-1, 2) if pairs is None else pairs(turned)
    arrows = torch.view_as_complex(first[..., place].double().contiguous()) * numbers
    out = torch.view_as_real(arrows).flatten(-2).to(x.dtype)
    return torch.cat([out[..., place.flatten().argsort()], rest], dim=-1)


def _changed(**how):
    return lambda x, positions, turned=None: right(x, positions, turned, **how)


def _power(exponent):
    """Return a clock whose hand i turns by 10000 ** exponent(i, width)."""

    def clock(positions, width):
        i = torch.arange(width // 2)
        angles = positions.double()[:, None] * 10000.0 ** exponent(i, width)
        return torch.polar(torch.ones_like(angles), angles)

    return clock


def _not_woven(x, positions, turned=None):
    turned = x.shape[-1] if turned is None else turned
    out = right(x, positions, turned)
    parts = out[..., :turned:2], out[..., 1:turned:2], out[..., turned:]
    return torch.cat(parts, dim=-1)


def _mirrored(x, positions, turned=None):
    signs = torch.ones(x.shape[-1], dtype=x.dtype)
    signs[1 : len(signs) if turned is None else turned : 2] = -1
    return right(x * signs, positions, turned)


def one_sign(x, positions, turned=None):
    """a cos + b sin, a sin + b cos: no minus anywhere."""
    turned = x.shape[-1] if turned is None else turned
    clock, part = hands(positions, turned), x[..., :turned].unflatten(-1, (-1, 2))
    cos, sin = clock.real.to(x.dtype), clock.imag.to(x.dtype)
    a, b = part.unbind(-1)
    pairs = torch.stack([a * cos + b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    return torch.cat([pairs, x[..., turned:]], dim=-1)


def half_new(x, positions, turned=None):
    """The second line reads the first channel after it has changed."""
    turned = x.shape[-1] if turned is None else turned
    clock, part = hands(positions, turned), x[..., :turned].unflatten(-1, (-1, 2))
    cos, sin = clock.real.to(x.dtype), clock.imag.to(x.dtype)
    a, b = part.unbind(-1)
    a = a * cos - b * sin
    pairs = torch.stack([a, a * sin + b * cos], dim=-1).flatten(-2)
    return torch.cat([pairs, x[..., turned:]], dim=-1)


def _counted(x, positions, turned=None):
    return right(x, torch.arange(len(positions)), turned)


def _whole_clock(x, positions, turned=None):
    D = x.shape[-1]
    clock = hands(positions, D)[:, : (D if turned is None else turned) // 2]
    return right(x, positions, turned, clock=lambda positions, width: clock)


def _dropped(x, positions, turned=None):
    return right(x, positions, turned)[..., :turned]


def not_flattened(x, positions, turned=None):
    """Stop at (..., T, D/2, 2)."""
    out = right(x, positions, turned)
    if out.shape[-1] == turned or turned is None:
        return out.unflatten(-1, (-1, 2))
    raise RuntimeError("no way to join the rest")


def _all_turned(x, positions, turned=None):
    return right(x, positions)


def _last_turned(x, positions, turned=None):
    cut = 0 if turned is None else x.shape[-1] - turned
    return torch.cat([x[..., :cut], right(x[..., cut:], positions)], dim=-1)


def _added(x, positions, turned=None):
    turned = x.shape[-1] if turned is None else turned
    code = torch.view_as_real(hands(positions, turned)).flip(-1).flatten(-2)
    return torch.cat([x[..., :turned] + code.to(x.dtype), x[..., turned:]], dim=-1)


VERSIONS = {
    "backwards": _changed(clock=lambda t, width: hands(t, width).conj()),
    "mirrored": _mirrored,
    "one-sign": one_sign,
    "half-new": half_new,
    "halves": _changed(pairs=lambda n: torch.arange(n).view(2, -1).T),
    "not-woven": _not_woven,
    "same-speed": _changed(clock=_power(lambda i, C: 0.0 * i)),
    "two-forgotten": _changed(clock=_power(lambda i, C: -i / C)),
    "positions-ignored": _counted,
    "clock-of-all": _whole_clock,
    "not-flattened": not_flattened,
    "rest-dropped": _dropped,
    "turned-ignored": _all_turned,
    "last-turned": _last_turned,
    "added": _added,
}
TEXTS = {
    "backwards": "The arrows turn backwards: the minus belongs to the first channel, "
    "a·cos − b·sin. (A dot product would not notice, a colleague's weights would.)",
    "mirrored": "The second channel of each arrow is turned over first: that is a "
    "mirror, not a turn. At position 0 nothing may change.",
    "one-sign": "Without a minus this is no turn: arrows change their length. One of "
    "the two sums is a difference, a·cos − b·sin.",
    "half-new": "The second sum uses the *new* a, which the first has just written. "
    "Both need the old one: keep it until both are computed.",
    "halves": "The pairs are other ones: you take channel i with channel i + half the "
    "width. Here neighbors form an arrow, (0, 1), (2, 3), …",
    "not-woven": "The numbers are right, but all first channels stand left and all "
    "second ones right. Weave them together again: a stack in a new last axis, then "
    "flatten.",
    "same-speed": "All arrows turn at the same speed. Arrow i turns by 10000^(−2i/D) "
    "at each position.",
    "two-forgotten": "The exponent of arrow i is −2i/D; you have −i/D.",
    "positions-ignored": "You count 0, 1, 2, … instead of reading `positions`. A text "
    "may begin anywhere, and then the angles are others.",
    "clock-of-all": "With `turned` given, the speeds are those of a vector of that "
    "width: 10000^(−2i/turned), not 10000^(−2i/D).",
    "not-flattened": "The arrows are right, but each pair still has an axis of its "
    "own. Flatten the last two axes.",
    "rest-dropped": "The channels after the first `turned` are missing. They come out "
    "as they went in.",
    "turned-ignored": "`turned` changes nothing: all channels are still turned.",
    "last-turned": "The last channels turn and the first ones stay. It is to be the "
    "other way round.",
    "added": "The code is added, as in `SinusoidalPositions`. Here nothing is added: "
    "the vector itself turns.",
}


def _of_class(answer, stretch, x, positions, turned=None):
    """Stretch the positions: a longer text in the range that a model has learned."""
    return answer(x, positions / stretch, turned)


def _card(stretch) -> str:
    return (
        f"Your model is to read texts {stretch} times as long as those it has learned "
        f"from: divide every position by {stretch} before you compute an angle."
    )


CHECK = Check(
    calls,
    {"rotate": right},
    atol=1e-4,
    forbids={
        "course_utils.positions.apply_rope": "This exercise is about writing it "
        "yourself: leave the course's own version aside."
    },
    slips=slips("rotate", VERSIONS, TEXTS),
    vary=varied("04-rotate", [n / 8 for n in range(9, 40) if n % 8], _card, _of_class),
)
