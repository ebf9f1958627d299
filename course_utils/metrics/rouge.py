"""ROUGE-N and ROUGE-L, as rouge-score computes them without a stemmer."""

import re
from collections.abc import Sequence

from course_utils.metrics.ngrams import MatchCounts, ngram_counts

__all__ = ["lcs_table", "rouge_l", "rouge_n", "rouge_words"]


def rouge_words(text: str) -> list[str]:
    """Split a text into the lower-case runs of a-z and 0-9, and drop all else.

    Made for English: an accent ends a word, and Chinese vanishes altogether.

    >>> rouge_words("Don't panic, Zoé!")
    ['don', 't', 'panic', 'zo']
    """
    return re.findall("[a-z0-9]+", text.lower())


def rouge_n(hypothesis: str, reference: str, n: int) -> MatchCounts:
    """Count the n-grams of words that two texts share: ROUGE-1, ROUGE-2, ...

    The result's precision, recall and f1 are in [0, 1]. Source: Lin (2004), section 2
    (recall); all three equal rouge-score's.

    >>> rouge_n("The cat sat.", "the cat is here", n=2).precision
    0.5
    """
    ours = ngram_counts(rouge_words(hypothesis), n)
    theirs = ngram_counts(rouge_words(reference), n)
    return MatchCounts((ours & theirs).total(), ours.total(), theirs.total())


def lcs_table(first: Sequence[str], second: Sequence[str]) -> list[list[int]]:
    """Fill the table whose entry [i][j] is the longest common subsequence.

    Entry [i][j] is its length between first[:i] and second[:j]: the same words in
    the same order, gaps allowed. Costs len(first) * len(second) steps.

    >>> lcs_table("a b c d".split(), "a c b d".split())[4][4]
    3
    """
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, ours in enumerate(first):
        for j, theirs in enumerate(second):
            if ours == theirs:
                table[i + 1][j + 1] = table[i][j] + 1
            else:
                table[i + 1][j + 1] = max(table[i][j + 1], table[i + 1][j])
    return table


def rouge_l(hypothesis: str, reference: str) -> MatchCounts:
    """Count the words of the longest common subsequence of two texts.

    The result's precision, recall and f1 are in [0, 1]. Source: Lin (2004), 3.1,
    equations 2-4 with beta = 1; equal to rouge-score's rougeL.

    >>> rouge_l("the man bit the dog", "the dog bit the man").f1
    0.6
    """
    ours, theirs = rouge_words(hypothesis), rouge_words(reference)
    return MatchCounts(lcs_table(ours, theirs)[-1][-1], len(ours), len(theirs))
