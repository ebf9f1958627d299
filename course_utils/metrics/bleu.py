"""BLEU, as sacrebleu computes it with tokenize="none" and exponential smoothing."""

import math
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from course_utils.metrics.guards import checked_pairs
from course_utils.metrics.ngrams import ngram_counts

__all__ = [
    "bleu_counts",
    "bleu_from_counts",
    "brevity_penalty",
    "clipped_precision",
    "corpus_bleu",
    "sentence_bleu",
]


def clipped_precision(
    hypothesis: Sequence[str], reference: Sequence[str], n: int
) -> float:
    """Return the share of the hypothesis's n-grams that the reference has too.

    Takes lists of words. An n-gram counts at most as often as the reference has it;
    0 if the hypothesis is shorter than n. Source: Papineni et al. (2002), 2.1.

    >>> clipped_precision("the the the".split(), "the cat".split(), n=1)
    0.3333333333333333
    """
    produced = ngram_counts(hypothesis, n)
    matched = produced & ngram_counts(reference, n)  # & keeps the smaller count
    return matched.total() / max(produced.total(), 1)


def brevity_penalty(hypothesis_length: int, reference_length: int) -> float:
    """Return the factor in [0, 1] by which BLEU punishes saying too little.

    Lengths in words, of the whole corpus. Source: Papineni et al. (2002), 2.2.2.

    >>> brevity_penalty(12, 10)
    1.0
    """
    if hypothesis_length >= reference_length:
        return 1.0
    if hypothesis_length == 0:
        return 0.0
    return math.exp(1 - reference_length / hypothesis_length)


def bleu_counts(
    hypothesis: Sequence[str], reference: Sequence[str], max_n: int = 4
) -> Int[Tensor, "_ 2"]:
    """Count what one pair of word lists adds to a corpus BLEU.

    Row 0 holds the two lengths, row n the matched n-grams and the produced ones,
    so the counts of a corpus are the sum over its pairs.
    """
    rows = [(len(hypothesis), len(reference))]
    for n in range(1, max_n + 1):
        produced = ngram_counts(hypothesis, n)
        matched = produced & ngram_counts(reference, n)
        rows.append((matched.total(), produced.total()))
    return torch.tensor(rows)


def bleu_from_counts(counts: Int[Tensor, "B _ 2"]) -> float:
    """Return the BLEU, 0 to 100, of the pairs whose counts are given.

    Brevity penalty times the geometric mean of the precisions (Papineni et al. 2002,
    2.3); the k-th order without a match is credited with 1/2^k matches (Chen and
    Cherry 2014, method 3). No match at all, or no run of n words, gives 0.
    """
    (hypothesis_length, reference_length), *orders = counts.sum(0).tolist()
    if not any(matched for matched, _ in orders):
        return 0.0
    log_sum, credit = 0.0, 1.0
    for matched, produced in orders:
        if produced == 0:
            return 0.0
        if matched == 0:
            credit /= 2
        log_sum += math.log((matched or credit) / produced)
    penalty = brevity_penalty(hypothesis_length, reference_length)
    return 100 * penalty * math.exp(log_sum / len(orders))


def corpus_bleu(
    hypotheses: Sequence[str],
    references: Sequence[str],
    split: Callable[[str], Sequence[str]] = str.split,
) -> float:
    """Return the BLEU, 0 to 100, of a list of texts against one reference each.

    Counts are summed over the corpus before anything is divided; `split` decides
    what a word is. Raises ValueError for lists of different lengths or empty ones.
    Source: Papineni et al. (2002), 2.3; equal to sacrebleu's corpus_score.

    >>> round(corpus_bleu(["the cat sat on a mat"], ["the cat sat on the mat"]), 1)
    53.7
    """
    pairs = checked_pairs(hypotheses, references)
    counts = [bleu_counts(split(ours), split(theirs)) for ours, theirs in pairs]
    return bleu_from_counts(torch.stack(counts))


def sentence_bleu(
    hypothesis: str,
    reference: str,
    split: Callable[[str], Sequence[str]] = str.split,
) -> float:
    """Return the BLEU, 0 to 100, of one text, with orders no longer than the text.

    Meant for looking at single sentences: its mean over a corpus is not the corpus
    BLEU. Equal to sacrebleu's sentence_score with effective_order=True.

    >>> sentence_bleu("good morning", "good morning")
    100.0
    """
    words = split(hypothesis)
    counts = bleu_counts(words, split(reference), max_n=min(4, len(words)))
    return bleu_from_counts(counts[None])
