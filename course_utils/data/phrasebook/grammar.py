"""Draw sentences: which trees the phrasebook contains, and how often."""

from course_utils.data.phrasebook.clauses import ELSEWHERE, Clauses
from course_utils.data.phrasebook.lexicon import Noun, Verb
from course_utils.data.phrasebook.tree import BE, Clause, NounPhrase, Sentence

__all__ = ["Grammar"]

KINDS = {
    "all": ("statement",) * 66
    + ("question",) * 9
    + ("with_relative",) * 6
    + ("request", "two_clauses", "embedding") * 5
    + ("there_is",) * 4,
    "core": ("statement",) * 84
    + ("request", "question", "there_is", "with_relative") * 4,
}
QUESTIONS = ("who", "what", "where", "is", "when", "why", "how_many")
SIMPLE_TENSES = ("present", "present", "past", "going")


class Grammar(Clauses):
    """Draw sentence trees from a seed; the same seed draws the same trees."""

    def __init__(self, seed: int, level: str = "all"):
        super().__init__(seed, level)
        self.who, self.what = (NounPhrase(p) for p in self.lexicon.pronouns[-2:])
        self.kinds = KINDS[level]
        self.questions = QUESTIONS if level == "all" else QUESTIONS[:4]
        self.you = NounPhrase(self.lexicon.pronouns[1])
        things = self.frames["t"]
        self.frames["what"] = tuple(v for v in things if _can_ask_what(v))
        self.frames["how_many"] = tuple(
            v for v in self.frames["what"] if self.counted(v)
        )
        self.frames["gap"] = tuple(v for v in things if _can_leave_a_gap(v))
        self.frames["asked"] = tuple(v for v in things if _can_be_requested(v))
        self.frames["where"] = tuple(v for v in things if _happens_somewhere(v))
        self.frames["done"] = tuple(v for v in things if "stative" not in v.notes)
        self.frames["by persons"] = tuple(
            v for v in self.frames["transitive"] if v.subjects[0] == "person"
        )

    def sentence(self) -> Sentence:
        """Draw a sentence."""
        tree = getattr(self, self.pick(self.kinds))()
        return tree if isinstance(tree, Sentence) else Sentence(tree)

    def statement(self) -> Clause:
        """Draw a clause with its details; or a yes-no question."""
        return self.with_details(self.clause())

    def question(self) -> Clause:
        """Draw a question with who, what, where, when, why or how many."""
        kind = self.pick(self.questions)
        if kind == "is":
            clause = self.location()
            clause.question, clause.place, clause.negative = "where", None, False
            return clause
        if kind == "who":
            clause = self.transitive("by persons", negate=False)
            clause.subject = self.who
            clause.tense = self.tense(clause.verb, self.who)
            if clause.object.is_pronoun:
                clause.object = self.object(clause.verb)
        elif kind in ("what", "how_many"):
            clause = self.object_question(kind)
        elif self.chance(0.4):
            clause = self.intransitive(negate=False)
        else:
            clause = self.transitive("where" if kind == "where" else "done", False)
        clause.question = kind
        determiner = clause.subject.determiner
        if determiner and "all" in determiner.notes:  # 每个老师都 asks for no 什么
            number = "plural" if clause.subject.plural else "singular"
            clause.subject.determiner = self.determiner("the", number)
        return self.unambiguous(clause) if kind == "who" else clause

    def object_question(self, kind: str) -> Clause:
        """Draw what does he read, or how many books does he read."""
        clause = self.transitive(kind, negate=False)
        if kind == "what":
            clause.object = self.what
            return clause
        noun = self.pick(self.counted(clause.verb))
        clause.object = self.phrase(noun, "how many", "plural")
        return clause

    def counted(self, verb: Verb) -> list[Noun]:
        """List the objects of a verb that have a plural."""
        nouns = self.lexicon.nouns_of(verb.objects)
        return [n for n in nouns if n.en_plural and "unique" not in n.kinds]

    def request(self) -> Sentence:
        """Draw please open the door."""
        verb = self.pick(self.frames["asked" if self.chance(0.8) else "d"])
        clause = Clause(self.you, verb)
        clause.object = self.object(verb)
        if verb.frame == "d":
            clause.recipient = self.person()
        return Sentence(clause, request=True)

    def simple(self) -> Clause:
        """Draw a short clause in a plain tense, for use inside another sentence."""
        draw = self.random()
        if draw < 0.5:
            clause = self.transitive(negate=False)
        elif draw < 0.8:
            clause = self.intransitive(negate=False)
        else:
            clause = self.description()
            clause.standard = None
        if clause.tense not in SIMPLE_TENSES:
            clause.tense = "present"
        if clause.verb is not BE and clause.verb.en == clause.verb.en_past:
            clause.tense = "present"
        return clause

    def two_clauses(self) -> Sentence:
        """Draw two clauses with because, but or when."""
        first, second = self.simple(), self.simple()
        conjunction = self.pick(self.phrases["conjunction"])
        if conjunction.en == "when":
            while not _is_event(second):
                second = self.simple()
            first.tense = second.tense = "present"
        return Sentence(first, conjunction, second)

    def embedding(self) -> Clause:
        """Draw i think that the dog sleeps."""
        verb = self.pick(self.frames["s"])
        clause = Clause(self.subject(verb, pronoun=0.5, name=0.3), verb)
        clause.complement = self.simple()
        return clause

    def with_relative(self) -> Clause:
        """Draw a clause whose subject or object has a relative clause."""
        clause = self.simple()
        while clause.verb is not BE and not clause.object:
            clause = self.simple()
        host = clause.object or clause.subject
        if self.chance(0.6) or host.is_pronoun or not host.determiner:
            host = clause.subject
        if not host.determiner or "definite" not in host.determiner.notes:
            host = self._definite_subject(clause)
        host.adjectives = ()
        host.relative = self.relative(host)
        return clause

    def _definite_subject(self, clause: Clause) -> NounPhrase:
        """Replace the subject by one with the."""
        kinds = ("person",) if clause.verb is BE else clause.verb.subjects
        if clause.verb is BE:
            kinds = clause.adjective.kinds
        noun = self.pick(self.lexicon.nouns_of(kinds))
        clause.subject = self.phrase(noun, "the", self.number(noun))
        return clause.subject

    def relative(self, host: NounPhrase) -> Clause:
        """Draw who reads the book, or that the teacher reads."""
        gap = NounPhrase(host.head, plural=host.plural, silent=True)
        kinds = host.head.kinds
        verbs = [v for v in self.frames["gap"] if kinds.intersection(v.objects)]
        if verbs and (not kinds & {"person", "animal"} or self.chance(0.3)):
            verb = self.pick(verbs)
            return Clause(self.subject(verb), verb, object=gap)
        if kinds & {"person", "animal"}:
            suited = [v for v in self.frames["done"] if kinds.intersection(v.subjects)]
            verb = self.pick(suited)
            clause = Clause(gap, verb, object=self.object(verb))
            clause.tense = self.pick(SIMPLE_TENSES[:3])
            if verb.en == verb.en_past:
                clause.tense = "present"
            return clause
        clause = Clause(gap, BE)
        clause.place = self.place(self.sites)
        return clause


def _is_event(clause: Clause) -> bool:
    return clause.verb is not BE and "stative" not in clause.verb.notes


def _can_leave_a_gap(verb: Verb) -> bool:
    return not verb.fr_preposition and "{" not in verb.zh


def _can_ask_what(verb: Verb) -> bool:
    return _can_leave_a_gap(verb) and not {"person", "sport"} & set(verb.objects)


def _can_be_requested(verb: Verb) -> bool:
    return verb.subjects[0] == "person" and not {"stative", "unasked"} & verb.notes


def _happens_somewhere(verb: Verb) -> bool:
    return "stative" not in verb.notes and not ELSEWHERE & set(verb.objects)
