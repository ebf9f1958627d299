"""Say *where* two texts agree, so that a figure can underline it."""

from collections.abc import Sequence

from course_utils.metrics.ngrams import ngram_counts
from course_utils.metrics.rouge import lcs_table

__all__ = ["common_subsequence", "matched_spans"]


def matched_spans(
    hypothesis: Sequence[str], reference: Sequence[str], n: int
) -> list[tuple[int, int]]:
    """Return where the hypothesis's matched n-grams start and stop.

    From the left, each n-gram matches as often as the reference has it: the number
    of spans is the numerator of `clipped_precision`. Swap the arguments for the
    reference's side; plain texts give spans of characters.

    >>> matched_spans("the the cat".split(), "the cat".split(), n=1)
    [(0, 1), (2, 3)]
    """
    left = ngram_counts(reference, n)
    spans = []
    for start in range(len(hypothesis) - n + 1):
        ngram = tuple(hypothesis[start : start + n])
        if left[ngram] > 0:
            left[ngram] -= 1
            spans.append((start, start + n))
    return spans


def common_subsequence(
    first: Sequence[str], second: Sequence[str]
) -> list[tuple[int, int]]:
    """Return the positions, in both, of one longest common subsequence.

    >>> common_subsequence("a b c d".split(), "b x d".split())
    [(1, 0), (3, 2)]
    """
    table = lcs_table(first, second)
    i, j, places = len(first), len(second), []
    while table[i][j] > 0:
        if first[i - 1] == second[j - 1]:
            i, j = i - 1, j - 1
            places.append((i, j))
        elif table[i - 1][j] >= table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return places[::-1]
