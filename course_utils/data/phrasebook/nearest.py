"""Offer the nearest known sentence to a reader who types freely (lesson 00)."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from course_utils.data.phrasebook.pairs import phrasebook
from course_utils.words import split_words

__all__ = ["Suggestion", "edit_distance", "nearest_sentence"]

POOL = 20_000


@dataclass(frozen=True)
class Suggestion:
    """The unknown words with known ones near them, and the nearest known sentence."""

    unknown: dict[str, list[str]]
    sentence: str


def edit_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Count the words to insert, delete or replace to turn one list into the other.

    Source: Levenshtein 1966; Wagner and Fischer 1974, J. ACM 21(1), algorithm X.
    """
    row = list(range(len(second) + 1))
    for i, word in enumerate(first, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(second, start=1):
            cheapest = min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
            diagonal, row[j] = row[j], cheapest
    return row[-1]


def nearest_sentence(
    words: Sequence[str], sentences: Sequence[str] | None = None
) -> Suggestion:
    """Mark the unknown among `words`, and find the nearest sentence.

    Without `sentences`, 20,000 English sentences of the phrasebook are searched.
    An unknown word counts as the known word nearest to it in spelling.
    Raises ValueError if there are no words.
    """
    if not words:
        raise ValueError("there are no words; type a sentence")
    index = _index(tuple(sentences) if sentences is not None else None)
    unknown = {
        word: difflib.get_close_matches(word, index.words, n=3)
        for word in words
        if word not in index.sentences_with
    }
    known = [
        (unknown[word] or [word])[0] if word in unknown else word for word in words
    ]
    candidates = index.candidates(known)
    best = min(candidates, key=lambda i: edit_distance(known, index.split[i]))
    return Suggestion(unknown, index.sentences[best])


@dataclass(frozen=True)
class _Index:
    sentences: tuple[str, ...]
    split: tuple[list[str], ...]
    sentences_with: dict[str, list[int]]

    @property
    def words(self) -> list[str]:
        return list(self.sentences_with)

    def candidates(self, words: Sequence[str], n: int = 200) -> list[int]:
        """Rank sentences by the rare words that they share, the first ones at a tie."""
        scores: dict[int, float] = {}
        for word in sorted(set(words)):
            found = self.sentences_with.get(word, [])
            for i in found:
                scores[i] = scores.get(i, 0.0) + 1 / len(found) ** 0.5
        ranked = sorted(scores, key=lambda i: (-scores[i], i))
        return ranked[:n] or [0]


@cache
def _index(sentences: tuple[str, ...] | None) -> _Index:
    if sentences is None:
        sentences = tuple(pair.source for pair in phrasebook(n=POOL))
    split = tuple(split_words(sentence) for sentence in sentences)
    sentences_with: dict[str, list[int]] = {}
    for i, words in enumerate(split):
        for word in dict.fromkeys(words):
            sentences_with.setdefault(word, []).append(i)
    return _Index(sentences, split, sentences_with)
