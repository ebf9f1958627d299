"""The abstract sentence: what all three languages say, each in its own way."""

from dataclasses import dataclass
from typing import Union

from course_utils.data.phrasebook.lexicon import (
    Adjective,
    Determiner,
    Name,
    Noun,
    Phrase,
    Preposition,
    Pronoun,
    Verb,
)

__all__ = ["BE", "THERE_IS", "Clause", "NounPhrase", "Place", "Sentence"]

BE = "be"
THERE_IS = "there is"


@dataclass(slots=True)
class NounPhrase:
    """A noun with its determiner, adjectives, owner and relative clause; or a pronoun.

    `silent` marks the place that a relative clause leaves empty.
    """

    head: Noun | Name | Pronoun
    determiner: Determiner | None = None
    plural: bool = False
    adjectives: tuple[Adjective, ...] = ()
    owner: Union["NounPhrase", None] = None
    relative: Union["Clause", None] = None
    silent: bool = False

    @property
    def is_pronoun(self) -> bool:
        return isinstance(self.head, Pronoun)


@dataclass(slots=True)
class Place:
    """Where something is or happens: a preposition and a noun phrase."""

    preposition: Preposition
    noun: NounPhrase


@dataclass(slots=True)
class Clause:
    """A subject and what is said about it.

    `verb` is a verb of the lexicon, BE or THERE_IS. `tense` is present, past or the
    English of a modal (going, can, must, want, like). `question` is empty, yes_no,
    who, what, where, when, why or how_many.
    """

    subject: NounPhrase
    verb: Verb | str
    tense: str = "present"
    negative: bool = False
    object: NounPhrase | None = None
    recipient: NounPhrase | None = None
    adjective: Adjective | None = None
    degree: Phrase | None = None
    standard: NounPhrase | None = None
    place: Place | Phrase | None = None
    time: Phrase | None = None
    time_first: bool = False
    frequency: Phrase | None = None
    manner: Phrase | None = None
    complement: Union["Clause", None] = None
    question: str = ""


@dataclass(slots=True)
class Sentence:
    """A clause, or two with a conjunction; or a polite request without a subject."""

    clause: Clause
    conjunction: Phrase | None = None
    second: Clause | None = None
    request: bool = False
