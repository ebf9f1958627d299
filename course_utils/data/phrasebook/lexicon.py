"""The words of the phrasebook, read from the files in `tables/`."""

import csv
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

__all__ = [
    "Adjective",
    "Determiner",
    "Lexicon",
    "Name",
    "Noun",
    "Phrase",
    "Preposition",
    "Pronoun",
    "Verb",
    "load_lexicon",
    "table",
]


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """A noun; `kinds` say what can be done with it; a mass has no plural."""

    en: str
    en_plural: str
    fr: str
    fr_plural: str
    fr_gender: str
    zh: str
    zh_classifier: str
    kinds: frozenset[str]
    prepositions: tuple[str, ...]
    person: int = 3

    @property
    def is_person(self) -> bool:
        return "person" in self.kinds


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """The name of a person: singular, without an article."""

    en: str
    fr: str
    fr_gender: str
    zh: str
    person: int = 3
    kinds: frozenset[str] = frozenset({"person"})


@dataclass(frozen=True, slots=True, eq=False)
class Pronoun:
    """A pronoun with its object form; also the question words who and what."""

    en: str
    en_object: str
    fr: str
    fr_object: str
    zh: str
    person: int
    number: str
    fr_gender: str
    kinds: frozenset[str] = frozenset({"person"})


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """A verb: its forms, and the kinds of nouns it goes with."""

    en: str
    en_third: str
    en_past: str
    en_particle: str
    fr: str
    fr_je: str
    fr_il: str
    fr_nous: str
    fr_vous: str
    fr_ils: str
    fr_participle: str
    fr_auxiliary: str
    fr_after: str
    fr_preposition: str
    zh: str
    zh_past: str
    frame: str
    subjects: tuple[str, ...]
    objects: tuple[str, ...]
    notes: frozenset[str]

    @property
    def key(self) -> str:
        return f"{self.en} {self.en_particle}".strip()


@dataclass(frozen=True, slots=True, eq=False)
class Adjective:
    """An adjective with its French forms and place and its two Chinese uses."""

    en: str
    en_comparative: str
    fr_m: str
    fr_f: str
    fr_m_plural: str
    fr_f_plural: str
    fr_m_before_vowel: str
    fr_position: str
    zh: str
    zh_before_noun: str
    zh_predicate: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Determiner:
    """An article, possessive or number; `{}` in Chinese is the noun's classifier."""

    en: str
    numbers: frozenset[str]
    fr_m: str
    fr_f: str
    fr_m_before_vowel: str
    fr_f_before_vowel: str
    zh: str
    notes: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Preposition:
    """A preposition of place; in Chinese 在 stands before the noun, the rest after."""

    key: str
    en: str
    fr: str
    zh_after: str


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A fixed phrase: a time, a place, an adverb, a conjunction, a question word."""

    kind: str
    tense: str
    en: str
    fr: str
    zh: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All tables, and the nouns of each kind."""

    nouns: tuple[Noun, ...]
    names: tuple[Name, ...]
    pronouns: tuple[Pronoun, ...]
    verbs: tuple[Verb, ...]
    adjectives: tuple[Adjective, ...]
    determiners: tuple[Determiner, ...]
    prepositions: dict[str, Preposition]
    phrases: tuple[Phrase, ...]
    of_kinds: dict[tuple[str, ...], tuple[Noun, ...]] = field(default_factory=dict)
    suiting: dict[Noun, tuple[Adjective, ...]] = field(default_factory=dict)

    def nouns_of(self, kinds: tuple[str, ...]) -> tuple[Noun, ...]:
        """List the nouns that bear at least one of the kinds."""
        if kinds not in self.of_kinds:
            wanted = set(kinds)
            self.of_kinds[kinds] = tuple(n for n in self.nouns if n.kinds & wanted)
        return self.of_kinds[kinds]

    def adjectives_for(self, noun: Noun) -> tuple[Adjective, ...]:
        """List the adjectives that suit a noun."""
        if noun not in self.suiting:
            self.suiting[noun] = tuple(
                a for a in self.adjectives if noun.kinds.intersection(a.kinds)
            )
        return self.suiting[noun]

    def phrases_of(self, kind: str, tense: str = "") -> tuple[Phrase, ...]:
        """List the fixed phrases of a kind, for one tense if given."""
        return tuple(
            p for p in self.phrases if p.kind == kind and tense in ("", p.tense)
        )

    def phrase(self, kind: str, en: str) -> Phrase:
        """Find a fixed phrase by its English."""
        return next(p for p in self.phrases if p.kind == kind and p.en == en)

    def determiner(self, en: str, number: str) -> Determiner:
        """Find the form of a determiner for a number: singular, plural or mass."""
        found = (d for d in self.determiners if d.en == en and number in d.numbers)
        return next(found)


LEVELS = ("all", "core")
SETS = frozenset({"numbers", "notes"})
TUPLES = frozenset({"subjects", "objects", "prepositions", "kinds"})


def table(name: str) -> list[dict[str, str]]:
    """Read one table of the lexicon as a list of rows."""
    text = (files(__package__) / "tables" / f"{name}.tsv").read_text("utf-8")
    return list(
        csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    )


def _entries(kind: type, name: str, level: str) -> tuple:
    """Make one entry of every row; the level core has the rows marked so."""
    rows = table(name)
    marks = [row.pop("level") for row in rows]
    return tuple(
        kind(**{column: _value(kind, column, text) for column, text in row.items()})
        for row, mark in zip(rows, marks, strict=True)
        if level in ("all", mark)
    )


def _value(kind: type, column: str, text: str):
    if column in SETS or (column == "kinds" and kind is Noun):
        return frozenset(text.split())
    if column in TUPLES:
        return tuple(text.split())
    return int(text) if column == "person" else text


@cache
def load_lexicon(level: str = "all") -> Lexicon:
    """Read all tables once; `level` is all or core.

    Raises ValueError for another level.
    """
    if level not in LEVELS:
        raise ValueError(f"level={level!r} is not one of {', '.join(LEVELS)}")
    prepositions = _entries(Preposition, "prepositions", level)
    return Lexicon(
        nouns=_entries(Noun, "nouns", level),
        names=_entries(Name, "names", level),
        pronouns=_entries(Pronoun, "pronouns", level),
        verbs=_entries(Verb, "verbs", level),
        adjectives=_entries(Adjective, "adjectives", level),
        determiners=_entries(Determiner, "determiners", level),
        prepositions={p.key: p for p in prepositions},
        phrases=_entries(Phrase, "phrases", level),
    )
