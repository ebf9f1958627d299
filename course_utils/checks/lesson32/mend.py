"""32-mend: find what is wrong in a cut that runs without complaint."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "mended_cut"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then other sizes; the largest units stand anywhere."""
    up = torch.tensor([[0.1, 0.1], [-3.0, 0.0], [1.0, 1.0]])
    bias, down = torch.tensor([90.0, 20.0, 30.0]), torch.tensor([[0.1, -3.0, 2.0]])

    def drawn(seed, C, F, number, dtype=torch.float32):
        parts = draw(seed, (F, C), (F,), (C, F), dtype=dtype)
        return Call(NAME, (*parts, number))

    return {
        "by hand": Call(NAME, (up, bias, down, 2)),
        "three of seven": drawn(seed, 4, 7, 3),
        "one of five": drawn(seed + 1, 3, 5, 1),
        "all of six": drawn(seed + 2, 2, 6, 6),
        "float64": drawn(seed + 3, 5, 9, 4, torch.float64),
    }


def _squares(up, down):
    return torch.tensor([float(a @ a + b @ b) for a, b in zip(up, down.T, strict=True)])


def _sums(up, down):
    return up.sum(dim=1) + down.sum(dim=0)


def _version(score=_squares, best=True, bias_cut=True, order="both"):
    """Return a version with some of the faults; without any it is right."""

    def cut(up, bias, down, number):
        ranked = score(up, down).argsort(descending=best, stable=True)[:number]
        rows = columns = ranked.sort().values
        if order == "neither":
            rows = columns = ranked
        if order == "columns":
            rows = ranked
        return up[rows], bias[rows] if bias_cut else bias[:number], down[:, columns]

    return cut


def _absolute(up, down):
    return up.abs().sum(dim=1) + down.abs().sum(dim=0)


def _up_only(up, down):
    return up.square().sum(dim=1)


VERSIONS = {
    "nothing-mended": _version(_sums, best=False, bias_cut=False, order="columns"),
    "no-squares": _version(_sums),
    "keeps-the-worst": _version(best=False),
    "bias-of-others": _version(bias_cut=False),
    "two-orders": _version(order="columns"),
    "not-in-order": _version(order="neither"),
    "absolute": _version(_absolute),
    "one-matrix": _version(_up_only),
    "signs-and-bias": _version(_sums, bias_cut=False),
    "order-and-bias": _version(bias_cut=False, order="columns"),
    "signs-and-order": _version(_sums, order="columns"),
}
TEXTS = {
    "nothing-mended": "It still does what the broken one did. Print its scores for the "
    "case by hand: does the unit with the weights −3 look important?",
    "no-squares": "Positive and negative weights still cancel out in the scores. "
    "Square them before you add.",
    "keeps-the-worst": "The units with the *lowest* scores are kept.",
    "bias-of-others": "The biases are the first ones, not those of the units that "
    "stay. A unit takes its row, its bias and its column along.",
    "two-orders": "Rows and columns stand in different orders now: unit 1's row meets "
    "unit 2's column. Use one and the same order for all three.",
    "not-in-order": "The units are the right ones, and they fit together; but the card "
    "wants them in their old order. Sort the numbers of the units.",
    "absolute": "The scores add absolute values. The card asks for squares: they "
    "weigh one large weight more than many small ones.",
    "one-matrix": "The scores look at `up` alone. A unit with small weights in front "
    "can have large ones behind: add both.",
    "signs-and-bias": "Two faults are left: signs cancel out in the scores, and the "
    "biases are those of other units.",
    "order-and-bias": "Two faults are left: rows and columns stand in different "
    "orders, and the biases are those of other units.",
    "signs-and-order": "Two faults are left: signs cancel out in the scores, and rows "
    "and columns stand in different orders.",
}

CHECK = Check(
    calls,
    {NAME: _version()},
    slips=slips(NAME, VERSIONS, TEXTS),
)
