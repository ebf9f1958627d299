"""02-scores: complete the score of every query with every key."""

import math

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then random ones in which no two sizes are equal."""
    q = torch.tensor([[2.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0]])
    k = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 4.0, 2.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    return {
        "by hand": Call("scores", (q, k)),
        "random": Call("scores", tuple(draw(seed, (5, 8), (7, 8))), grads=True),
        "one query": Call("scores", tuple(draw(seed + 1, (1, 3), (4, 3)))),
        "float64": Call(
            "scores", tuple(draw(seed + 2, (4, 6), (3, 6), dtype=torch.float64))
        ),
    }


def scores(q, k):
    """Return the right scores, by another road than the lesson's."""
    return torch.einsum("td,sd->ts", q, k) / math.sqrt(q.shape[-1])


CHECK = Check(
    calls,
    {"scores": scores},
    slips=(
        Slip(
            "no-scale",
            "The scale is missing. Products of long vectors are large, and softmax "
            "would pick a single key: divide by √D.",
            {"scores": lambda q, k: q @ k.T},
            "One more thing: the scale",
        ),
        Slip(
            "divided-by-D",
            "You divide by D, not by its square root. A sum of D products grows "
            "like √D, so √D is what brings it back to size 1.",
            {"scores": lambda q, k: q @ k.T / q.shape[-1]},
            "One more thing: the scale",
        ),
        Slip(
            "another-size",
            "You divide by the root of a number of words. What makes a product large "
            "is the length of the vectors: divide by √D, `q.shape[-1]`.",
            {"scores": lambda q, k: q @ k.T / math.sqrt(len(k))},
            "One more thing: the scale",
        ),
        Slip(
            "another-size",
            "You divide by the root of a number of words. What makes a product large "
            "is the length of the vectors: divide by √D, `q.shape[-1]`.",
            {"scores": lambda q, k: q @ k.T / math.sqrt(len(q))},
            "One more thing: the scale",
        ),
        Slip(
            "softmax-already",
            "These are weights: their rows sum to 1. The softmax comes in the next "
            "exercise; the scores are what goes into it.",
            {"scores": lambda q, k: scores(q, k).softmax(-1)},
        ),
        Slip(
            "multiplied",
            "You multiply by √D. The scale is there to make scores smaller: divide.",
            {"scores": lambda q, k: q @ k.T * math.sqrt(q.shape[-1])},
            "One more thing: the scale",
        ),
        Slip(
            "keys-first",
            "Rows and columns are swapped. A row belongs to a query: q stands left of "
            "the product, the transposed keys right of it.",
            {"scores": lambda q, k: k @ q.T / math.sqrt(q.shape[-1])},
        ),
        Slip(
            "not-transposed",
            "The keys must be turned before the product: q is (T, D), so the other "
            "side must be (D, S), that is `k.T`.",
            {"scores": lambda q, k: q @ k / math.sqrt(q.shape[-1])},
        ),
    ),
)
