"""Pairs of sentences, divided so that the test holds combinations never trained on."""

import zlib
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from course_utils.data.phrasebook import chinese, english, french
from course_utils.data.phrasebook.grammar import Grammar
from course_utils.data.phrasebook.phenomena import phenomena_of
from course_utils.data.phrasebook.tree import Clause, Place, Sentence
from course_utils.text import join_words

__all__ = [
    "LANGUAGES",
    "SPLITS",
    "Pair",
    "combinations",
    "pairs",
    "phrasebook",
    "split_of",
]

LANGUAGES = {"fr": french.sentence, "zh": chinese.sentence}
SPLITS = ("train", "validation", "test")
SHORTEST, LONGEST = 4, 14


class Pair(NamedTuple):
    """An English sentence, its translation, and the phenomena that it shows."""

    source: str
    target: str
    phenomena: tuple[str, ...]


def phrasebook(
    language: str = "fr", n: int = 10_000, split: str = "train", seed: int = 0
) -> list[Pair]:
    """Draw `n` distinct pairs, English and `language` (fr or zh), from one split.

    The same arguments give the same list, and a smaller `n` its beginning.
    Raises ValueError for another language or split.
    """
    return list(islice(pairs(language, split, seed), n))


def pairs(language: str = "fr", split: str = "train", seed: int = 0) -> Iterator[Pair]:
    """Draw distinct pairs without end."""
    if language not in LANGUAGES:
        raise ValueError(f"language={language!r} is not one of {', '.join(LANGUAGES)}")
    if split not in SPLITS:
        raise ValueError(f"split={split!r} is not one of {', '.join(SPLITS)}")
    return _draw(language, split, seed)


def _draw(language: str, split: str, seed: int) -> Iterator[Pair]:
    translate = LANGUAGES[language]
    grammar = Grammar(seed)
    seen = set()
    while True:
        tree = grammar.sentence()
        if split_of(tree) != split:
            continue
        words = english.sentence(tree)
        if not SHORTEST <= sum(map(_length, words)) <= LONGEST:
            continue
        source = join_words(words)
        if source not in seen:
            seen.add(source)
            target = join_words(translate(tree))
            yield Pair(source, target, phenomena_of(tree))


def _length(word: str) -> int:
    return word.count(" ") + 1


def combinations(tree: Sentence) -> list[str]:
    """Name who does what to whom in every clause of a sentence."""
    clauses = [tree.clause] + ([tree.second] if tree.second else [])
    return [name for clause in clauses for name in _clause_combinations(clause)]


def _clause_combinations(clause: Clause) -> Iterator[str]:
    verb = clause.verb if isinstance(clause.verb, str) else clause.verb.key
    subject = clause.subject
    yield f"{subject.head.en}|{verb}|{_last(clause)}"
    if clause.complement:
        yield from _clause_combinations(clause.complement)
    for phrase in (subject, clause.object):
        if phrase and phrase.relative:
            yield from _clause_combinations(phrase.relative)


def _last(clause: Clause) -> str:
    if clause.object:
        return clause.object.head.en
    if clause.adjective:
        return clause.adjective.en
    if isinstance(clause.place, Place):
        return clause.place.noun.head.en
    return ""


def split_of(tree: Sentence) -> str:
    """Say to which split a sentence belongs.

    A checksum of each combination (subject, verb, object) decides: 10 % are kept for
    the test, 5 % for validation. A sentence is in the test if any of its clauses is.
    """
    shares = [zlib.crc32(name.encode()) % 100 for name in combinations(tree)]
    if min(shares) < 10:
        return "test"
    return "validation" if min(shares) < 15 else "train"
