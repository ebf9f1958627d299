"""Name the points of grammar that a sentence shows."""

from course_utils.data.phrasebook.lexicon import Phrase
from course_utils.data.phrasebook.tree import BE, THERE_IS, Clause, NounPhrase, Sentence

__all__ = ["PHENOMENA", "phenomena", "phenomena_of"]

PHENOMENA = {
    "adjective_before": "an adjective that French puts before the noun",
    "adjective_after": "an adjective that French puts after the noun",
    "adverb": "an adverb of frequency or manner",
    "classifier": "a number or article that Chinese follows with a classifier",
    "comparison": "bigger than, plus grand que, 比",
    "description": "is big, est grand, 很大",
    "embedded_clause": "i think that, je pense que, 认为",
    "existence": "there is, il y a, 有",
    "future": "is going to, va, 会",
    "generic": "likes cats, aime les chats, 喜欢猫",
    "location": "where something is",
    "modal": "can, must, wants to, likes to",
    "negation": "doesn't, ne … pas, 不 or 没",
    "object_pronoun": "sees him, le voit, 看见他",
    "past": "a past tense",
    "place": "where something happens",
    "plural": "a noun in the plural",
    "possession": "the teacher's book, le livre du professeur, 老师的书",
    "pronoun": "a pronoun as subject",
    "recipient": "gives to, donne à, 给",
    "reflexive": "gets up, se lève, 起床",
    "relative_object": "the book that he reads, le livre qu'il lit, 他读的书",
    "relative_subject": "the man who reads, l'homme qui lit, 读书的男人",
    "request": "please open, ouvrez, 请打开",
    "some": "some water, de l'eau, 一些水",
    "time": "when something happens",
    "two_clauses": "because, but, when",
    "wh_question": "who, what, where, when, why, how many",
    "yes_no_question": "does he, est-ce qu'il, 吗",
}
MODALS = frozenset({"can", "must", "want", "like"})
TENSES = {"past": "past", "going": "future"}


def phenomena() -> tuple[str, ...]:
    """List the names of all phenomena."""
    return tuple(PHENOMENA)


def phenomena_of(tree: Sentence) -> tuple[str, ...]:
    """Name what a sentence shows, in alphabetical order."""
    found: set[str] = set()
    _clause(tree.clause, found)
    if tree.request:
        found -= {"pronoun"}
        found.add("request")
    if tree.second:
        found.add("two_clauses")
        _clause(tree.second, found)
    return tuple(sorted(found))


def _clause(tree: Clause, found: set[str]) -> None:
    if tree.tense != "present":
        found.add(TENSES.get(tree.tense, "modal"))
    if tree.negative or (tree.frequency and tree.frequency.en == "never"):
        found.add("negation")
    if tree.question:
        found.add("yes_no_question" if tree.question == "yes_no" else "wh_question")
    if tree.subject.is_pronoun and tree.question != "who":
        found.add("pronoun")
    _verb(tree, found)
    _details(tree, found)
    for phrase in (tree.subject, tree.object, tree.recipient, tree.standard):
        if phrase:
            _noun_phrase(phrase, found)
    if tree.complement:
        found.add("embedded_clause")
        _clause(tree.complement, found)


def _verb(tree: Clause, found: set[str]) -> None:
    if tree.verb is THERE_IS:
        found.add("existence")
    elif tree.verb is BE:
        found.add("description" if tree.adjective else "location")
    elif tree.verb.fr_auxiliary == "se":
        found.add("reflexive")
    if tree.object and tree.object.is_pronoun and tree.question != "what":
        found.add("object_pronoun")


def _details(tree: Clause, found: set[str]) -> None:
    if tree.standard:
        found.add("comparison")
    if tree.recipient:
        found.add("recipient")
    if tree.time:
        found.add("time")
    if tree.frequency or tree.manner:
        found.add("adverb")
    if tree.place and tree.verb not in (BE, THERE_IS):
        found.add("place")
    if tree.place and not isinstance(tree.place, Phrase):
        _noun_phrase(tree.place.noun, found)


def _noun_phrase(tree: NounPhrase, found: set[str]) -> None:
    if tree.plural and not tree.silent:
        found.add("plural")
    for adjective in tree.adjectives:
        found.add(f"adjective_{adjective.fr_position}")
    if tree.owner:
        found.add("possession")
        _noun_phrase(tree.owner, found)
    if tree.determiner:
        _determiner(tree, found)
    if tree.relative:
        gap = "subject" if tree.relative.subject.silent else "object"
        found.add(f"relative_{gap}")
        _clause(tree.relative, found)


def _determiner(tree: NounPhrase, found: set[str]) -> None:
    determiner = tree.determiner
    if "generic" in determiner.notes:
        found.add("generic")
    if determiner.en == "some":
        found.add("some")
    if "{}" in determiner.zh and "definite" not in determiner.notes:
        found.add("classifier")
