"""English: word order, agreement of the verb, do-support."""

from course_utils.data.phrasebook.lexicon import Phrase
from course_utils.data.phrasebook.tree import BE, THERE_IS, Clause, NounPhrase, Sentence

__all__ = ["clause", "noun_phrase", "sentence"]

VOWEL_SOUND_EXCEPTIONS = {"university", "uniform", "useful", "hour", "honest"}
BE_FORMS = {
    ("present", "i"): "am",
    ("present", "singular"): "is",
    ("present", "plural"): "are",
    ("past", "i"): "was",
    ("past", "singular"): "was",
    ("past", "plural"): "were",
}
INVERTED = {"yes_no", "what", "where", "when", "why", "how_many"}


def sentence(tree: Sentence) -> list[str]:
    """Write a sentence as English words."""
    if tree.request:
        return ["please", *_predicate(tree.clause, _base(tree.clause)), "."]
    words = clause(tree.clause)
    if tree.second:
        words += [tree.conjunction.en, *clause(tree.second)]
    return [*words, "?" if tree.clause.question else "."]


def clause(tree: Clause) -> list[str]:
    """Write a clause: question word, time, subject and verb, the rest."""
    front = [tree.time.en, ","] if tree.time and tree.time_first else []
    if tree.question in ("what", "where", "when", "why"):
        front = [tree.question]
    elif tree.question == "how_many":
        front = noun_phrase(tree.object)
    subject = noun_phrase(tree.subject)
    if tree.verb is THERE_IS:
        subject = ["there"]
    auxiliary, rest = _auxiliary(tree)
    negation = _negation(auxiliary, tree.negative)
    if tree.question in INVERTED:
        return [*front, *negation[:1], *subject, *negation[1:], *rest]
    return [*front, *subject, *negation, *rest]


def noun_phrase(tree: NounPhrase, is_object: bool = False) -> list[str]:
    """Write a noun phrase; nothing at the gap of a relative clause."""
    if tree.silent:
        return []
    head = tree.head
    if tree.is_pronoun:
        return [head.en_object if is_object else head.en]
    if tree.determiner is None and tree.owner is None:
        return [head.en]
    words = [adjective.en for adjective in tree.adjectives]
    words.append(head.en_plural if tree.plural else head.en)
    if tree.owner:
        words = [*noun_phrase(tree.owner), "'s", *words]
    elif tree.determiner.en:
        words = [_article(tree.determiner.en, words[0]), *words]
    if tree.relative:
        words += ["who" if head.is_person else "that", *clause(tree.relative)]
    return words


def _article(article: str, word: str) -> str:
    vowel = (word[0] in "aeiou") != (word in VOWEL_SOUND_EXCEPTIONS)
    return "an" if article == "a" and vowel else article


def _agreement(subject: NounPhrase) -> str:
    head = subject.head
    if subject.is_pronoun and head.person < 3:
        return "i" if head.en == "i" else "plural"
    plural = subject.plural or (subject.is_pronoun and head.number == "plural")
    return "plural" if plural else "singular"


def _auxiliary(tree: Clause) -> tuple[list[str], list[str]]:
    """Divide the predicate into what a question inverts and the rest."""
    agreement = _agreement(tree.subject)
    if tree.verb in (BE, THERE_IS):
        return [BE_FORMS[tree.tense, agreement]], _predicate(tree, [])
    if tree.tense == "going":
        be = BE_FORMS["present", agreement]
        return [be], ["going", "to", *_predicate(tree, _base(tree))]
    if tree.tense in ("can", "must"):
        return [tree.tense], _predicate(tree, _base(tree))
    base = _base(tree) if tree.tense in ("present", "past") else [tree.tense]
    third = tree.tense != "past" and agreement == "singular"
    after = _infinitive(tree)
    if tree.negative or tree.question in INVERTED:
        do = "did" if tree.tense == "past" else "does" if third else "do"
        return [do], [*_with_frequency(tree, base), *after]
    finite = base
    if tree.tense == "past":
        finite = [tree.verb.en_past]
    elif third:
        finite = [base[0] + "s"] if after else [tree.verb.en_third]
    return [], [*_with_frequency(tree, finite), *after]


def _infinitive(tree: Clause) -> list[str]:
    if tree.tense in ("want", "like"):
        return ["to", *_predicate(tree, _base(tree))]
    return []


def _with_frequency(tree: Clause, verb: list[str]) -> list[str]:
    if tree.tense in ("want", "like"):
        return verb
    return _predicate(tree, verb)


def _base(tree: Clause) -> list[str]:
    return [tree.verb.en]


def _negation(auxiliary: list[str], negative: bool) -> list[str]:
    if not negative:
        return auxiliary
    if auxiliary == ["am"]:
        return ["am", "not"]
    return ["can't" if auxiliary == ["can"] else auxiliary[0] + "n't"]


def _predicate(tree: Clause, verb: list[str]) -> list[str]:
    """Write everything from the verb on, in the English order."""
    words = [tree.frequency.en] if tree.frequency else []
    words += verb
    if tree.verb not in (BE, THERE_IS) and tree.verb.en_particle:
        words.append(tree.verb.en_particle)
    if tree.verb is THERE_IS:
        words += noun_phrase(tree.subject)
    words += _complements(tree)
    words += _place(tree)
    if tree.time and not tree.time_first:
        words.append(tree.time.en)
    return words


def _complements(tree: Clause) -> list[str]:
    words = []
    if tree.adjective:
        words += _adjective(tree)
    if tree.object and tree.question not in ("what", "how_many"):
        words += noun_phrase(tree.object, is_object=True)
    if tree.recipient:
        words += ["to", *noun_phrase(tree.recipient, is_object=True)]
    if tree.complement:
        words += ["that", *clause(tree.complement)]
    if tree.manner:
        words.append(tree.manner.en)
    return words


def _adjective(tree: Clause) -> list[str]:
    if tree.standard:
        return [tree.adjective.en_comparative, "than", *noun_phrase(tree.standard)]
    degree = [tree.degree.en] if tree.degree else []
    return [*degree, tree.adjective.en]


def _place(tree: Clause) -> list[str]:
    if not tree.place:
        return []
    if isinstance(tree.place, Phrase):
        return [tree.place.en]
    return [tree.place.preposition.en, *noun_phrase(tree.place.noun)]
