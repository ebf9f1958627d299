"""French: agreement in gender and number, place of adjectives, ne … pas, elision."""

from course_utils.data.phrasebook.lexicon import Determiner, Phrase
from course_utils.data.phrasebook.tree import BE, THERE_IS, Clause, NounPhrase, Sentence

__all__ = ["clause", "noun_phrase", "sentence", "sound_rules"]

VOWELS = frozenset("aeiouhâàéèêîïôœ")
ELIDED = {
    "le": "l'",
    "la": "l'",
    "de": "d'",
    "ne": "n'",
    "je": "j'",
    "que": "qu'",
    "se": "s'",
    "me": "m'",
}
CONTRACTED = {
    ("de", "le"): "du",
    ("de", "les"): "des",
    ("à", "le"): "au",
    ("à", "les"): "aux",
}
PERSONS = {(1, False): 0, (3, False): 1, (1, True): 2, (2, False): 3, (3, True): 4}
FORMS = {
    "être": ("suis", "est", "sommes", "êtes", "sont"),
    "était": ("étais", "était", "étions", "étiez", "étaient"),
    "avoir": ("ai", "a", "avons", "avez", "ont"),
    "going": ("vais", "va", "allons", "allez", "vont"),
    "can": ("peux", "peut", "pouvons", "pouvez", "peuvent"),
    "must": ("dois", "doit", "devons", "devez", "doivent"),
    "want": ("veux", "veut", "voulons", "voulez", "veulent"),
    "like": ("aime", "aime", "aimons", "aimez", "aiment"),
}
REFLEXIVE = ("me", "se", "nous", "vous", "se")
QUESTIONS = {
    "yes_no": "est-ce que",
    "what": "que est-ce que",
    "where": "où est-ce que",
    "when": "quand est-ce que",
    "why": "pourquoi est-ce que",
}


def sentence(tree: Sentence) -> list[str]:
    """Write a sentence as French words."""
    words = _request(tree.clause) if tree.request else clause(tree.clause)
    if tree.second:
        words += [tree.conjunction.fr, *clause(tree.second)]
    return [*sound_rules(words), "?" if tree.clause.question else "."]


def sound_rules(words: list[str]) -> list[str]:
    """Contract (de le → du) and elide before a vowel (le ami → l'ami)."""
    words = " ".join(words).split()
    written: list[str] = []
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if after[:1] in VOWELS and after and word in ELIDED:
            word = ELIDED[word]
        if written and (written[-1], word) in CONTRACTED:
            written[-1] = CONTRACTED[written[-1], word]
        else:
            written.append(word)
    return written


def clause(tree: Clause) -> list[str]:
    """Write a clause: question words, time, subject, verb group, the rest."""
    front = [tree.time.fr, ","] if tree.time and tree.time_first else []
    if tree.verb is BE and tree.question == "where":
        return ["où", *_verb_group(tree), *noun_phrase(tree.subject)]
    if tree.question == "how_many":
        front = [*noun_phrase(tree.object), "est-ce que"]
    elif tree.question in QUESTIONS:
        front = [QUESTIONS[tree.question]]
    if tree.verb is THERE_IS:
        return [*front, *_there_is(tree)]
    return [*front, *noun_phrase(tree.subject), *_verb_group(tree), *_rest(tree)]


def noun_phrase(tree: NounPhrase, after_de: bool = False) -> list[str]:
    """Write a noun phrase; after the preposition de, no second de, du or des."""
    if tree.silent:
        return []
    head = tree.head
    if tree.determiner is None and tree.owner is None:
        return [head.fr]
    before = [a for a in tree.adjectives if a.fr_position == "before"]
    noun = head.fr_plural if tree.plural else head.fr
    words = [*(_adjective(a, tree, noun) for a in before), noun]
    words += [_adjective(a, tree) for a in tree.adjectives if a not in before]
    if tree.owner:
        words = ["les" if tree.plural else _definite(head), *words]
        words += ["de", *noun_phrase(tree.owner)]
    elif not (after_de and tree.determiner.notes & {"partitive", "negative"}):
        article = _determiner(tree.determiner, head.fr_gender, words[0])
        partitive_plural = article == "des" and before
        words = ["de" if partitive_plural else article, *words]
    if tree.relative:
        words += ["qui" if tree.relative.subject.silent else "que"]
        words += clause(tree.relative)
    return words


def _definite(head) -> str:
    return "le" if head.fr_gender == "m" else "la"


def _determiner(determiner: Determiner, gender: str, next_word: str) -> str:
    before_vowel = next_word[0] in VOWELS
    if gender == "m":
        return determiner.fr_m_before_vowel if before_vowel else determiner.fr_m
    return determiner.fr_f_before_vowel if before_vowel else determiner.fr_f


def _adjective(adjective, noun: NounPhrase, next_word: str = "") -> str:
    head = noun.head
    plural = noun.plural or (noun.is_pronoun and head.number == "plural")
    if head.fr_gender == "f":
        return adjective.fr_f_plural if plural else adjective.fr_f
    if plural:
        return adjective.fr_m_plural
    if next_word and next_word[0] in VOWELS:
        return adjective.fr_m_before_vowel
    return adjective.fr_m


def _person(subject: NounPhrase) -> int:
    """Number the forms of a verb: je 0, il 1, nous 2, vous 3, ils 4."""
    if subject.is_pronoun:
        head = subject.head
        return PERSONS[head.person, head.number == "plural"]
    return 4 if subject.plural else 1


def _verb_group(tree: Clause) -> list[str]:
    """Write ne, the clitic, the finite verb, pas, and the other forms."""
    person = _person(tree.subject)
    clitic = _clitic(tree, person)
    never = tree.frequency is not None and tree.frequency.fr == "jamais"
    finite, other = _forms(tree, person)
    if tree.tense in ("present", "past"):
        words = [*clitic, finite]
    else:
        words, other = [finite], [*clitic, *other]
    if tree.negative or never:
        words = ["ne", *words]
    if tree.negative:
        words.append("pas")
    if tree.frequency:
        words.append(tree.frequency.fr)
    if tree.verb not in (BE, THERE_IS) and tree.verb.fr_after:
        other = [*other, tree.verb.fr_after]
    return [*words, *other]


def _clitic(tree: Clause, person: int) -> list[str]:
    if tree.verb in (BE, THERE_IS):
        return []
    if tree.verb.fr_auxiliary == "se":
        return [REFLEXIVE[person]]
    if tree.object and tree.object.is_pronoun and not tree.question == "what":
        return [tree.object.head.fr_object]
    return []


def _forms(tree: Clause, person: int) -> tuple[str, list[str]]:
    """Choose the finite form, and the participle or infinitive that follows it."""
    verb = tree.verb
    if verb is BE:
        return FORMS["était" if tree.tense == "past" else "être"][person], []
    if tree.tense == "present":
        forms = (verb.fr_je, verb.fr_il, verb.fr_nous, verb.fr_vous, verb.fr_ils)
        return forms[person], []
    if tree.tense == "past":
        auxiliary = "avoir" if verb.fr_auxiliary == "avoir" else "être"
        return FORMS[auxiliary][person], [_participle(tree, auxiliary)]
    return FORMS[tree.tense][person], [verb.fr]


def _participle(tree: Clause, auxiliary: str) -> str:
    """With être the participle agrees with the subject."""
    participle, subject = tree.verb.fr_participle, tree.subject
    if auxiliary == "avoir":
        return participle
    plural = subject.plural
    if subject.is_pronoun:
        plural = subject.head.number == "plural"
    feminine = "e" if subject.head.fr_gender == "f" else ""
    return participle + feminine + ("s" if plural and participle[-1:] != "s" else "")


def _there_is(tree: Clause) -> list[str]:
    verb = "avait" if tree.tense == "past" else "a"
    words = ["il", "y", verb, *noun_phrase(tree.subject), *_place(tree)]
    return [*words, *_time(tree)]


def _rest(tree: Clause) -> list[str]:
    """Write what follows the verb group."""
    words = []
    if tree.adjective:
        words += _predicate_adjective(tree)
    if tree.manner:
        words.append(tree.manner.fr)
    if tree.object and not tree.object.is_pronoun and tree.question != "how_many":
        preposition = tree.verb.fr_preposition
        words += [preposition] if preposition else []
        words += noun_phrase(tree.object, after_de=preposition == "de")
    if tree.recipient:
        words += ["à", *noun_phrase(tree.recipient)]
    if tree.complement:
        words += ["que", *clause(tree.complement)]
    return [*words, *_place(tree), *_time(tree)]


def _predicate_adjective(tree: Clause) -> list[str]:
    adjective = _adjective(tree.adjective, tree.subject)
    if tree.standard:
        return ["plus", adjective, "que", *noun_phrase(tree.standard)]
    return [tree.degree.fr, adjective] if tree.degree else [adjective]


def _place(tree: Clause) -> list[str]:
    if not tree.place:
        return []
    if isinstance(tree.place, Phrase):
        return [tree.place.fr]
    return [tree.place.preposition.fr, *noun_phrase(tree.place.noun)]


def _time(tree: Clause) -> list[str]:
    return [tree.time.fr] if tree.time and not tree.time_first else []


def _request(tree: Clause) -> list[str]:
    """Write the polite form (ouvrez la porte, s'il vous plaît)."""
    return [tree.verb.fr_vous, *_rest(tree), ",", "s'il vous plaît"]
