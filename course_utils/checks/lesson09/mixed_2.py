"""09-mixed-2: which mask goes where in a decoder?"""

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "decoder_masks"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then batches of other sizes, and one without padding."""
    return {
        "by hand": Call(NAME, (torch.tensor([[5, 8, 0]]), torch.tensor([[1, 6]]))),
        "a batch": Call(NAME, (_ids(seed, 3, 7), _ids(seed + 1, 3, 5))),
        "a longer target": Call(NAME, (_ids(seed + 2, 2, 4), _ids(seed + 3, 2, 6))),
        "no padding": Call(
            NAME, (_ids(seed, 2, 3).clamp(min=1), _ids(seed, 2, 4).clamp(min=1))
        ),
    }


def _ids(seed: int, B: int, length: int):
    """Return random texts of different lengths, padded with 0."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, 9, (B, length), generator=generator)
    ends = torch.randint(1, length, (B, 1), generator=generator)
    ends[0] = length
    return ids * (torch.arange(length) < ends)


def _causal(n: int):
    return torch.arange(n)[:, None] >= torch.arange(n)[None, :]


def _padding(ids):
    return ids.bool()[:, None, None, :]


def masks(source, target):
    """Return the right pair."""
    return _causal(target.shape[1]), _padding(source)


ANSWERS = {
    "target-padding": lambda s, t: (_causal(t.shape[1]), _padding(t)),
    "source-length": lambda s, t: (_causal(s.shape[1]), _padding(s)),
    "exchanged": lambda s, t: (_padding(s), _causal(t.shape[1])),
    "padding-twice": lambda s, t: (_padding(t), _padding(s)),
    "turned-round": lambda s, t: (_causal(t.shape[1]), ~_padding(s)),
    "future-only": lambda s, t: (_causal(t.shape[1]).T, _padding(s)),
    "both-causal": lambda s, t: (
        _causal(t.shape[1]),
        torch.ones(t.shape[1], s.shape[1], dtype=torch.bool).tril(),
    ),
    "not-boolean": lambda s, t: tuple(one.float() for one in masks(s, t)),
    "padding-flat": lambda s, t: (_causal(t.shape[1]), s != 0),
}
TEXTS = {
    "target-padding": "Cross-attention looks at the *source*: it is the source's empty "
    "places that must be hidden there. (06)",
    "source-length": "In its self-attention the target looks at itself: the causal "
    "mask has the length of the target. (06)",
    "exchanged": "The two are exchanged. Hiding what comes later belongs to the "
    "target's look at itself; the source is known as a whole. (06)",
    "padding-twice": "Without a causal mask the decoder sees the words that it is to "
    "guess. (02, 06)",
    "turned-round": "The padding mask is the wrong way round: True means “may attend”, "
    "and padding is 0. (02, 05)",
    "future-only": "The causal mask is turned round: now each position sees only what "
    "comes *later*. (02)",
    "both-causal": "The source may be read to its end at every step: it is known "
    "beforehand. Only its padding is hidden. (06)",
    "not-boolean": "Masks of this course are boolean: True or False, no numbers. (02)",
    "padding-flat": "The padding mask lacks its axes for heads and queries: "
    "`(B, 1, 1, S)`, as `padding_mask` makes it. (05)",
}

CHECK = Check(
    calls,
    {NAME: masks},
    slips=slips(NAME, ANSWERS, TEXTS),
)
