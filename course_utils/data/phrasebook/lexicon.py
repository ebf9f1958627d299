"""The words of the phrasebook, read from the tables in `lexicon/`."""

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

    def nouns_of(self, kinds: tuple[str, ...]) -> tuple[Noun, ...]:
        """List the nouns that bear at least one of the kinds."""
        if kinds not in self.of_kinds:
            wanted = set(kinds)
            self.of_kinds[kinds] = tuple(n for n in self.nouns if n.kinds & wanted)
        return self.of_kinds[kinds]

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


SETS = {"numbers": frozenset, "notes": frozenset}
TUPLES = {"subjects": tuple, "objects": tuple, "prepositions": tuple}


def table(name: str) -> list[dict[str, str]]:
    """Read one table of the lexicon as a list of rows."""
    text = (files(__package__) / "lexicon" / f"{name}.tsv").read_text("utf-8")
    return list(
        csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    )


def _entries(kind: type, name: str) -> tuple:
    convert = SETS | TUPLES | {"kinds": frozenset if kind is Noun else tuple}
    convert["person"] = int
    return tuple(
        kind(
            **{
                column: _convert(convert.get(column), value)
                for column, value in row.items()
            }
        )
        for row in table(name)
    )


def _convert(kind, value: str):
    if kind in (frozenset, tuple):
        return kind(value.split())
    return kind(value) if kind else value


@cache
def load_lexicon() -> Lexicon:
    """Read all tables once."""
    prepositions = _entries(Preposition, "prepositions")
    return Lexicon(
        nouns=_entries(Noun, "nouns"),
        names=_entries(Name, "names"),
        pronouns=_entries(Pronoun, "pronouns"),
        verbs=_entries(Verb, "verbs"),
        adjectives=_entries(Adjective, "adjectives"),
        determiners=_entries(Determiner, "determiners"),
        prepositions={p.key: p for p in prepositions},
        phrases=_entries(Phrase, "phrases"),
    )
