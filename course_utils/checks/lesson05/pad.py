"""05-pad: complete the mask that hides padding."""

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "hide_padding"


def calls(seed: int) -> dict[str, Call]:
    """Return a batch by hand, then others of other sizes and paddings."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, 6, (4, 7), generator=generator)
    ids[0, :2] = torch.tensor([0, 3])
    by_hand = torch.tensor([[5, 8, 9], [7, 3, 0]])
    return {
        "by hand": Call(NAME, (by_hand,)),
        "random": Call(NAME, (ids,)),
        "another padding token": Call(NAME, (ids,), {"pad_id": 3}),
        "a padding token that never occurs": Call(NAME, (ids,), {"pad_id": 9}),
        "one sentence": Call(NAME, (torch.tensor([[4, 0, 0, 0, 0]]),)),
        "nothing but padding": Call(NAME, (torch.zeros(3, 2, dtype=torch.int64),)),
        "short integers": Call(NAME, (ids[:3, :5].int(),)),
    }


def hide_padding(ids, pad_id=0):
    """Return the right mask, built one cell at a time."""
    rows = [[[[token != pad_id for token in row]]] for row in ids.tolist()]
    return torch.tensor(rows)


def _version(change):
    return {NAME: lambda ids, pad_id=0: change(ids != pad_id)}


def _added(ids, pad_id=0):
    hidden = (ids == pad_id)[:, None, None, :]
    return torch.zeros(hidden.shape).masked_fill(hidden, float("-inf"))


NUMBERS = (
    "These are numbers. The course's masks are boolean, True for “may attend”: a "
    "comparison gives that by itself."
)

CHECK = Check(
    calls,
    {NAME: hide_padding},
    slips=(
        Slip(
            "inverted",
            "It is the wrong way round: True means “may attend”, and it is the real "
            "words that may be looked at.",
            _version(lambda real: ~real[:, None, None, :]),
        ),
        Slip(
            "no-axes",
            "The mask is right for each sentence, but its shape says nothing about "
            "heads and queries. The scores are (B, H, T, S): make room with two axes "
            "of size 1 between B and S.",
            _version(lambda real: real),
        ),
        Slip(
            "one-axis-missing",
            "One axis is missing. Broadcasting lines shapes up from the right, so "
            "(B, 1, S) would meet (H, T, S): sentences would be taken for heads.",
            _version(lambda real: real[:, None, :]),
        ),
        Slip(
            "hides-queries",
            "The words stand on the axis of the queries, the third. Hiding a word "
            "means that nobody looks *at* it: it belongs to the keys, the last axis.",
            _version(lambda real: real[:, None, :, None]),
        ),
        Slip(
            "queries-too",
            "Paddings are hidden as keys and as queries. A query that is padding "
            "needs no hiding: nobody reads what it computes, and (B, 1, 1, S) is "
            "smaller.",
            _version(lambda real: real[:, None, None] & real[:, None, :, None]),
        ),
        Slip(
            "stretched",
            "The mask is copied for every query. Leave that axis at 1: broadcasting "
            "stretches it when it is used.",
            _version(lambda real: real[:, None, None].repeat(1, 1, len(real[0]), 1)),
        ),
        Slip(
            "pad-id-ignored",
            "It always hides token 0. Which token is padding is what `pad_id` says.",
            {NAME: lambda ids, pad_id=0: (ids != 0)[:, None, None, :]},
        ),
        Slip("numbers", NUMBERS, _version(lambda real: real[:, None, None].int())),
        Slip("numbers", NUMBERS, _version(lambda real: real[:, None, None].long())),
        Slip("numbers", NUMBERS, _version(lambda real: real[:, None, None].float())),
        Slip(
            "added-mask",
            "This is a mask to be *added* to the scores (0 and −∞). The attention of "
            "this course takes a boolean one and does the hiding itself.",
            {NAME: _added},
        ),
    ),
)
