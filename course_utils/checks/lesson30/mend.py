"""30-mend: find what is wrong in an embedding that forgets its rows."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson30.inputs import draw, integers
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "mended_lookup"
SECTION = "Swap the matrices, and the model never knows"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then tables with as many columns as ids, and others."""
    square, scale = integers(seed, 4, 4), draw(seed + 1, 4, 1).abs()
    wide, wide_scale = integers(seed + 2, 6, 3), draw(seed + 3, 6, 1).abs()
    ids = torch.tensor([[3, 0, 3, 1], [2, 2, 1, 0]])
    hand = torch.tensor([[100, -100], [100, 2]], dtype=torch.int8)
    return {
        "by hand": Call(
            NAME, (torch.tensor([1, 0]), hand, torch.tensor([[0.5], [0.02]]))
        ),
        "a batch": Call(NAME, (ids, square, scale)),
        "another width": Call(NAME, (torch.tensor([5, 1, 0, 2, 5]), wide, wide_scale)),
        "large integers": Call(
            NAME,
            (
                torch.tensor([0]),
                torch.full((1, 5), -128).to(torch.int8),
                torch.tensor([[3.0]]),
            ),
        ),
        "float64": Call(NAME, (ids, square, scale.double())),
    }


def _right(ids, levels, scale):
    return scale[ids] * levels[ids].to(scale.dtype)


def _nothing_mended(ids, levels, scale):
    return (levels[ids] * scale.to(torch.int8)[ids]).float()


def _first_scales(ids, levels, scale):
    rows = levels[ids].to(scale.dtype)
    return rows * scale[: rows.shape[-2]]


def _row_scale_in_bytes(ids, levels, scale):
    return (levels[ids] * scale[ids].round().to(torch.int8)).to(scale.dtype)


def _largest_scale(ids, levels, scale):
    return levels[ids].to(scale.dtype) * scale.max()


def _divided(ids, levels, scale):
    return levels[ids].to(scale.dtype) / scale[ids]


def _no_scale(ids, levels, scale):
    return levels[ids].to(scale.dtype)


def _always_float32(ids, levels, scale):
    return (levels[ids].float() * scale[ids].float()).float()


TEXTS = {
    "nothing-mended": (
        _nothing_mended,
        "It still does what the broken one did. Print the scale on its way: what does "
        "a scale of 0.02 become in a byte?",
    ),
    "scale-in-bytes": (
        _row_scale_in_bytes,
        "The scale is still turned into a byte, and even rounded 0.02 becomes 0. Turn "
        "the *integers* into floats instead, then multiply.",
    ),
    "scales-of-the-first-rows": (
        _first_scales,
        "The scales are taken from the first rows of the table, not from the rows that "
        "are read. Index them with the same ids.",
    ),
    "one-scale": (_largest_scale, "All rows get the same scale. Each has its own."),
    "divided": (_divided, "You divide by the scale. Back to floats means times it."),
    "no-scale": (_no_scale, "These are the bare integers. Their scales are missing."),
    "always-float32": (
        _always_float32,
        "The result is float32 whatever the type of the scale. Take `scale.dtype`.",
    ),
}

CHECK = Check(
    calls,
    {NAME: _right},
    slips=tuple(
        Slip(name, text, {NAME: version}, SECTION)
        for name, (version, text) in TEXTS.items()
    ),
)
