"""06-prefix: transfer the causal mask to texts whose beginning may be read freely."""

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, Slip
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "prefix_mask"


def calls(seed: int) -> dict[str, Call]:
    """Return the default, a prefix by hand, and random ones of every length."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 6, (4,), generator=generator)
    lengths[:2] = torch.tensor([2, 4])
    return {
        "no prefix": Call(NAME, (4,)),
        "by hand": Call(NAME, (4, torch.tensor([2]))),
        "some prefixes": Call(NAME, (7, lengths)),
        "no prefix in some rows": Call(NAME, (5, torch.tensor([0, 3, 1]))),
        "nothing but prefix": Call(NAME, (3, torch.tensor([3, 2]))),
        "as many rows as words": Call(NAME, (4, torch.tensor([1, 4, 2, 3]))),
        "one word": Call(NAME, (1, torch.tensor([1, 0]))),
        "no prefix, one word": Call(NAME, (1,)),
    }


def prefix_mask(T, lengths=None):
    """Return the right mask, one cell at a time."""
    if lengths is None:
        return torch.tensor([[s <= t for s in range(T)] for t in range(T)])
    rows = [
        [[[s <= t or s < n for s in range(T)] for t in range(T)]]
        for n in lengths.tolist()
    ]
    return torch.tensor(rows)


def _version(join, axes=lambda mask: mask):
    """Return a mask made from the causal one, (T, T), and the prefix, (B, T)."""

    def version(T, lengths=None):
        causal = torch.ones(T, T, dtype=torch.bool).tril()
        if lengths is None:
            return causal
        return axes(join(causal, torch.arange(T) < lengths[:, None]))

    return {NAME: version}


def _right(causal, early):
    return causal | early[:, None, None]


def _one_too_many(T, lengths=None):
    return prefix_mask(T, None if lengths is None else lengths + 1)


def _always_batched(T, lengths=None):
    return prefix_mask(T, torch.zeros(1).int() if lengths is None else lengths)


def _first_length(T, lengths=None):
    if lengths is None:
        return prefix_mask(T)
    return prefix_mask(T, lengths[:1].expand(len(lengths)))


def _longest(T, lengths=None):
    if lengths is None:
        return prefix_mask(T)
    return prefix_mask(T, lengths.max().expand(len(lengths)))


def _truth_value(T, lengths=None):
    return prefix_mask(T, lengths if lengths else None)


def _one_mask(T, lengths=None):
    mask = prefix_mask(T)
    if lengths is not None:
        mask[:, : lengths[0]] = True
    return mask


CAUSAL = "The question: how do you write a translation?"


def _of_class(answer, choice, T, lengths=None):
    """Look back through a window, and open a few words behind the prefix."""
    if lengths is None:
        return answer(T)
    window, more = choice
    place = torch.arange(T)
    near = place[:, None] - place < window
    free = place < (lengths + more)[:, None, None, None]
    return answer(T, lengths + more) & (near | free)


def _card(choice) -> str:
    window, more = choice
    words = ("", " and the word behind it", " and the 2 words behind it")[more]
    return (
        f"With `lengths`, everybody may see the prefix{words}. Of all other words, a "
        f"word sees only the last {window} up to itself, itself included. Without "
        "`lengths` it is still the causal mask. (The table by hand is not yours.)"
    )


CHOICES = [(window, more) for window in (2, 3) for more in (0, 1, 2)]


CHECK = Check(
    calls,
    {NAME: prefix_mask},
    slips=(
        Slip(
            "prefix-sees-all",
            "The *rows* of the prefix are opened: its words may look at everything, "
            "the answer included. What everybody may look at is a matter of columns.",
            _version(lambda causal, early: causal | early[:, None, :, None]),
            CAUSAL,
        ),
        Slip(
            "only-both",
            "The two are joined by “and”: only what is early *and* in the prefix may "
            "be seen. One of the two is enough.",
            _version(lambda causal, early: causal & early[:, None, None]),
        ),
        Slip(
            "prefix-alone",
            "Everybody sees the prefix, and nothing else. Behind it the causal mask "
            "still holds: a word sees those before it, and itself.",
            _version(
                lambda causal, early: early[:, None, None].repeat(1, 1, len(causal), 1)
            ),
        ),
        Slip(
            "prefix-ignored",
            "The prefix changes nothing: it is the causal mask for every row.",
            _version(lambda causal, early: causal.expand(len(early), 1, *causal.shape)),
        ),
        Slip(
            "one-too-many",
            "The prefix is one word too long. Positions count from 0: a prefix of n "
            "words ends *before* position n.",
            {NAME: _one_too_many},
        ),
        Slip(
            "no-axis-for-heads",
            "The axis for the heads is missing. (B, T, T) would meet scores of shape "
            "(B, H, T, T) from the right, and sentences would be taken for heads.",
            _version(_right, lambda mask: mask[:, 0]),
            "The question: how do you write a translation?",
        ),
        Slip(
            "default-changed",
            "Without lengths the shape is to be that of the causal mask, (T, T): the "
            "default changes nothing.",
            {NAME: _always_batched},
        ),
        Slip(
            "inverted",
            "It is the wrong way round: True means “may attend”.",
            {NAME: lambda T, lengths=None: ~prefix_mask(T, lengths)},
        ),
        Slip(
            "truth-value",
            "A tensor of several numbers is neither true nor false, so `if lengths` "
            "cannot be answered. Ask whether it `is None`.",
            {NAME: _truth_value},
        ),
        Slip(
            "one-mask-for-all",
            "This is one mask, (T, T). Each row has its own prefix, so there is a mask "
            "for every row: (B, 1, T, T).",
            {NAME: _one_mask},
        ),
        Slip(
            "longest-for-all",
            "Every row gets the longest prefix of the batch. Each has its own length: "
            "compare the positions, (T), with the lengths as a column, (B, 1).",
            {NAME: _longest},
        ),
        Slip(
            "first-length-for-all",
            "Every row gets the prefix of the first. Each has a length of its own.",
            {NAME: _first_length},
        ),
    ),
    vary=varied("06-prefix", CHOICES, _card, _of_class),
)
