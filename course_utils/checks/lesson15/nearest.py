"""15-nearest: rebuild the search by meaning."""

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "nearest"


def calls(seed: int) -> dict[str, Call]:
    """Return a search by hand, then others; no two cosines are equal."""
    dice = torch.Generator().manual_seed(seed)
    by_hand = torch.tensor([[0.0, 1.0], [5.0, 5.0], [1.0, 0.2], [-1.0, 0.0]])
    vectors = torch.randn(9, 5, generator=dice) * torch.rand(9, 1, generator=dice) * 4
    query = torch.randn(5, generator=dice)
    close = torch.tensor([[2.0, 2.4, 0.0], [2.0, 1.6, 1.6], [-1.0, 0.1, 0.0]])
    return {
        "by hand": Call(NAME, (torch.tensor([2.0, 0.0]), by_hand, 2)),
        "vectors of any length": Call(NAME, (query, vectors, 4)),
        "two that are close": Call(NAME, (torch.tensor([1.0, 0.0, 0.0]), close, 2)),
        "the best alone": Call(NAME, (query, vectors, 1)),
        "all of them": Call(NAME, (query, vectors, 9)),
        "more than there are": Call(NAME, (query, vectors[:3], 8)),
        "a long query": Call(NAME, (query * 50, vectors, 3)),
        "the opposite query": Call(NAME, (-query, vectors, 3)),
    }


def _cosines(query, vectors):
    dots = torch.stack([(query * row).sum() for row in vectors])
    lengths = vectors.square().sum(1).sqrt() * query.square().sum().sqrt()
    return dots / lengths


def nearest(query, vectors, k):
    """Return the right texts: all cosines, sorted in plain Python."""
    scores = _cosines(query, vectors).tolist()
    return sorted(range(len(scores)), key=lambda i: -scores[i])[:k]


def _by(score, descending=True, limit=True):
    def version(query, vectors, k):
        found = score(query, vectors).argsort(descending=descending).tolist()
        return found[:k] if limit else found

    return version


def _values(query, vectors, k):
    return _cosines(query, vectors).sort(descending=True).values[:k].tolist()


VERSIONS = {
    "plain-products": (
        _by(lambda q, v: v @ q),
        "Dot products are compared, so long vectors win because they are long. The "
        "*direction* is the meaning: bring every vector to length 1 first.",
    ),
    "farthest-first": (
        _by(_cosines, descending=False),
        "The order is turned round: these are the texts that are farthest away.",
    ),
    "scores": (
        _values,
        "Those are the scores. What is asked for is *where* they stand: the numbers "
        "of the texts, best first.",
    ),
    "all-texts": (
        _by(_cosines, limit=False),
        "All texts are returned. Only the first k are asked for.",
    ),
    "distances": (
        _by(lambda q, v: -(v - q).square().sum(1)),
        "The distances are measured between vectors of any length, so a long vector "
        "of the right direction counts as far away. Bring all to length 1 first.",
    ),
    "sizes": (
        _by(lambda q, v: _cosines(q, v).abs()),
        "The sign is thrown away: a text that says the opposite direction counts as "
        "near. Sort by the cosine itself.",
    ),
    "wrong-axis": (
        _by(lambda q, v: (v / v.norm(dim=0)) @ q),
        "The vectors are divided by the lengths of the *columns*. A text is a row: "
        "its length is taken along the last axis.",
    ),
}

CHECK = Check(
    calls,
    {NAME: nearest},
    slips=tuple(
        Slip(name, text, {NAME: version}) for name, (version, text) in VERSIONS.items()
    ),
)
