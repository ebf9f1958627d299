"""Pairs of sentences, divided so that the test holds combinations never trained on."""

import zlib
from collections.abc import Callable, Iterator
from itertools import islice

from course_utils.data.corpus import Pair
from course_utils.data.phrasebook import chinese, english, french
from course_utils.data.phrasebook.grammar import Grammar
from course_utils.data.phrasebook.phenomena import phenomena_of
from course_utils.data.phrasebook.tree import Clause, Place, Sentence
from course_utils.words import join_words

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
SHORTEST, LONGEST = 4, {"all": 14, "core": 10}


def phrasebook(
    language: str = "fr",
    n: int = 10_000,
    split: str = "train",
    seed: int = 0,
    level: str = "all",
) -> list[Pair]:
    """Draw `n` distinct pairs, English and `language` (fr or zh), from one split.

    The level core has fewer words and phenomena and shorter sentences. The same
    arguments give the same list, and a smaller `n` its beginning. Raises ValueError
    for another language, split or level.
    """
    return list(islice(pairs(language, split, seed, level), n))


def pairs(
    language: str = "fr", split: str = "train", seed: int = 0, level: str = "all"
) -> Iterator[Pair]:
    """Draw distinct pairs without end."""
    if language not in LANGUAGES:
        raise ValueError(f"language={language!r} is not one of {', '.join(LANGUAGES)}")
    if split not in SPLITS:
        raise ValueError(f"split={split!r} is not one of {', '.join(SPLITS)}")
    return _draw(LANGUAGES[language], split, Grammar(seed, level), LONGEST[level])


def _draw(
    translate: Callable, split: str, grammar: Grammar, longest: int
) -> Iterator[Pair]:
    seen = set()
    while True:
        tree = grammar.sentence()
        if split_of(tree) != split:
            continue
        source = join_words(english.sentence(tree))
        length = source.count(" ") + 2  # the mark at the end is a word, too
        if SHORTEST <= length <= longest and source not in seen:
            seen.add(source)
            target = join_words(translate(tree))
            yield Pair(source, target, phenomena_of(tree))


def combinations(tree: Sentence) -> list[str]:
    """Name who does what to whom (or where, when, how) in the clauses of a sentence."""
    clauses = [tree.clause] + ([tree.second] if tree.second else [])
    return [name for clause in clauses for name in _clause_combinations(clause)]


def _clause_combinations(clause: Clause) -> Iterator[str]:
    verb = clause.verb if isinstance(clause.verb, str) else clause.verb.key
    subject = clause.subject
    third = _third(clause)
    if third:
        yield f"{subject.head.en}|{verb}|{third}"
    if clause.complement:
        yield from _clause_combinations(clause.complement)
    for phrase in (subject, clause.object):
        if phrase and phrase.relative:
            yield from _clause_combinations(phrase.relative)


def _third(clause: Clause) -> str:
    """Name the object of a clause, else what it is said to be, else where or when."""
    if clause.object:
        return clause.object.head.en
    if isinstance(clause.place, Place) and not clause.adjective:
        return clause.place.noun.head.en
    detail = clause.adjective or clause.place or clause.time
    detail = detail or clause.frequency or clause.manner
    return detail.en if detail else ""


def split_of(tree: Sentence) -> str:
    """Say to which split a sentence belongs.

    A checksum of each combination (subject, verb, object) decides: 10 % are kept for
    the test, 5 % for validation. A sentence is in the test if any of its clauses is,
    and in train if it has no third word to combine (he sleeps).
    """
    shares = [zlib.crc32(name.encode()) % 100 for name in combinations(tree)]
    share = min(shares, default=99)
    if share < 10:
        return "test"
    return "validation" if share < 15 else "train"
