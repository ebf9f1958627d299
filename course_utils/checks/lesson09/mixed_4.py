"""09-mixed-4: mend a summary of a text that depends on the padding."""

import math

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "mended_vector"


def calls(seed: int) -> dict[str, Call]:
    """Return texts by hand, with less and more padding, and with loud padding."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(3, 7, 4, generator=generator)
    ids = torch.tensor(
        [[5, 3, 8, 2, 0, 0, 0], [4, 2, 0, 0, 0, 0, 0], [9, 7, 6] + [1] * 4]
    )
    other = torch.randn(2, 5, 6, dtype=torch.float64, generator=generator)
    hand = torch.tensor([[[1.0, 0.0], [0.0, 2.0], [5.0, 5.0]]])
    loud = torch.where(ids[..., None] == 0, 1000 * x, x)
    return {
        "by hand: two words, one empty place": Call(
            NAME, (hand, torch.tensor([[6, 4, 0]]))
        ),
        "a batch": Call(NAME, (x, ids), grads=True),
        "the first two, with less padding": Call(NAME, (x[:2, :4], ids[:2, :4])),
        "no padding": Call(NAME, (x[2:], ids[2:])),
        "loud padding": Call(NAME, (loud, ids)),
        "float64": Call(
            NAME, (other, torch.tensor([[1, 0, 0, 0, 0], [3, 3, 2, 0, 0]]))
        ),
    }


def vector(x, ids):
    """Return the right vectors, text by text: what is empty is left out at once."""
    rows = []
    for words, row in zip(x, ids, strict=True):
        real = words[row != 0]
        scores = torch.einsum("td,sd->ts", real, real) / math.sqrt(x.shape[-1])
        rows.append((scores.softmax(-1) @ real).mean(0))
    return torch.stack(rows)


def _version(hide: bool, average: str):
    def made(x, ids):
        real = ids != 0
        scores = x @ x.transpose(1, 2) / math.sqrt(x.shape[-1])
        if hide:
            scores = scores.masked_fill(~real[:, None, :], -math.inf)
        out = scores.softmax(-1) @ x
        if average == "all":
            return out.mean(1)
        total = (out * real[..., None]).sum(1)
        n = x.shape[1] if average == "zeros" else real.sum(1, keepdim=True)
        return total / n

    return made


def _rows_hidden(x, ids):
    real = ids != 0
    scores = x @ x.transpose(1, 2) / math.sqrt(x.shape[-1])
    scores = scores.masked_fill(~real[:, :, None], -1e30)
    out = (scores.softmax(-1) @ x) * real[..., None]
    return out.sum(1) / real.sum(1, keepdim=True)


def _zeroed(x, ids):
    real = (ids != 0)[..., None]
    return _version(False, "real")(x * real, ids)


def _mask_after(x, ids):
    real = ids != 0
    weights = (x @ x.transpose(1, 2) / math.sqrt(x.shape[-1])).softmax(-1)
    out = ((weights * real[:, None, :]) @ x) * real[..., None]
    return out.sum(1) / real.sum(1, keepdim=True)


def _plain_average(x, ids):
    real = (ids != 0)[..., None]
    return (x * real).sum(1) / real.sum(1)


ANSWERS = {
    "zero-is-not-hidden": _zeroed,
    "mask-after-softmax": _mask_after,
    "no-attention": _plain_average,
    "nothing-mended": _version(False, "all"),
    "mean-left": _version(True, "all"),
    "attention-left": _version(False, "real"),
    "divided-by-all": _version(True, "zeros"),
    "divided-by-all-attention-left": _version(False, "zeros"),
    "queries-hidden": _rows_hidden,
}
TEXTS = {
    "zero-is-not-hidden": "Empty places are set to 0. Their scores are 0 then, and "
    "exp(0) is 1: they still take a share of the attention. Hide the *scores*. (02)",
    "mask-after-softmax": "The weights of empty places are set to 0 after the softmax, "
    "so the rest of a row no longer adds up to 1. Hide the scores before it. (02)",
    "no-attention": "The average is right, but the words no longer look at each other: "
    "keep the attention, and mend it.",
    "nothing-mended": "It still does what the broken one did. Which two places look at "
    "*all* T positions, empty or not?",
    "mean-left": "The attention no longer sees empty places; one fault is left. What "
    "is averaged at the end, and over how many? (07)",
    "attention-left": "The average is right now; one fault is left. Real words still "
    "attend to empty places: hide those as *keys*, before the softmax. (05)",
    "divided-by-all": "Empty places no longer count in the sum, but you still divide "
    "by T. Divide each text by the number of its own words. (07)",
    "divided-by-all-attention-left": "Empty places no longer count in the last sum, "
    "but you still divide by T, and real words still attend to them. (05, 07)",
    "queries-hidden": "You hide the empty *queries*, whole rows. Nobody needs those; "
    "what disturbs are empty *keys*, the columns, which real words look at. (05)",
}

CHECK = Check(
    calls,
    {NAME: vector},
    slips=slips(NAME, ANSWERS, TEXTS),
)
