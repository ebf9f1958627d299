"""Compose a sentence from word menus (lesson 00)."""

from functools import cache

from course_utils.data.phrasebook import english
from course_utils.data.phrasebook.lexicon import Noun, Phrase, Verb, load_lexicon
from course_utils.data.phrasebook.pairs import LANGUAGES, Pair
from course_utils.data.phrasebook.phenomena import phenomena_of
from course_utils.data.phrasebook.tree import Clause, NounPhrase, Sentence
from course_utils.words import join_words

__all__ = ["compose", "menus"]

TENSES = ("present", "past", "future", "can", "must", "want to", "like to")
FORMS = ("statement", "negation", "question")
FRAMES = frozenset("tgi")
WHEN = {"present": "present", "past": "past", "future": "future"}


def menus(
    verb: str = "read", tense: str = "present", level: str = "all"
) -> dict[str, list[str]]:
    """List the choices for `compose` that suit a verb and a tense.

    The menus are subject, verb, object, tense, form, place and time; an empty choice
    leaves the part out. Raises ValueError for an unknown verb or tense.
    """
    _check("verb", verb, sorted(_verbs(level)))
    _check("tense", tense, TENSES)
    stative = "stative" in _verbs(level)[verb][0].notes
    return {
        "subject": list(_subjects(verb, level)),
        "verb": sorted(_verbs(level)),
        "object": list(_objects(verb, level)) or [""],
        "tense": list(TENSES[:1] if stative else TENSES),
        "form": list(FORMS[::2] if tense == "must" else FORMS),
        "place": ["", *_phrases("place", "any", level)],
        "time": ["", *_phrases("time", WHEN.get(tense, ""), level)],
    }


def compose(
    subject: str = "the teacher",
    verb: str = "read",
    object: str = "a book",
    tense: str = "present",
    form: str = "statement",
    place: str = "",
    time: str = "",
    language: str = "fr",
    level: str = "all",
) -> Pair:
    """Put a sentence together from choices of `menus(verb, tense)` and translate it.

    Raises ValueError that names the menu, the choice and what could be chosen.
    """
    offered = menus(verb, tense, level)
    chosen = {"subject": subject, "object": object, "tense": tense, "form": form}
    for menu, choice in (chosen | {"place": place, "time": time}).items():
        _check(menu, choice, offered[menu])
    _check("language", language, tuple(LANGUAGES))
    row, thing = _objects(verb, level).get(object, (_verbs(level)[verb][0], None))
    clause = Clause(_subjects(verb, level)[subject], row, object=thing)
    clause.tense = {"future": "going"}.get(tense, tense.removesuffix(" to"))
    clause.negative = form == "negation"
    clause.question = "yes_no" if form == "question" else ""
    clause.place = _phrases("place", "any", level).get(place)
    clause.time = _phrases("time", WHEN.get(tense, ""), level).get(time)
    return _translate(_definite_if_negative(clause, level), language)


def _translate(clause: Clause, language: str) -> Pair:
    tree = Sentence(clause)
    source = join_words(english.sentence(tree))
    target = join_words(LANGUAGES[language](tree))
    return Pair(source, target, phenomena_of(tree))


def _check(menu: str, choice: str, choices) -> None:
    if choice not in choices:
        some = ", ".join(repr(c) for c in list(choices)[:8])
        more = ", ..." if len(choices) > 8 else ""
        raise ValueError(f"{menu}={choice!r} is not in the menu; choose {some}{more}")


@cache
def _verbs(level: str) -> dict[str, list[Verb]]:
    """Gather the rows of each verb: play has one for sports, one for instruments."""
    found: dict[str, list[Verb]] = {}
    for verb in load_lexicon(level).verbs:
        if verb.frame in FRAMES:
            found.setdefault(verb.key, []).append(verb)
    return found


def _phrases(kind: str, tense: str, level: str) -> dict[str, Phrase]:
    if not tense:
        return {}
    return {p.en: p for p in load_lexicon(level).phrases_of(kind, tense)}


@cache
def _subjects(verb: str, level: str) -> dict[str, NounPhrase]:
    """List pronouns and names for verbs of persons; the teacher, the teachers."""
    lexicon, found = load_lexicon(level), {}
    kinds = _verbs(level)[verb][0].subjects
    if kinds[0] == "person":
        found |= {p.en: NounPhrase(p) for p in lexicon.pronouns[:-2]}
        found |= {name.en: NounPhrase(name) for name in lexicon.names}
    for noun in lexicon.nouns_of(kinds):
        determiner = "my" if "kin" in noun.kinds else "the"
        found |= _phrase(noun, determiner, "singular", level)
        if "unique" not in noun.kinds:
            found |= _phrase(noun, determiner, "plural", level)
    return found


@cache
def _objects(verb: str, level: str) -> dict[str, tuple[Verb, NounPhrase]]:
    """Say of each object which row of the verb it belongs to (play tennis, a drum)."""
    return {
        text: (row, phrase)
        for row in _verbs(level)[verb]
        for noun in load_lexicon(level).nouns_of(row.objects)
        for text, phrase in _object(row, noun, level).items()
    }


def _object(row: Verb, noun: Noun, level: str) -> dict[str, NounPhrase]:
    if "bare" in row.notes:
        return _phrase(noun, "", "mass", level)
    if "the" in row.notes or "unique" in noun.kinds or "goal" in row.objects:
        return _phrase(noun, "the", "singular", level)
    if not noun.en_plural:
        return _phrase(noun, "some", "mass", level) | _phrase(
            noun, "the", "mass", level
        )
    if "kin" in noun.kinds:
        return _phrase(noun, "my", "singular", level)
    return _phrase(noun, "a", "singular", level) | _phrase(noun, "the", "plural", level)


def _phrase(noun: Noun, en: str, number: str, level: str) -> dict[str, NounPhrase]:
    determiner = load_lexicon(level).determiner(en, number)
    phrase = NounPhrase(noun, determiner, plural=number == "plural")
    return {join_words(english.noun_phrase(phrase)): phrase}


def _definite_if_negative(clause: Clause, level: str) -> Clause:
    """Say doesn't read the book, doesn't eat any bread: the phrasebook's negation."""
    thing = clause.object
    if clause.negative and thing and thing.determiner.en in ("a", "some"):
        mass = thing.determiner.en == "some"
        en, number = ("any", "mass") if mass else ("the", "singular")
        determiner = load_lexicon(level).determiner(en, number)
        clause.object = NounPhrase(thing.head, determiner)
    return clause
