"""Turn the summed loss of a language model into numbers that can be compared."""

import math

from course_utils.metrics.guards import mean_nats

__all__ = ["bits_per_byte", "perplexity"]


def perplexity(total_nats: float, n_tokens: int) -> float:
    """Return exp(mean loss): among how many tokens the model hesitates.

    `total_nats` is the cross-entropy summed over the n_tokens predicted; a uniform
    guess over V tokens scores V. Infinite beyond the largest float. Raises
    ValueError for n_tokens < 1 and a negative sum. Source: Jelinek et al. (1977).

    >>> round(perplexity(total_nats=3 * math.log(50), n_tokens=3), 6)
    50.0
    """
    try:
        return math.exp(mean_nats(total_nats, n_tokens, "tokens"))
    except OverflowError:
        return math.inf


def bits_per_byte(total_nats: float, n_bytes: int) -> float:
    """Return the bits that the model spends on each byte of the text.

    Bytes are those of the text in UTF-8, whatever the tokens are, so models with
    different vocabularies can be compared with each other and with a compressor.
    Raises ValueError for n_bytes < 1 and a negative sum. Source: Gao et al. (2020),
    The Pile, section 3.1.

    >>> bits_per_byte(total_nats=10 * math.log(2), n_bytes=5)
    2.0
    """
    return mean_nats(total_nats, n_bytes, "bytes") / math.log(2)
