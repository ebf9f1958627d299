"""31-pack: complete the packing of two levels into each byte."""

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "pack_pairs"


def _levels(seed: int, n: int) -> torch.Tensor:
    dice = torch.Generator().manual_seed(seed)
    return torch.randint(0, 16, (n,), generator=dice).to(torch.uint8)


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then random levels, the largest, and none."""
    return {
        "by hand": Call(NAME, (torch.tensor([1, 10, 15, 3], dtype=torch.uint8),)),
        "random": Call(NAME, (_levels(seed, 24),)),
        "one pair": Call(NAME, (_levels(seed + 1, 2),)),
        "the largest": Call(NAME, (torch.full((6,), 15, dtype=torch.uint8),)),
    }


def _right(levels):
    pairs = [
        levels[i].item() + 16 * levels[i + 1].item() for i in range(0, len(levels), 2)
    ]
    return torch.tensor(pairs, dtype=torch.uint8)


def _swapped(levels):
    return levels[1::2] + (levels[0::2] << 4)


def _halves(levels):
    n = len(levels) // 2
    return levels[:n] + (levels[n:] << 4)


def _by_ten(levels):
    return levels[0::2] + levels[1::2] * 10


def _not_shifted(levels):
    return levels[0::2] + levels[1::2]


def _three(levels):
    return levels[0::2] + (levels[1::2] << 3)


def _wide(levels):
    return _right(levels).int()


CHECK = Check(
    calls,
    {NAME: _right},
    slips=(
        Slip(
            "halves-swapped",
            "The first level of each pair is in the *upper* four bits. The card wants "
            "it in the lower ones.",
            {NAME: _swapped},
        ),
        Slip(
            "first-with-middle",
            "You pair the first half of the list with the second half. A pair are two "
            "neighbors: `levels[0::2]` and `levels[1::2]`.",
            {NAME: _halves},
        ),
        Slip(
            "times-ten",
            "Each place of a decimal number counts ten times the one before. Four "
            "bits tell 16 numbers apart, so the second level counts 16 times.",
            {NAME: _by_ten},
        ),
        Slip(
            "not-shifted",
            "Both levels lie in the lower bits, on top of each other. Move the second "
            "one up by four bits: `<< 4`.",
            {NAME: _not_shifted},
        ),
        Slip(
            "three-bits",
            "Moved by three bits, the second level still touches the first, which "
            "needs four.",
            {NAME: _three},
        ),
        Slip(
            "not-bytes",
            "The numbers are right, but each takes more than one byte. Keep uint8.",
            {NAME: _wide},
        ),
    ),
    forbids={
        "course_utils.smaller.few_bits.pack": "This exercise is about writing it "
        "yourself: leave the course's own function aside.",
    },
)
