"""03-split: complete the cut into heads, and its inverse."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

# Three words of four channels: 12 is channel 2 of the first word.
TINY = (10.0 * torch.arange(1, 4)[:, None] + torch.arange(4))[None]


def calls(seed: int) -> dict[str, Call]:
    """Return an example by hand, then cases in which all sizes differ."""
    x, heads = draw(seed, (3, 5, 8), (2, 3, 5, 4))
    (wide,) = draw(seed + 1, (2, 3, 15), dtype=torch.float64)
    return {
        "by hand: cut": Call("split", (TINY, 2)),
        "by hand: merge": Call("merge", (_split(TINY, 2),)),
        "cut into 4": Call("split", (x, 4), grads=True),
        "merge 3": Call("merge", (heads,), grads=True),
        "one head": Call("split", (x, 1)),
        "merge one head": Call("merge", (heads[:, :1],)),
        "heads of width 1": Call("split", (x, 8)),
        "merge heads of width 1": Call("merge", (heads[..., :1],)),
        "cut into 5, float64": Call("split", (wide, 5)),
    }


def _split(x, n_heads):
    return torch.stack(x.tensor_split(n_heads, dim=-1), dim=1)


def _merge(heads):
    return torch.cat(heads.unbind(1), dim=-1)


def _viewed(x, n_heads):
    B, T, C = x.shape
    return x.reshape(B, n_heads, T, C // n_heads)


def _not_swapped(x, n_heads):
    return x.unflatten(-1, (n_heads, -1))


def _dealt(x, n_heads):
    return x.unflatten(-1, (-1, n_heads)).permute(0, 3, 1, 2)


def _merge_viewed(heads):
    B, H, T, D = heads.shape
    return heads.reshape(B, T, H * D)


def _merge_by_view(heads):
    B, H, T, D = heads.shape
    return heads.clone().transpose(1, 2).view(B, T, H * D)


def _merge_dealt(heads):
    return heads.permute(0, 2, 3, 1).flatten(2)


def _merge_not_joined(heads):
    return heads.transpose(1, 2)


def _merge_not_swapped(heads):
    return heads.flatten(2)


TEXTS = {
    "view-without-transpose": "The shape is right, the numbers are not: in memory they "
    "lie word by word, so a view straight to (B, H, T, D) calls a piece of the "
    "sentence a head. Cut only the last axis, then swap two axes.",
    "axes-not-swapped": "The width is cut correctly, but the heads stand behind the "
    "words. Attention works on the last two axes, which must be words and width.",
    "channels-dealt": "You deal the channels to the heads one by one, like cards. Head "
    "0 must get a block of neighbors, the first D: in the view, the axis H stands "
    "before D.",
    "merge-without-transpose": "`merge` lays the numbers out in the order (head, word, "
    "width), so words get mixed. First bring the heads back behind the words.",
    "merge-channels-dealt": "`merge` puts one channel of each head side by side. Each "
    "head's D channels must stay together: the axes before joining are (B, T, H, D).",
    "merge-not-joined": "`merge` swaps the axes and stops there: H and D still have to "
    "become one axis of width H·D.",
    "view-after-transpose": "It stops in `merge`. If torch speaks of strides: after a "
    "transpose the numbers no longer lie in memory in the order of the axes, and "
    "`view` cannot join them. `reshape` can; it copies where it must.",
}
# The same mistake may stand in both functions, which then undo each other.
VERSIONS = (
    ("view-without-transpose", {"split": _viewed}),
    ("view-without-transpose", {"split": _viewed, "merge": _merge_viewed}),
    ("axes-not-swapped", {"split": _not_swapped}),
    ("axes-not-swapped", {"split": _not_swapped, "merge": _merge_not_swapped}),
    ("channels-dealt", {"split": _dealt}),
    ("channels-dealt", {"split": _dealt, "merge": _merge_dealt}),
    ("merge-without-transpose", {"merge": _merge_viewed}),
    ("merge-channels-dealt", {"merge": _merge_dealt}),
    ("merge-not-joined", {"merge": _merge_not_joined}),
    ("view-after-transpose", {"merge": _merge_by_view}),
)

CHECK = Check(
    calls,
    {"split": _split, "merge": _merge},
    slips=tuple(Slip(name, TEXTS[name], answer) for name, answer in VERSIONS),
)
