"""Inputs, and n-grams matched by crossing them off, for the checks of lesson 09."""

import random
from collections.abc import Sequence

__all__ = ["grams", "matches", "text", "variant"]

WORDS = "the cat dog sees is on a mat old red".split()


def text(dice: random.Random, length: int, words: Sequence[str] = WORDS) -> list[str]:
    """Return a random text of so many words."""
    return [dice.choice(words) for _ in range(length)]


def variant(dice: random.Random, words: list[str], share: float) -> list[str]:
    """Return the text with about this share of its words replaced by others."""
    return [dice.choice(WORDS) if dice.random() < share else one for one in words]


def grams(units: Sequence, n: int) -> list[tuple]:
    """Return all runs of n neighbors, in order."""
    return list(zip(*(units[i:] for i in range(n)), strict=False))


def matches(hypothesis: Sequence, reference: Sequence, n: int) -> int:
    """Count the runs that both have: each of the reference's is used up once."""
    left, found = grams(reference, n), 0
    for run in grams(hypothesis, n):
        if run in left:
            left.remove(run)
            found += 1
    return found
