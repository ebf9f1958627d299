"""15-pool: complete the average over real tokens."""

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "average"


def calls(seed: int) -> dict[str, Call]:
    """Return one text by hand, then batches of other sizes and paddings."""
    dice = torch.Generator().manual_seed(seed)
    by_hand = torch.tensor([[[2.0, 0.0], [4.0, 6.0], [9.0, 9.0]]])
    hidden = torch.randn(4, 6, 3, generator=dice)
    lengths = torch.tensor([6, 1, 3, 4])
    real = torch.arange(6) < lengths[:, None]
    holes = torch.rand(4, 6, generator=dice) < 0.6
    holes[:, 2] = True
    return {
        "by hand": Call(NAME, (by_hand, torch.tensor([[True, True, False]]))),
        "a ragged batch": Call(NAME, (hidden, real)),
        "padding in between": Call(NAME, (hidden, holes)),
        "wild vectors at the padding": Call(
            NAME, (torch.where(real[..., None], hidden, 1e6), real)
        ),
        "another size": Call(NAME, (hidden[:3, :2, :1], real[:3, :2])),
        "double precision": Call(NAME, (hidden.double(), real)),
        "gradients": Call(NAME, (hidden, real), grads=True),
    }


def average(hidden, real):
    """Return the right averages, one text at a time."""
    rows = zip(hidden, real, strict=True)
    return torch.stack([text[here].mean(dim=0) for text, here in rows])


def _version(change):
    return {NAME: change}


def _numbers(hidden, real):
    return real[..., None].to(hidden)


CHECK = Check(
    calls,
    {NAME: average},
    slips=(
        Slip(
            "padding-counted",
            "This is the average over all positions, padding included. What stands at "
            "a padded position means nothing, and how many there are depends on the "
            "longest text of the batch.",
            _version(lambda hidden, real: hidden.mean(dim=1)),
        ),
        Slip(
            "divided-by-all",
            "The sum is right: padding adds nothing. But it is divided by all T "
            "positions, so short texts come out too small. How many *real* tokens "
            "does each text have?",
            _version(lambda hidden, real: (hidden * _numbers(hidden, real)).mean(1)),
        ),
        Slip(
            "not-divided",
            "That is the sum of the real tokens, not yet their average.",
            _version(lambda hidden, real: (hidden * _numbers(hidden, real)).sum(1)),
        ),
        Slip(
            "one-count",
            "All texts are divided by the same number. Count the real tokens of each "
            "text: a sum along the axis of positions, not over the whole batch.",
            _version(
                lambda hidden, real: (
                    (hidden * _numbers(hidden, real)).sum(1) / real.sum()
                )
            ),
        ),
        Slip(
            "first-token",
            "That is the vector of the first token, `[CLS]`. Some models are trained "
            "to be read there; this one was trained on the average.",
            _version(lambda hidden, real: hidden[:, 0]),
        ),
        Slip(
            "scaled",
            "The averages are scaled to length 1. That comes later; here the average "
            "itself is asked for.",
            _version(
                lambda hidden, real: torch.nn.functional.normalize(
                    average(hidden, real), dim=-1
                )
            ),
        ),
        Slip(
            "over-texts",
            "The sum runs over the texts of the batch instead of the positions of "
            "each: B is the first axis, T the second.",
            _version(
                lambda hidden, real: (
                    (hidden * _numbers(hidden, real)).sum(0)
                    / _numbers(hidden, real).sum(0)
                )
            ),
        ),
    ),
)
