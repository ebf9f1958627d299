"""03-mend: find three mix-ups of words, heads and sentences that raise no error."""

import torch

from course_utils.answers import Call
from course_utils.attention import scaled_dot_product_attention
from course_utils.checks.drawing import draw
from course_utils.checks.lesson03.inputs import attend_one, holes
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "mended_heads"
B, T, S, C, H = 2, 3, 5, 12, 4


def calls(seed: int) -> dict[str, Call]:
    """Return one sentence, then several, with masks of their own."""
    q, k, v = draw(seed, (B, T, C), (B, S, C), (B, S, C))
    mask = holes((B, T, S), seed)
    mask[:, :, 0] = True  # no query is left without a key
    mask[0, :, -1], mask[1, :, -1] = False, True
    return {
        "one sentence, two heads": Call(NAME, (q[:1], k[:1], v[:1], 2)),
        "two sentences": Call(NAME, (q, k, v, H), grads=True),
        "one sentence, with a mask": Call(NAME, (q[:1], k[:1], v[:1], 3, mask[:1])),
        "two sentences, with masks": Call(NAME, (q, k, v, H, mask), grads=True),
        "one head": Call(NAME, (q, k, v, 1, mask)),
        "three sentences": Call(
            NAME,
            (*draw(seed + 1, (3, 4, 6), (3, 2, 6), (3, 2, 6)), 2, holes((3, 4, 2), 1)),
        ),
    }


def _right(q, k, v, n_heads, mask=None):
    """Go through sentences and heads in two loops."""
    sentences = []
    for b in range(len(q)):
        parts = (one[b].tensor_split(n_heads, dim=-1) for one in (q, k, v))
        own = None if mask is None else mask[b]
        heads = [attend_one(*part, own) for part in zip(*parts, strict=True)]
        sentences.append(torch.cat(heads, dim=-1))
    return torch.stack(sentences)


def _cut(x, n_heads, wrong):
    B, T, C = x.shape
    if wrong == "dealt":
        return x.view(B, T, -1, n_heads).permute(0, 3, 1, 2)
    if wrong:
        return x.reshape(B, n_heads, T, C // n_heads)
    return x.unflatten(-1, (n_heads, -1)).transpose(1, 2)


def version(cut=False, mask_tiled=False, merge=False):
    """Return the broken function with only these faults left."""

    def answer(q, k, v, n_heads, mask=None):
        B, T, C = q.shape
        q, k, v = (_cut(x, n_heads, cut).flatten(0, 1) for x in (q, k, v))
        if mask is not None:
            repeated = mask.repeat(n_heads, 1, 1)
            mask = repeated if mask_tiled else mask.repeat_interleave(n_heads, 0)
        out = scaled_dot_product_attention(q, k, v, mask).unflatten(0, (B, n_heads))
        if merge == "dealt":
            return out.permute(0, 2, 3, 1).reshape(B, T, C)
        return (out if merge else out.transpose(1, 2)).reshape(B, T, C)

    return answer


def mask_by_luck(q, k, v, n_heads, mask=None):
    """Four axes, and a mask whose axis B meets the axis H."""
    q, k, v = (_cut(x, n_heads, False) for x in (q, k, v))
    out = scaled_dot_product_attention(q, k, v, mask)
    return out.transpose(1, 2).flatten(2)


CUT = "Look at the cut: give each word a number of its own in all channels, and see "
CUT += "whose numbers land in head 0. "
MASK = "Look at the mask: along the axis B·H, which sentence do rows 0, 1, 2, … belong "
MASK += "to after the cut, and which after `mask.repeat`? "
MERGE = "Look at the merge: which axes must stand side by side before H and D become "
MERGE += "one? "
TEXTS = {
    "nothing-mended": ("It still does what the broken one did. ", CUT),
    "cut-and-mask": ("The merge is right now; two faults are left. ", CUT, MASK),
    "cut-and-merge": ("The mask is right now; two faults are left. ", CUT, MERGE),
    "mask-and-merge": ("The cut is right now; two faults are left. ", MASK, MERGE),
    "cut-left": ("One fault is left. ", CUT),
    "mask-left": ("One fault is left. ", MASK),
    "merge-left": ("One fault is left. ", MERGE),
    "mask-meets-heads": (
        "The heads are right. Axes meet from the right: with scores of (B, H, T, S) "
        "the first axis of a mask (B, T, S) meets H. Give the mask an axis for "
        "the heads.",
    ),
    "mask-dropped": ("The heads are right now; but the mask is never used.",),
    "heads-ignored": (
        "Words, sentences and masks are right, but the whole width attends as one "
        "head. Each head compares its own D channels.",
    ),
    "channels-dealt": (
        "Words no longer get mixed, but the channels are dealt to the heads one by "
        "one. Head 0 owns the first D channels, as a block.",
    ),
}
VERSIONS = {
    "nothing-mended": version(True, True, True),
    "cut-and-mask": version(True, True, False),
    "cut-and-merge": version(True, False, True),
    "mask-and-merge": version(False, True, True),
    "cut-left": version(cut=True),
    "mask-left": version(mask_tiled=True),
    "merge-left": version(merge=True),
    "mask-meets-heads": mask_by_luck,
    "mask-dropped": lambda q, k, v, n_heads, mask=None: _right(q, k, v, n_heads),
    "heads-ignored": lambda q, k, v, n_heads, mask=None: _right(q, k, v, 1, mask),
    "channels-dealt": version(cut="dealt", merge="dealt"),
}

CHECK = Check(
    calls,
    {NAME: _right},
    slips=tuple(
        Slip(name, "".join(text).strip(), {NAME: VERSIONS[name]})
        for name, text in TEXTS.items()
    ),
)
