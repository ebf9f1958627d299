"""Refuse, in plain words, what no score can be computed from."""

from collections.abc import Sequence
from typing import TypeVar

__all__ = ["checked_pairs", "mean_nats"]

Item = TypeVar("Item")


def checked_pairs(
    hypotheses: Sequence[Item], references: Sequence[Item]
) -> list[tuple[Item, Item]]:
    """Pair each hypothesis with the reference at the same place.

    Raises TypeError for a single text in place of a list, ValueError for lists of
    different lengths and for empty ones.
    """
    for name, texts in (("hypotheses", hypotheses), ("references", references)):
        if isinstance(texts, str):
            raise TypeError(
                f"{name} is one text, {texts[:30]!r}; pass a list, [{texts[:30]!r}]"
            )
    if len(hypotheses) != len(references):
        raise ValueError(
            f"{len(hypotheses)} hypotheses but {len(references)} references; "
            "pass exactly one reference for each hypothesis"
        )
    if not hypotheses:
        raise ValueError("0 hypotheses; a score needs at least one pair")
    return list(zip(hypotheses, references, strict=True))


def mean_nats(total_nats: float, count: int, unit: str) -> float:
    """Divide a summed cross-entropy by the number of its units (tokens, bytes).

    Raises ValueError for a count below 1 and for a negative sum.
    """
    if count < 1:
        raise ValueError(f"n_{unit}={count}; pass the number of {unit}, at least 1")
    if total_nats < 0:
        raise ValueError(
            f"total_nats={total_nats} is negative; pass the summed cross-entropy, "
            "which is minus the log-likelihood"
        )
    return total_nats / count
