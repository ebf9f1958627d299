"""07-shift: complete what the decoder reads while it learns."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson07.inputs import answers
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "shift_right"


def calls(seed: int) -> dict[str, Call]:
    """Return the card's sentence, then batches with padding and another start."""
    several, single = answers(seed, [6, 3, 5], 40), answers(seed + 1, [7], 40)
    return {
        "by hand": Call(NAME, (torch.tensor([[41, 42, 43, 2]]),)),
        "three sentences": Call(NAME, (several,)),
        "a sentence of the end alone": Call(NAME, (torch.tensor([[2], [2]]),)),
        "another start": Call(NAME, (single,), {"start_id": 9}),
        "another start, several": Call(NAME, (several, 30)),
        "small integers": Call(NAME, (several.to(torch.int32),)),
    }


def shift(target_ids, start_id=1):
    """Return every sentence behind its start, one word at a time."""
    out = torch.empty_like(target_ids)
    for row, words in zip(out, target_ids.tolist(), strict=True):
        for t in range(len(words)):
            row[t] = words[t - 1] if t else start_id
    return out


def _moved(target_ids, start_id, cut):
    start = torch.full_like(target_ids[:, :1], start_id)
    return torch.cat([start, target_ids], dim=1)[:, :cut]


def _nothing_moved(target_ids, start_id=1):
    return target_ids.clone()


def _too_long(target_ids, start_id=1):
    return _moved(target_ids, start_id, None)


def _no_start(target_ids, start_id=1):
    return target_ids[:, :-1].clone()


def _left(target_ids, start_id=1):
    end = torch.full_like(target_ids[:, :1], start_id)
    return torch.cat([target_ids[:, 1:], end], dim=1)


def _start_over_first(target_ids, start_id=1):
    out = target_ids.clone()
    out[:, 0] = start_id
    return out


def _rolled(target_ids, start_id=1):
    return target_ids.roll(1, dims=1)


def _start_ignored(target_ids, start_id=1):
    return shift(target_ids)


def _rows(target_ids, start_id=1):
    start = torch.full_like(target_ids[:1], start_id)
    return torch.cat([start, target_ids[:-1]], dim=0)


def _end_cut(target_ids, start_id=1):
    kept = target_ids.masked_fill(target_ids == 2, 0)
    return shift(kept, start_id)


def _unfitting(target_ids, start_id=1):
    start = torch.full_like(target_ids[:, :1], start_id)
    return torch.stack([start, target_ids[:, :-1]])


TEXTS = {
    "pieces-do-not-fit": (
        _unfitting,
        "The two pieces do not fit. One is the column of starts, `(B, 1)`; the other "
        "should be every row without its last token, `(B, T - 1)`, which is "
        "`target_ids[:, :-1]`; and they are joined along the sentence, axis 1.",
    ),
    "nothing-moved": (
        _nothing_moved,
        "Nothing has moved: position t reads the very word that it must predict, and "
        "all that it learns is to copy.",
    ),
    "one-too-long": (
        _too_long,
        "It is one token too long. The decoder reads as many tokens as it must write: "
        "drop the last one, for nothing follows it.",
    ),
    "no-start": (
        _no_start,
        "The start is missing, and with it one token: the first word is to be "
        "predicted too, and something must stand before it.",
    ),
    "shifted-left": (
        _left,
        "The words have moved to the left, so position t reads the word *after* the "
        "one that it must predict. They must move to the right.",
    ),
    "first-word-lost": (
        _start_over_first,
        "The start stands *on* the first word, and all others are where they were: "
        "put it in front, so that each word moves one place.",
    ),
    "rolled": (
        _rolled,
        "The last token has come round to the front. There the start belongs, "
        "whatever the sentence ends with.",
    ),
    "start-ignored": (
        _start_ignored,
        "Every sentence starts with 1. Which token is the start is what `start_id` "
        "says.",
    ),
    "sentences-moved": (
        _rows,
        "You have moved whole sentences, down the batch. The words move along their "
        "sentence: the second axis.",
    ),
    "end-removed": (
        _end_cut,
        "You have cut the end token out of each sentence. Drop the last *column*, "
        "whatever is in it; in a short sentence the end and its padding move along.",
    ),
}

CHECK = Check(
    calls,
    {NAME: shift},
    slips=tuple(
        Slip(name, text, {NAME: wrong}) for name, (wrong, text) in TEXTS.items()
    ),
    forbids={
        "shift_right": "This exercise is about writing it "
        "yourself: leave the course's own version aside."
    },
)
