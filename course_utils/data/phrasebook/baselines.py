"""Translators that know no grammar: the bar that a model has to clear."""

from collections.abc import Callable, Sequence

from course_utils.data.phrasebook.lexicon import load_lexicon
from course_utils.data.phrasebook.nearest import edit_distance
from course_utils.data.phrasebook.pairs import Pair
from course_utils.words import join_words, split_words

__all__ = ["exact_share", "nearest_neighbor", "word_for_word"]

FUNCTION_WORDS = {
    "fr": "is est are sont was était were étaient am suis doesn't ne don't ne "
    "going va to à can peut must doit wants veut who qui that que than que "
    "what que 's de of de there il does est-ce do est-ce did est-ce",
    "zh": "is 是 are 是 was 是 were 是 am 是 doesn't 不 don't 不 didn't 没 isn't 不 "
    "going 会 to 去 can 能 must 必须 wants 想 that 的 than 比 what 什么 's 的",
}


def word_for_word(language: str = "fr") -> Callable[[str], str]:
    """Make a translator that looks up every word by itself and keeps the order."""
    dictionary = _dictionary(language)

    def translate(source: str) -> str:
        words = [dictionary.get(word, word) for word in split_words(source)]
        return join_words([word for word in words if word])

    return translate


def nearest_neighbor(pairs: Sequence[Pair]) -> Callable[[str], str]:
    """Make a translator that answers with the translation of the nearest source.

    Nearest by edit distance among the 50 sources that share the most words.
    """
    split = [split_words(pair.source) for pair in pairs]
    sources_with: dict[str, list[int]] = {}
    for i, words in enumerate(split):
        for word in set(words):
            sources_with.setdefault(word, []).append(i)

    def translate(source: str) -> str:
        words, shared = split_words(source), {}
        for word in set(words):
            for i in sources_with.get(word, []):
                shared[i] = shared.get(i, 0) + 1
        candidates = sorted(shared, key=lambda i: (-shared[i], i))[:50] or [0]
        best = min(candidates, key=lambda i: (edit_distance(words, split[i]), i))
        return pairs[best].target

    return translate


def exact_share(translate: Callable[[str], str], pairs: Sequence[Pair]) -> float:
    """Say which share of the pairs a translator gets right to the last word."""
    return sum(translate(pair.source) == pair.target for pair in pairs) / len(pairs)


def _dictionary(language: str) -> dict[str, str]:
    """Give each English word its most usual translation."""
    words = FUNCTION_WORDS[language].split()
    found = dict(zip(words[::2], words[1::2], strict=True))
    found |= {"a": "un", "an": "un"} if language == "fr" else {"a": "", "the": ""}
    lexicon = load_lexicon()
    add = _add_french if language == "fr" else _add_chinese
    add(found, lexicon)
    if language == "zh":
        found |= {".": "。", "?": "？", ",": ""}
    return found


def _add_french(found: dict[str, str], lexicon) -> None:
    for noun in lexicon.nouns:
        found.setdefault(noun.en, noun.fr)
        found.setdefault(noun.en_plural, noun.fr_plural)
    for verb in lexicon.verbs:
        found.setdefault(verb.en, verb.fr_ils)
        found.setdefault(verb.en_third, verb.fr_il)
        found.setdefault(verb.en_past, f"a {verb.fr_participle}")
    for adjective in lexicon.adjectives:
        found.setdefault(adjective.en, adjective.fr_m)
        found.setdefault(adjective.en_comparative, f"plus {adjective.fr_m}")
    for determiner in lexicon.determiners:
        found.setdefault(determiner.en, determiner.fr_m)
    for entry in (*lexicon.pronouns, *lexicon.names, *lexicon.phrases):
        found.setdefault(entry.en, entry.fr)
    for preposition in lexicon.prepositions.values():
        found.setdefault(preposition.en, preposition.fr)


def _add_chinese(found: dict[str, str], lexicon) -> None:
    for noun in lexicon.nouns:
        found.setdefault(noun.en, noun.zh)
        found.setdefault(noun.en_plural, noun.zh)
    for verb in lexicon.verbs:
        found.setdefault(verb.en, verb.zh)
        found.setdefault(verb.en_third, verb.zh)
        found.setdefault(verb.en_past, verb.zh_past or verb.zh)
    for adjective in lexicon.adjectives:
        found.setdefault(adjective.en, adjective.zh_before_noun)
        found.setdefault(adjective.en_comparative, adjective.zh)
    for determiner in lexicon.determiners:
        found.setdefault(determiner.en, determiner.zh.format("个"))
    for entry in (*lexicon.pronouns, *lexicon.names, *lexicon.phrases):
        found.setdefault(entry.en, entry.zh)
    for preposition in lexicon.prepositions.values():
        found.setdefault(preposition.en, "在")
