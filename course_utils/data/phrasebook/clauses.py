"""Draw clauses: subjects with the verbs, objects and details that suit them."""

from course_utils.data.phrasebook.draw import Draw
from course_utils.data.phrasebook.lexicon import Verb
from course_utils.data.phrasebook.tree import (
    BE,
    THERE_IS,
    Clause,
    NounPhrase,
)

__all__ = ["ELSEWHERE", "Clauses"]

TENSES = (
    ("present",) * 9 + ("past",) * 6 + ("going",) * 4 + ("can", "must", "want", "like")
)
INANIMATE_TENSES = ("present", "past", "going")
EXISTING = {
    "singular": ("a",),
    "mass": ("some",),
    "plural": ("some", "many", "several", "two", "three", "four", "five", "six", "ten"),
}
PLACED = frozenset({"the", "my", "his", "her", "our"})
ELSEWHERE = frozenset(
    "room building goal crossed visited climbed built outside".split()
)


class Clauses(Draw):
    """Draw clause trees."""

    def __init__(self, seed: int, level: str = "all"):
        super().__init__(seed, level)
        lexicon = self.lexicon
        self.times = {t: lexicon.phrases_of("time", t) for t in ("present", "past")}
        self.times["going"] = lexicon.phrases_of("time", "future")
        kinds = ("frequency", "manner", "degree", "place", "conjunction")
        self.phrases = {kind: lexicon.phrases_of(kind) for kind in kinds}
        frames: dict[str, list[Verb]] = {}
        for verb in lexicon.verbs:
            frames.setdefault(verb.frame, []).append(verb)
        self.frames = {frame: tuple(verbs) for frame, verbs in frames.items()}
        self.frames["transitive"] = self.frames["t"] + self.frames["g"]
        self.existing = self.available(EXISTING)

    def clause(self) -> Clause:
        """Draw a main clause, without the details of time and place."""
        draw = self.random()
        if draw < 0.54:
            return self.transitive()
        if draw < 0.76:
            return self.intransitive()
        if draw < 0.83:
            return self.giving()
        if draw < 0.95:
            return self.description()
        return self.location()

    def tense(self, verb: Verb, subject: NounPhrase) -> str:
        """Draw a tense or modal; states stay in the present, only persons want."""
        if "stative" in verb.notes:
            return "present"
        if subject.is_pronoun and self.chance(0.4):
            return "present"
        return self.pick(TENSES if "person" in subject.head.kinds else INANIMATE_TENSES)

    def negative(self, clause: Clause) -> bool:
        """Draw a negation where it has one clear meaning."""
        determiner = clause.subject.determiner
        if clause.tense == "must" or (determiner and "all" in determiner.notes):
            return False
        return self.chance(0.18)

    def transitive(self, frame: str = "transitive", negate: bool = True) -> Clause:
        """Draw subject, verb and object."""
        verb = self.pick(self.frames[frame])
        subject = self.subject(verb)
        clause = Clause(subject, verb, self.tense(verb, subject))
        clause.negative = negate and self.negative(clause)
        can_be_pronoun = verb.objects[0] == "person" and not verb.fr_preposition
        if can_be_pronoun and clause.tense != "past" and self.chance(0.35):
            clause.object = self.object_pronoun(subject)
        else:
            clause.object = self.object(verb, clause.negative)
        return clause

    def object_pronoun(self, subject: NounPhrase) -> NounPhrase:
        """Draw me, you, him, ... of another person than the subject."""
        person = subject.head.person
        others = [p for p in self.pronouns if p.person == 3 or p.person != person]
        return NounPhrase(self.pick(others))

    def intransitive(self, negate: bool = True) -> Clause:
        """Draw subject and verb."""
        verb = self.pick(self.frames["i"])
        subject = self.subject(verb)
        clause = Clause(subject, verb, self.tense(verb, subject))
        clause.negative = negate and self.negative(clause)
        return clause

    def giving(self) -> Clause:
        """Draw a clause with a recipient: gives a book to the child."""
        verb = self.pick(self.frames["d"])
        subject = self.subject(verb)
        clause = Clause(subject, verb, self.tense(verb, subject))
        clause.negative = self.chance(0.1) and self.negative(clause)
        clause.object = self.object(verb, clause.negative)
        clause.recipient = self.person()
        return clause

    def description(self) -> Clause:
        """Draw a subject and an adjective, perhaps very, too or a comparison."""
        adjective = self.pick(self.lexicon.adjectives)
        noun = self.pick(self.lexicon.nouns_of(adjective.kinds))
        subject = self.noun_phrase(noun, adjective=0)
        if subject.determiner.en in ("a", "some"):
            subject.determiner = self.determiner("the", self._number(subject))
        if "person" in adjective.kinds and self.chance(0.5):
            people = self.pronouns if self.chance(0.7) else self.lexicon.names
            subject = NounPhrase(self.pick(people))
        clause = Clause(subject, BE, self.pick(("present", "present", "past")))
        clause.adjective = adjective
        if adjective.en_comparative and self.chance(0.25):
            clause.standard = self.standard(clause)
        elif adjective.en_comparative and self.chance(0.35):
            clause.degree = self.pick(self.phrases["degree"])
        else:
            clause.negative = self.negative(clause)
        return clause

    def _number(self, tree: NounPhrase) -> str:
        return "plural" if tree.plural else self.number(tree.head, plural=0)

    def standard(self, clause: Clause) -> NounPhrase | None:
        """Draw what the subject is compared with: another noun of the same kinds."""
        nouns = self.lexicon.nouns_of(clause.adjective.kinds)
        noun = self.pick(nouns)
        if noun is clause.subject.head:
            return None
        number = self.number(noun)
        choices = ("the", "the", "my", "your", "this")
        en = "the" if number == "plural" else self.choose(noun, choices)
        return self.phrase(noun, en, number)

    def location(self) -> Clause:
        """Draw where something is."""
        if self.chance(0.5):
            noun, places = self.pick(self.lexicon.nouns_of(("small", "tool"))), None
        else:
            kinds = ("person", "animal", "vehicle")
            noun, places = self.pick(self.lexicon.nouns_of(kinds)), self.sites
        subject = self.noun_phrase(noun, adjective=0.1)
        if subject.determiner.en not in PLACED:
            subject.determiner = self.determiner("the", self._number(subject))
        clause = Clause(subject, BE, self.pick(("present", "present", "past")))
        clause.negative = self.negative(clause)
        clause.place = self.place(places or self.located)
        return clause

    def there_is(self) -> Clause:
        """Draw there is a cat in the garden."""
        things = self.chance(0.5)
        kinds = ("small", "tool", "dish") if things else ("person", "animal", "vehicle")
        subject = self.noun_phrase(
            self.pick(self.lexicon.nouns_of(kinds)), self.existing, adjective=0.3
        )
        if "kin" in subject.head.kinds:
            subject.determiner = self.determiner(
                "two" if subject.plural else "a", self._number(subject)
            )
        clause = Clause(subject, THERE_IS, self.pick(("present", "present", "past")))
        clause.place = self.place(self.located if things else self.sites)
        return clause

    def with_details(self, clause: Clause) -> Clause:
        """Add a time, a place, an adverb or a yes-no question."""
        if self.chance(0.15) and not clause.standard and not clause.negative:
            clause.question = "yes_no"
        if clause.verb is BE:
            return self._be_with_time(clause)
        verb, draw = clause.verb, self.random()
        if not clause.object:  # he sleeps: too short alone
            draw *= 0.6
        stative = "stative" in verb.notes
        if not stative and draw < 0.30:
            self.add_time(clause)
        elif not stative and draw < 0.42 and not ELSEWHERE & set(verb.objects):
            self.add_place(clause)
        elif not stative and draw < 0.55 and clause.tense == "present":
            self.add_frequency(clause)
        elif "manner" in verb.notes:
            clause.manner = self.pick(self.phrases["manner"])
        return self.unambiguous(clause)

    def _be_with_time(self, clause: Clause) -> Clause:
        if clause.tense == "past" and self.chance(0.4) and not clause.standard:
            clause.time = self.pick(self.times["past"])
        return clause

    def add_time(self, clause: Clause) -> None:
        """Add a time that suits the tense, in front or at the end."""
        if clause.tense in self.times:
            clause.time = self.pick(self.times[clause.tense])
            clause.time_first = not clause.question and self.chance(0.3)

    def add_place(self, clause: Clause) -> None:
        """Add a place, or now and then an adverb of place."""
        if "water" in clause.verb.notes:
            clause.place = self.place(self.lexicon.nouns_of(("deep",)), "in")
        elif self.chance(0.25):
            clause.place = self.pick(self.phrases["place"])
        else:
            clause.place = self.place(self.sites)

    def add_frequency(self, clause: Clause) -> None:
        """Add often, always, never, ...: not beside another negation."""
        if not clause.negative:
            clause.frequency = self.pick(self.phrases["frequency"])

    def unambiguous(self, clause: Clause) -> Clause:
        """Give they read the book a time in the past where past and present agree."""
        verb = clause.verb
        if clause.tense == "past" and verb.en == verb.en_past and not clause.time:
            clause.time = self.pick(self.times["past"])
        return clause
