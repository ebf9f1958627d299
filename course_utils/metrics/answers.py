"""Score short answers: right or wrong, and how many words are right."""

import re
import string
from collections import Counter
from collections.abc import Sequence

from course_utils.metrics.guards import checked_pairs
from course_utils.metrics.ngrams import MatchCounts

__all__ = ["exact_match", "normalize_answer", "token_f1"]


def exact_match(hypotheses: Sequence[object], references: Sequence[object]) -> float:
    """Return the share, 0 to 1, of hypotheses that equal their reference exactly.

    Raises ValueError for lists of different lengths or empty ones.

    >>> exact_match(["le chat dort", "il pleut"], ["le chat dort", "il neige"])
    0.5
    """
    pairs = checked_pairs(hypotheses, references)
    return sum(ours == theirs for ours, theirs in pairs) / len(pairs)


def normalize_answer(text: str) -> str:
    """Lower-case a text and drop ASCII punctuation, English articles, extra spaces.

    Source: the evaluation of SQuAD, Rajpurkar et al. (2016), section 6.1.

    >>> normalize_answer("The  Eiffel-Tower!")
    'eiffeltower'
    """
    text = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def token_f1(hypothesis: str, reference: str) -> float:
    """Return the F1, 0 to 1, of the words that two answers share, order ignored.

    Two empty answers agree (1); an empty one and another do not (0). Source:
    Rajpurkar et al. (2016), section 6.1, and (2018) for empty answers.

    >>> token_f1("in the year 1987", "1987")
    0.5
    """
    ours = normalize_answer(hypothesis).split()
    theirs = normalize_answer(reference).split()
    if not ours or not theirs:
        return float(ours == theirs)
    shared = Counter(ours) & Counter(theirs)
    return MatchCounts(shared.total(), len(ours), len(theirs)).f1
