"""chrF: an F-score over character n-grams, as sacrebleu computes it."""

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from course_utils.metrics.guards import checked_pairs
from course_utils.metrics.ngrams import f_score, ngram_counts

__all__ = ["chrf_counts", "chrf_from_counts", "corpus_chrf"]


def chrf_counts(hypothesis: str, reference: str, max_n: int = 6) -> Int[Tensor, "_ 3"]:
    """Count the character n-grams that two texts share, for n = 1 to max_n.

    Row n-1 holds the matched n-grams, the hypothesis's and the reference's. White
    space is left out; where the reference has no n-gram, nothing is counted.
    Source: Popović (2015), section 2.
    """
    hypothesis, reference = "".join(hypothesis.split()), "".join(reference.split())
    rows = []
    for n in range(1, max_n + 1):
        ours, theirs = ngram_counts(hypothesis, n), ngram_counts(reference, n)
        produced = ours.total() if theirs else 0
        rows.append(((ours & theirs).total(), produced, theirs.total()))
    return torch.tensor(rows)


def chrf_from_counts(counts: Int[Tensor, "B _ 3"]) -> float:
    """Return the chrF, 0 to 100, of the pairs whose counts are given.

    Precision and recall are averaged over the orders that both sides have, then
    joined with recall counting twice (Popović 2015, equation 1, beta = 2).
    """
    orders = [row for row in counts.sum(0).tolist() if row[1] and row[2]]
    if not orders:
        return 0.0
    precision = sum(matched / ours for matched, ours, _ in orders) / len(orders)
    recall = sum(matched / theirs for matched, _, theirs in orders) / len(orders)
    return 100 * f_score(precision, recall, beta=2.0)


def corpus_chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Return the chrF, 0 to 100, of a list of texts against one reference each.

    Needs no word boundaries, so it suits Chinese and forgives an ending. Raises
    ValueError for lists of different lengths or empty ones. Source: Popović (2015);
    equal to sacrebleu's corpus_score with char_order=6, word_order=0, beta=2.

    >>> round(corpus_chrf(["the cats sat"], ["the cat sat"]), 1)
    74.8
    """
    pairs = checked_pairs(hypotheses, references)
    return chrf_from_counts(torch.stack([chrf_counts(*pair) for pair in pairs]))
