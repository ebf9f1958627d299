"""15-weighted: transfer the average to tokens that do not count alike."""

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, Slip
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "weighted_average"


def calls(seed: int) -> dict[str, Call]:
    """Return averages with and without weights; padding has weights too."""
    dice = torch.Generator().manual_seed(seed)
    by_hand = torch.tensor([[[2.0, 0.0], [6.0, 4.0], [9.0, 9.0]]])
    real = torch.tensor([[True, True, False]])
    hidden = torch.randn(4, 6, 3, generator=dice)
    ragged = torch.arange(6) < torch.tensor([6, 1, 3, 4])[:, None]
    weights = 0.5 + torch.rand(4, 6, generator=dice) * 3
    return {
        "without weights": Call(NAME, (by_hand, real)),
        "by hand": Call(NAME, (by_hand, real, torch.tensor([[1.0, 3.0, 5.0]]))),
        "a ragged batch": Call(NAME, (hidden, ragged, weights)),
        "all weights 7": Call(NAME, (hidden, ragged, torch.full((4, 6), 7.0))),
        "a batch without weights": Call(NAME, (hidden, ragged)),
        "double precision": Call(NAME, (hidden.double(), ragged, weights.double())),
        "gradients": Call(NAME, (hidden, ragged, weights), grads=True),
    }


def weighted_average(hidden, real, weights=None):
    """Return the right averages, one text and one token at a time."""
    B, T, _ = hidden.shape
    weights = hidden.new_ones(B, T) if weights is None else weights
    rows = []
    for b in range(B):
        here = [t for t in range(T) if real[b, t]]
        total = sum(weights[b, t] for t in here)
        rows.append(sum(weights[b, t] * hidden[b, t] for t in here) / total)
    return torch.stack(rows)


def _version(parts):
    """Make a wrong version: `parts` returns what multiplies, and what divides."""

    def version(hidden, real, weights=None):
        B, T, _ = hidden.shape
        weights = hidden.new_ones(B, T) if weights is None else weights
        factor, total = parts(real.to(hidden), weights)
        return (hidden * factor[..., None]).sum(1) / total[:, None]

    return {NAME: version}


def _of_class(answer, power, hidden, real, weights=None):
    """Raise the weights to a power of the class."""
    return answer(hidden, real, None if weights is None else weights**power)


def _card(power) -> str:
    return (
        f"A weight w counts as w to the power of {power}: a token of weight 2 counts "
        f"2 ** {power} times as much as one of weight 1."
    )


CHECK = Check(
    calls,
    {NAME: weighted_average},
    slips=(
        Slip(
            "weights-ignored",
            "The argument `weights` is never used: every token counts the same.",
            _version(lambda real, w: (real, real.sum(1))),
        ),
        Slip(
            "divided-by-count",
            "Tokens are multiplied by their weights, but the sum is divided by the "
            "*number* of tokens. Weights of 7 for all must change nothing: divide by "
            "the sum of the weights that were used.",
            _version(lambda real, w: (real * w, real.sum(1))),
        ),
        Slip(
            "padding-weighted",
            "With weights, padding counts again: its weight is not 0. A token counts "
            "only if it is real, whatever its weight.",
            _version(lambda real, w: (w, w.sum(1))),
        ),
        Slip(
            "divided-by-padding",
            "Above, padding is left out; below, its weights are still in the sum.",
            _version(lambda real, w: (real * w, w.sum(1))),
        ),
        Slip(
            "not-divided",
            "That is a weighted sum. An average is divided by the sum of the weights.",
            _version(lambda real, w: (real * w, torch.ones(len(w)).to(w))),
        ),
        Slip(
            "softmax",
            "The weights went through a softmax. They are meant as they are: a token "
            "of weight 2 counts twice as much as one of weight 1.",
            _version(
                lambda real, w: (
                    w.softmax(1) * real,
                    (w.softmax(1) * real).sum(1),
                )
            ),
        ),
    ),
    vary=varied(
        "15-weighted", [n / 10 for n in range(12, 40) if n % 10], _card, _of_class
    ),
)
