"""The tables that a speaker proofreads: complete, consistent, large enough."""

from collections import Counter

import pytest

from course_utils.data.phrasebook.lexicon import load_lexicon, table

TABLES = (
    "adjectives determiners names nouns phrases prepositions pronouns verbs"
).split()
MAY_BE_EMPTY = {
    "level",
    "notes",
    "prepositions",
    "subjects",
    "objects",
    "en_plural",
    "fr_plural",
    "en_comparative",
    "en_particle",
    "en_object",
    "fr_object",
    "fr_after",
    "fr_preposition",
    "zh_past",
    "zh_after",
}


@pytest.fixture(scope="module")
def lexicon():
    return load_lexicon()


def test_there_are_at_least_600_entries():
    assert sum(len(table(name)) for name in TABLES) >= 600


@pytest.mark.parametrize("name", TABLES)
def test_no_cell_is_missing(name):
    for row in table(name):
        assert None not in row.values()
        assert all(cell == cell.strip() for cell in row.values())
        empty = {column for column, cell in row.items() if not cell}
        allowed = MAY_BE_EMPTY | ({"en", "zh", "fr"} if name != "nouns" else set())
        assert empty <= allowed, row


def test_genders_and_classifiers_are_given(lexicon):
    for noun in lexicon.nouns:
        assert noun.fr_gender in ("m", "f")
        assert len(noun.zh_classifier) == 1
        assert bool(noun.en_plural) == bool(noun.fr_plural)


def test_every_noun_stands_once(lexicon):
    assert Counter(noun.en for noun in lexicon.nouns).most_common(1)[0][1] == 1


def test_kinds_of_verbs_and_adjectives_exist(lexicon):
    kinds = {kind for noun in lexicon.nouns for kind in noun.kinds}
    for verb in lexicon.verbs:
        assert set(verb.subjects) | set(verb.objects) <= kinds, verb.en
        assert verb.frame in "tgids"
        assert bool(verb.objects) == (verb.frame in "tgd"), verb.en
    for adjective in lexicon.adjectives:
        assert set(adjective.kinds) <= kinds, adjective.en
        assert adjective.fr_position in ("before", "after")


def test_every_noun_is_used_by_some_verb_or_place(lexicon):
    used = {kind for verb in lexicon.verbs for kind in verb.subjects + verb.objects}
    for noun in lexicon.nouns:
        assert noun.kinds & used or noun.prepositions, noun.en


def test_core_verbs_find_core_nouns():
    core = load_lexicon("core")
    for verb in core.verbs:
        assert core.nouns_of(verb.subjects)
        assert not verb.objects or core.nouns_of(verb.objects), verb.en
    for adjective in core.adjectives:
        assert core.nouns_of(adjective.kinds), adjective.en


def test_prepositions_of_nouns_exist(lexicon):
    for noun in lexicon.nouns:
        assert set(noun.prepositions) <= set(lexicon.prepositions)


def test_giving_verbs_say_where_chinese_puts_both_objects(lexicon):
    for verb in lexicon.verbs:
        patterns = (verb.zh, verb.zh_past) if verb.frame == "d" else ()
        assert all("{to}" in p and "{}" in p for p in patterns), verb.en


def test_auxiliaries_are_known(lexicon):
    assert {verb.fr_auxiliary for verb in lexicon.verbs} == {"avoir", "être", "se"}
