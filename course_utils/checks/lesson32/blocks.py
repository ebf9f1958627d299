"""32-blocks: transfer the mask from single weights to blocks of neighbors."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, slips
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "block_mask"


def calls(seed: int) -> dict[str, Call]:
    """Return single weights (the default), then blocks of several sizes."""
    hand = torch.tensor([[3.0, -3.0, 1.0, 1.2], [0.5, 0.6, 4.0, 0.1]])
    some, other, large = draw(seed, (3, 8), (2, 9), (5, 12))
    double = draw(seed + 1, (4, 10), dtype=torch.float64)[0]
    return {
        "by hand, blocks of 2": Call(NAME, (hand, 0.5), {"size": 2}),
        "single weights": Call(NAME, (some, 0.25)),
        "blocks of 4": Call(NAME, (some, 0.5), {"size": 4}),
        "blocks of 3": Call(NAME, (other, 1 / 3), {"size": 3}),
        "whole rows": Call(NAME, (large, 0.6), {"size": 12}),
        "nothing": Call(NAME, (some, 0.0), {"size": 2}),
        "everything": Call(NAME, (some, 1.0), {"size": 2}),
        "float64": Call(NAME, (double, 0.3), {"size": 5}),
    }


def _version(score, count=None):
    """Return a version with another score of a block, or another count of them."""

    def block_mask(weight, share, size=1):
        scores = score(weight.reshape(-1, size))
        larger = (scores[None, :] > scores[:, None]).sum(dim=1)
        number = count(weight, share) if count else round(share * len(scores))
        kept = larger < number
        return kept[:, None].expand(-1, size).reshape(weight.shape)

    return block_mask


def _total(blocks):
    return blocks.abs().sum(dim=1)


def _strided(weight, share, size=1):
    rows, columns = weight.shape
    mixed = weight.view(rows, size, columns // size).transpose(1, 2)
    mask = _version(_total)(mixed.reshape(rows, columns), share, size)
    back = mask.view(rows, columns // size, size).transpose(1, 2)
    return back.reshape(rows, columns)


def _each_row(weight, share, size=1):
    return torch.cat([_version(_total)(row[None], share, size) for row in weight])


def _in_every_block(weight, share, size=1):
    scores = weight.abs().view(-1, size)
    places = scores.argsort(dim=1, descending=True).argsort(dim=1)
    return (places < round(share * size)).view(weight.shape)


def _size_ignored(weight, share, size=1):
    return _version(_total)(weight, share, 1)


def _short(weight, share, size=1):
    return _version(_total)(weight, share, size)[:, ::size]


def _opposite(weight, share, size=1):
    return ~_version(_total)(weight, 1 - share, size)


VERSIONS = {
    "signs-cancel": _version(lambda blocks: blocks.sum(dim=1).abs()),
    "largest-decides": _version(lambda blocks: blocks.abs().amax(dim=1)),
    "smallest-kept": _opposite,
    "not-neighbors": _strided,
    "row-by-row": _each_row,
    "inside-the-block": _in_every_block,
    "size-ignored": _size_ignored,
    "one-a-block": _short,
    "weights-counted": _version(_total, count=lambda w, s: round(s * w.numel())),
}
TEXTS = {
    "signs-cancel": "3 and −3 cancel out in your score, although both are large. Take "
    "absolute values before you add.",
    "largest-decides": "One large weight decides about its whole block. The card asks "
    "for the *sum* of the absolute values.",
    "smallest-kept": "The blocks with the lowest scores are kept.",
    "not-neighbors": "The weights of your blocks do not stand side by side. A block is "
    "`size` neighbors in a row.",
    "row-by-row": "Every row keeps the same share. Here all blocks of the matrix "
    "compete together.",
    "inside-the-block": "You choose weights *inside* each block, as two-of-four does. "
    "Here a block stays or goes as a whole.",
    "size-ignored": "The argument `size` is never used: single weights are chosen.",
    "one-a-block": "There is one place for each block. Repeat it, so that the mask has "
    "the shape of the weights.",
    "weights-counted": "You keep a share of the number of *weights*, but count in "
    "blocks: `size` times too many stay.",
}


EDGES = {
    "first row": [(0, slice(None))],
    "last row": [(-1, slice(None))],
    "first column": [(slice(None), 0)],
    "last column": [(slice(None), -1)],
    "first row and the last column": [(0, slice(None)), (slice(None), -1)],
    "last row and the first column": [(-1, slice(None)), (slice(None), 0)],
}


def _of_class(answer, edge, weight, share, size=1):
    """Protect an edge of the matrix."""
    mask = answer(weight, share, size).clone()
    for place in EDGES[edge]:
        mask[place] = True
    return mask


def _card(edge) -> str:
    return (
        f"The {edge} of the matrix must not be touched: every weight there stays, "
        "*beside* the blocks that the share allows."
    )


CHECK = Check(
    calls,
    {NAME: _version(_total)},
    slips=slips(NAME, VERSIONS, TEXTS),
    vary=varied("32-blocks", list(EDGES), _card, _of_class),
)
