"""Count what two sequences share: the ground on which BLEU, chrF and ROUGE stand."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["MatchCounts", "f_score", "ngram_counts"]


def ngram_counts(units: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """Count the n-grams: every run of n neighbors in a list of words.

    A plain text is a sequence of characters, so there it counts character n-grams.
    Raises ValueError for n < 1.

    >>> ngram_counts("to be or not to be".split(), 2)[("to", "be")]
    2
    """
    if n < 1:
        raise ValueError(f"n={n}: an n-gram has at least one unit; choose n >= 1")
    return Counter(tuple(units[i : i + n]) for i in range(len(units) - n + 1))


def f_score(precision: float, recall: float, beta: float = 1.0) -> float:
    """Return the weighted harmonic mean: recall counts beta times as much.

    All in [0, 1]; 0 when both are 0. Source: van Rijsbergen, Information Retrieval
    (1979), chapter 7; chrF takes beta = 2, ROUGE and F1 take beta = 1.

    >>> f_score(0.5, 1.0, beta=2.0)
    0.8333333333333334
    """
    if precision + recall == 0:
        return 0.0
    weight = beta**2
    return (1 + weight) * precision * recall / (weight * precision + recall)


class MatchCounts(NamedTuple):
    """Hold how many units match, and how many each side has.

    >>> MatchCounts(matches=3, hypothesis=4, reference=6).recall
    0.5
    """

    matches: int
    hypothesis: int
    reference: int

    @property
    def precision(self) -> float:
        """Return the matched share of the hypothesis, 0 if that is empty."""
        return self.matches / max(self.hypothesis, 1)

    @property
    def recall(self) -> float:
        """Return the matched share of the reference, 0 if that is empty."""
        return self.matches / max(self.reference, 1)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return f_score(self.precision, self.recall)
