"""32-mask: complete the mask that keeps the largest weights."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "largest_mask"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then shapes and shares that are all different; no ties."""
    hand = torch.tensor([[0.1, -2.0, 0.5], [-0.3, 0.0, 1.0]])
    wide, tall, large = draw(seed, (3, 7), (5, 2), (4, 6))
    double = draw(seed + 1, (2, 9), dtype=torch.float64)[0]
    return {
        "by hand, half": Call(NAME, (hand, 0.5)),
        "a third": Call(NAME, (wide, 1 / 3)),
        "most": Call(NAME, (tall, 0.9)),
        "nothing": Call(NAME, (wide, 0.0)),
        "everything": Call(NAME, (tall, 1.0)),
        "large weights": Call(NAME, (1000 * large, 0.3)),
        "float64": Call(NAME, (double, 0.45)),
    }


def largest_mask(weight, share):
    """Return the right mask: a weight stays if few enough are larger."""
    size = weight.abs().flatten()
    larger = (size[None, :] > size[:, None]).sum(dim=1)
    return (larger < round(share * len(size))).view(weight.shape)


def _by(scores, share):
    return largest_mask(scores.abs(), share)


def _signed(weight, share):
    return largest_mask(weight - weight.min() + 1, share)


def _row_by_row(weight, share):
    return torch.stack([largest_mask(row, share) for row in weight])


def _threshold(weight, share):
    return weight.abs() > share


def _one_less(weight, share):
    number = round(share * weight.numel())
    size = weight.abs()
    if number == 0:
        return torch.zeros_like(size, dtype=torch.bool)
    return size > size.flatten().sort(descending=True).values[number - 1]


ANSWERS = {
    "sign-counts": _signed,
    "smallest-kept": lambda w, share: ~largest_mask(w, 1 - share),
    "share-removed": lambda w, share: largest_mask(w, 1 - share),
    "row-by-row": _row_by_row,
    "share-as-a-bar": _threshold,
    "one-too-few": _one_less,
    "numbers": lambda w, share: largest_mask(w, share).to(w.dtype),
    "weights": lambda w, share: w * largest_mask(w, share),
    "flat": lambda w, share: largest_mask(w, share).flatten(),
}
TEXTS = {
    "sign-counts": "Large *negative* weights are dropped. What counts is the distance "
    "from zero, so take the absolute value first.",
    "smallest-kept": "The mask keeps the weights nearest to zero, the very ones that "
    "are missed least.",
    "share-removed": "`share` is what stays, not what goes. With 0.9 nearly everything "
    "stays.",
    "row-by-row": "Each row keeps its own largest weights. Here all weights of the "
    "matrix compete together: a row of small ones may lose more than its share.",
    "share-as-a-bar": "You compare the weights with `share` itself. It is a share of "
    "all places: the bar must be found by sorting.",
    "one-too-few": "One weight too few is kept: the last one that fits into the share "
    "must stay as well.",
    "numbers": "The mask holds numbers. It must be boolean: True where a weight stays.",
    "weights": "You return the weights with zeros. The mask itself is wanted, True "
    "where a weight stays; multiplying comes later.",
    "flat": "The mask is a single row. Give it the shape of the weights.",
}

CHECK = Check(
    calls,
    {NAME: largest_mask},
    forbids={
        name: "This exercise is about writing it yourself: leave the package's own "
        "function aside."
        for name in (
            "course_utils.smaller.sparsity.keep_largest",
            "course_utils.smaller.sparsity.magnitude_mask",
        )
    },
    slips=slips(NAME, ANSWERS, TEXTS),
)
