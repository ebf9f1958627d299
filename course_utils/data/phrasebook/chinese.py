"""Chinese: classifiers, 的, 了 and 没, time and place before the verb."""

from course_utils.data.phrasebook.lexicon import Noun, Phrase
from course_utils.data.phrasebook.tree import BE, THERE_IS, Clause, NounPhrase, Sentence

__all__ = ["clause", "noun_phrase", "sentence"]

MODALS = {"going": "会", "can": "能", "must": "必须", "want": "想", "like": "喜欢"}
QUESTION_TIMES = {"when": "什么时候", "why": "为什么"}
BARE_PLACES = frozenset(
    {"room", "building", "outside", "nature", "crossed", "goal", "sport"}
)


def sentence(tree: Sentence) -> list[str]:
    """Write a sentence as a list with one Chinese text."""
    text = "请" + _verb_group(tree.clause) if tree.request else clause(tree.clause)
    if tree.second:
        text = _join(text, tree.conjunction, clause(tree.second))
    return [text + ("？" if tree.clause.question else "。")]


def _join(first: str, conjunction: Phrase, second: str) -> str:
    """The clause with when goes first: 猫睡觉的时候，狗跑步."""
    if conjunction.en == "when":
        return f"{second}{conjunction.zh}，{first}"
    return f"{first}，{conjunction.zh}{second}"


def clause(tree: Clause) -> str:
    """Write a clause: subject, time, adverbs, place, verb, object, question mark."""
    front = tree.time.zh if tree.time and tree.time_first else ""
    if tree.verb is THERE_IS:
        return f"{front}{_time(tree)}{_place(tree)[1:]}有{noun_phrase(tree.subject)}"
    subject = noun_phrase(tree.subject)
    ending = "吗" if tree.question == "yes_no" else ""
    predicate = _be(tree) if tree.verb is BE else _verb_group(tree)
    return f"{front}{subject}{_time(tree)}{_all(tree)}{predicate}{ending}"


def noun_phrase(tree: NounPhrase, is_object: bool = False) -> str:
    """Write a noun phrase: relative clause, determiner, owner, adjectives, noun."""
    if tree.silent:
        return ""
    head = tree.head
    if tree.determiner is None and tree.owner is None:
        return head.zh
    first = _determiner(tree, is_object)
    relative = f"{clause(tree.relative)}的" if tree.relative else ""
    owner = f"{noun_phrase(tree.owner)}的" if tree.owner else ""
    adjectives = [adjective.zh_before_noun for adjective in tree.adjectives]
    adjectives.sort(key=lambda adjective: not adjective.endswith("的"))
    if adjectives and adjectives[0].endswith("的") and first.endswith("的"):
        first = first.removesuffix("的")  # 我有趣的书, not 我的有趣的书
    return f"{relative}{first}{owner}{''.join(adjectives)}{head.zh}{_plural(tree)}"


def _plural(tree: NounPhrase) -> str:
    """Persons have a plural after the and my, but not after a number."""
    if not (tree.plural and tree.head.is_person):
        return ""
    notes = tree.determiner.notes if tree.determiner else {"possessive"}
    return "们" if notes & {"definite", "possessive", "generic"} else ""


def _determiner(tree: NounPhrase, is_object: bool) -> str:
    """A definite subject stands bare; a definite object takes 那 and a classifier."""
    if tree.owner:
        return ""
    determiner, head = tree.determiner, tree.head
    if "definite" in determiner.notes:
        if tree.plural and head.is_person:
            return ""
        if not tree.plural and (not is_object or _is_bare(head)):
            return ""
    return determiner.zh.format(head.zh_classifier)


def _is_bare(noun: Noun) -> bool:
    return bool(noun.kinds & BARE_PLACES)


def _all(tree: Clause) -> str:
    """Every and all demand 都 before the verb."""
    determiner = tree.subject.determiner
    if tree.subject.silent or not determiner or "all" not in determiner.notes:
        return ""
    return "都"


def _time(tree: Clause) -> str:
    if tree.question in QUESTION_TIMES:
        return QUESTION_TIMES[tree.question]
    return tree.time.zh if tree.time and not tree.time_first else ""


def _place(tree: Clause) -> str:
    if tree.question == "where":
        return "在哪里"
    if not tree.place:
        return ""
    if isinstance(tree.place, Phrase):
        return tree.place.zh
    return f"在{noun_phrase(tree.place.noun)}{tree.place.preposition.zh_after}"


def _be(tree: Clause) -> str:
    """An adjective needs no verb (很大); a place takes 在, a comparison 比."""
    frequency = tree.frequency.zh if tree.frequency else ""
    negation = "不" if tree.negative else ""
    if not tree.adjective:
        return f"{frequency}{negation}{_place(tree)}"
    adjective = tree.adjective
    if tree.standard:
        return f"比{noun_phrase(tree.standard)}{adjective.zh}"
    if tree.degree:
        end = "了" if tree.degree.en == "too" else ""
        return f"{tree.degree.zh}{adjective.zh}{end}"
    if frequency and not adjective.zh_predicate.startswith("是"):
        return f"{frequency}{adjective.zh_predicate}"
    predicate = adjective.zh_predicate
    if negation or tree.question == "yes_no":
        predicate = predicate.removeprefix("很")
    return f"{frequency}{negation}{predicate}"


def _verb_group(tree: Clause) -> str:
    """Write adverbs, negation or modal, place, manner, verb and objects."""
    frequency = tree.frequency.zh if tree.frequency else ""
    manner = tree.manner.zh if tree.manner else ""
    before = f"{frequency}{_auxiliary(tree)}{_place(tree)}{manner}"
    return before + _verb(tree) + (clause(tree.complement) if tree.complement else "")


def _auxiliary(tree: Clause) -> str:
    if tree.tense in MODALS:
        return ("不" if tree.negative else "") + MODALS[tree.tense]
    if not tree.negative:
        return ""
    return "没" if tree.tense == "past" or tree.verb.zh == "有" else "不"


def _verb(tree: Clause) -> str:
    """Put the object after the verb, or where the verb's pattern has {}."""
    verb = tree.verb
    past = tree.tense == "past" and not tree.negative
    pattern = verb.zh_past if past else verb.zh
    if not tree.object:
        return pattern
    direct = noun_phrase(tree.object, is_object="the" not in verb.notes)
    if "{" not in pattern:
        return pattern + direct
    recipient = noun_phrase(tree.recipient) if tree.recipient else ""
    return pattern.replace("{to}", recipient).replace("{}", direct)
