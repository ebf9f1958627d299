"""Draw noun phrases: which determiners, adjectives and owners a noun can take."""

import random

from course_utils.data.phrasebook.lexicon import (
    Adjective,
    Determiner,
    Noun,
    Verb,
    load_lexicon,
)
from course_utils.data.phrasebook.tree import NounPhrase, Place

__all__ = ["Draw"]

SUBJECT = {
    "singular": ("the", "the", "the", "my", "your", "his", "her", "our", "this", "a"),
    "mass": ("the", "the", "this", "my", "your"),
    "plural": tuple(
        "the the the these my your his her our their many several two three".split()
    ),
}
OBJECT = {
    "singular": (
        "the",
        "the",
        "the",
        "a",
        "a",
        "a",
        "my",
        "your",
        "his",
        "her",
        "this",
    ),
    "mass": ("the", "the", "some", "some", "this", "my", "her"),
    "plural": tuple(
        "the the these some some my your his our their many several "
        "two three four five six seven ten".split()
    ),
}
INDEFINITE = frozenset("a some many several two three four five six seven ten".split())
KIN = ("my", "your", "his", "her", "our", "their")
POSSESSIVES = frozenset(KIN)
POSSESSED = frozenset(
    "goods small own kin pet text device garment food drink furniture portable".split()
)
OWNABLE = frozenset({"goods", "small", "pet", "room", "device", "text", "garment"})


class Draw:
    """Draw words and noun phrases from a seeded generator."""

    def __init__(self, seed: int, level: str = "all"):
        self.random = random.Random(seed).random
        self.lexicon = lexicon = load_lexicon(level)
        self.pronouns = lexicon.pronouns[:-2]
        self.speakers = self.pronouns + 2 * tuple(
            p for p in self.pronouns if p.person < 3
        )
        self.located = tuple(n for n in lexicon.nouns if n.prepositions)
        kinds = {"room", "outside", "building", "nature"}
        self.sites = tuple(n for n in self.located if n.kinds & kinds)
        self.determiners: dict[tuple[str, str], Determiner] = {
            (d.en, number): d for d in lexicon.determiners for number in d.numbers
        }
        self.subject_determiners = self.available(SUBJECT)
        self.object_determiners = self.available(OBJECT)

    def pick(self, items):
        """Draw one item, all equally likely."""
        return items[int(self.random() * len(items))]

    def chance(self, probability: float) -> bool:
        """Draw true with a probability."""
        return self.random() < probability

    def available(self, determiners: dict[str, tuple[str, ...]]):
        """Leave out the determiners that this level of the lexicon lacks."""
        return {
            number: tuple(en for en in choices if (en, number) in self.determiners)
            for number, choices in determiners.items()
        }

    def determiner(self, en: str, number: str) -> Determiner:
        """Look up a determiner's form for a number."""
        return self.determiners[en, number]

    def number(self, noun: Noun, plural: float = 0.3) -> str:
        """Draw singular or plural; a noun without a plural is a mass."""
        if not noun.en_plural:
            return "mass"
        if "unique" in noun.kinds:
            return "singular"
        return "plural" if self.chance(plural) else "singular"

    def phrase(self, noun: Noun, determiner: str, number: str) -> NounPhrase:
        """Build a plain noun phrase."""
        form = self.determiner(determiner, number)
        return NounPhrase(noun, form, plural=number == "plural")

    def noun_phrase(self, noun: Noun, determiners=None, adjective=0.25) -> NounPhrase:
        """Draw a determiner, a number and perhaps an adjective for a noun."""
        determiners = determiners or self.object_determiners
        number = self.number(noun)
        tree = self.phrase(noun, self.choose(noun, determiners[number]), number)
        if self.chance(adjective):
            tree.adjectives = self.adjectives(noun)
        return tree

    def choose(self, noun: Noun, determiners: tuple[str, ...]) -> str:
        """Draw a determiner: my mother, the mountain, but not my mountain."""
        if "kin" in noun.kinds:
            return self.pick(KIN)
        if "unique" in noun.kinds:
            return "the"
        en = self.pick(determiners)
        return "the" if en in POSSESSIVES and not noun.kinds & POSSESSED else en

    def adjectives(self, noun: Noun) -> tuple[Adjective, ...]:
        """Draw an adjective that suits; now and then one before and one after."""
        suiting = self.lexicon.adjectives_for(noun)
        if not suiting:
            return ()
        first = self.pick(suiting)
        if first.fr_position == "after" or self.chance(0.7):
            return (first,)
        second = self.pick(suiting)
        return (first, second) if second.fr_position == "after" else (first,)

    def subject(
        self, verb: Verb, pronoun: float = 0.3, name: float = 0.1
    ) -> NounPhrase:
        """Draw a subject that suits a verb."""
        if verb.subjects[0] == "person":
            draw = self.random()
            if draw < pronoun:
                return NounPhrase(self.pick(self.speakers))
            if draw < pronoun + name:
                return NounPhrase(self.pick(self.lexicon.names))
        noun = self.pick(self.lexicon.nouns_of(verb.subjects))
        tree = self.noun_phrase(noun, self.subject_determiners, adjective=0.15)
        if "kin" not in noun.kinds and self.chance(0.05):
            every = ("all the", "plural") if tree.plural else ("every", "singular")
            tree.determiner = self.determiners.get(every, tree.determiner)
        return tree

    def person(self) -> NounPhrase:
        """Draw somebody, for a recipient or an owner."""
        if self.chance(0.25):
            return NounPhrase(self.pick(self.lexicon.names))
        noun = self.pick(self.lexicon.nouns_of(("person",)))
        en = self.choose(noun, ("the", "the", "my", "this"))
        return self.phrase(noun, en, "singular")

    def object(self, verb: Verb, negative: bool = False) -> NounPhrase:
        """Draw an object that suits a verb; any after a negation."""
        noun = self.pick(self.lexicon.nouns_of(verb.objects))
        if "bare" in verb.notes or (verb.frame == "g" and self.chance(0.6)):
            return self.phrase(noun, "", self.number(noun, plural=1))
        if "the" in verb.notes:
            return self.phrase(noun, "the", "singular")
        tree = self.noun_phrase(noun)
        if "single" in verb.notes and tree.plural:
            return self.phrase(noun, self.pick(("the", "a", "this")), "singular")
        if negative and tree.determiner.en in INDEFINITE:
            tree.determiner = self._any(tree)
        elif noun.kinds & OWNABLE and self.chance(0.07):
            tree.determiner, tree.owner = None, self.person()
        return tree

    def _any(self, tree: NounPhrase) -> Determiner:
        """Choose after a negation: any bread, any books, but the book."""
        number = "plural" if tree.plural else self.number(tree.head, plural=0)
        return self.determiner("the" if number == "singular" else "any", number)

    def place(self, nouns: tuple[Noun, ...], preposition: str = "") -> Place:
        """Draw a place: in the kitchen, near the river."""
        noun = self.pick(nouns)
        key = preposition or self.pick(noun.prepositions)
        en = self.choose(noun, ("the", "the", "the", "my", "our", "this"))
        return Place(self.lexicon.prepositions[key], self.phrase(noun, en, "singular"))
