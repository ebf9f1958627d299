"""03-widths: transfer the module to keys and values of other widths."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson03.inputs import HeadByHead, holes, weights
from course_utils.checks.lesson03.multihead import OWN_WORK
from course_utils.checks.spec import Check, Slip
from course_utils.checks.variants import Variant, drawn

__all__ = ["CHECK"]

NAME = "MultiWidthAttention"
B, T, S = 2, 4, 5


class Right(HeadByHead):
    """The right answer: the order of its arguments is that of the card."""

    def __init__(self, d_model, n_heads, d_key=None, d_value=None):
        super().__init__(d_model, n_heads, d_key=d_key, d_value=d_value)


def calls(seed: int) -> dict[str, Call]:
    """Return the default first, then each width alone, both, and three heads of 8."""

    def ask(C, H, keys, values, mask=None, grads=False, **widths):
        x, source = draw(seed + C + H, (B, T, C), (B, S, C))
        inputs = (x, source) if mask is None else (x, source, mask)
        state = weights(seed, C, H * keys, H * values)
        return Call(NAME, (C, H), widths, inputs=inputs, state=state, grads=grads)

    mask = holes((B, 1, 1, S), seed)
    causal = torch.ones(T, S, dtype=torch.bool).tril()
    return {
        "the default": ask(8, 2, 4, 4, grads=True),
        "the default, with a mask": ask(12, 3, 4, 4, mask),
        "d_value = 6": ask(8, 2, 4, 6, d_value=6, grads=True),
        "d_key = 3": ask(8, 2, 3, 4, d_key=3, grads=True),
        "both, with a mask": ask(10, 5, 3, 7, mask, d_key=3, d_value=7, grads=True),
        "both the other way": ask(6, 2, 7, 1, causal, d_key=7, d_value=1),
        "three heads, width 8": ask(8, 3, 2, 5, d_key=2, d_value=5),
    }


class _Swapped(Right):
    def widths(self, d_model, n_heads, d_key, d_value):
        return super().widths(d_model, n_heads, d_value, d_key)


class InAll(Right):
    """Takes the two widths for those of all heads together."""

    def widths(self, d_model, n_heads, d_key, d_value):
        return d_key or d_model, d_value or d_model


class _Ignored(Right):
    def widths(self, d_model, n_heads, d_key, d_value):
        return d_model, d_model


class Divisible(Right):
    """Still wants the heads to divide the width."""

    def __init__(self, d_model, n_heads, d_key=None, d_value=None):
        if d_model % n_heads:
            raise ValueError
        super().__init__(d_model, n_heads, d_key, d_value)


class Viewed(Right):
    """Cuts by a view straight to (B, H, T, D)."""

    def split(self, x):
        return x.reshape(len(x), self.n_heads, x.shape[1], -1)


class ModelScale(Right):
    """Scales by the usual head width, not by the width of the keys."""

    def look(self, q, k, v, mask):
        usual = self.q_proj.in_features // self.n_heads
        return self.attention(q * (q.shape[-1] / usual) ** 0.5, k, v, mask)


class ValueScale(Right):
    """Scales by the width of the values."""

    def look(self, q, k, v, mask):
        return self.attention(q * (q.shape[-1] / v.shape[-1]) ** 0.5, k, v, mask)


def vary(class_seed: int) -> Variant:
    """Weigh what the module hands on by a number of the class."""
    weight = drawn("03-widths", class_seed, [n / 20 for n in range(21, 60)])

    def adapt(answer):
        class OfClass(answer):
            def forward(self, *given, **options):
                return weight * super().forward(*given, **options)

        return OfClass

    return Variant(
        f"What the module hands on is weighed: `forward` returns {weight} times the "
        "output of `out_proj`, by default too.",
        adapt,
    )


CHECK = Check(
    calls,
    {NAME: Right},
    forbids=OWN_WORK,
    slips=(
        Slip(
            "widths-swapped",
            "The two widths have changed places. Queries are compared with keys, so "
            "both have width `d_key`; what is handed over has width `d_value`.",
            {NAME: _Swapped},
        ),
        Slip(
            "width-of-all-heads",
            "`d_key` and `d_value` are the widths of *one* head. A projection makes "
            "them for all H heads at once.",
            {NAME: InAll},
        ),
        Slip(
            "widths-ignored",
            "The two new arguments change nothing: the projections are still as wide "
            "as the model.",
            {NAME: _Ignored},
        ),
        Slip(
            "still-divides",
            "With both widths given, H need not divide C any more: nothing is cut into "
            "C / H channels. Here 3 heads in a model of width 8 are possible.",
            {NAME: Divisible},
        ),
        Slip(
            "viewed",
            "The heads are cut by a view straight to (B, H, T, D), which mixes up "
            "words. Cut the last axis only, then swap.",
            {NAME: Viewed},
            "Heads: cut the width into pieces",
        ),
        Slip(
            "scale-of-the-model",
            "The scores are scaled by √(C/H). They are sums of `d_key` products, "
            "so √`d_key` is what keeps them near size 1.",
            {NAME: ModelScale},
        ),
        Slip(
            "scale-of-the-values",
            "The scores are scaled by the width of the values. They are sums of "
            "`d_key` products of queries and keys; values do not enter.",
            {NAME: ValueScale},
        ),
    ),
    vary=vary,
)
