"""The phrasebook: the same every time, divided by combination, many and distinct."""

import zlib
from itertools import islice

import pytest

from course_utils.data.corpus import fingerprint
from course_utils.data.phrasebook import pairs, phenomena, phrasebook
from course_utils.data.phrasebook.grammar import Grammar
from course_utils.data.phrasebook.lexicon import load_lexicon
from course_utils.data.phrasebook.pairs import combinations, split_of
from course_utils.words import join_words, split_words

HELD_OUT = 500
FINGERPRINTS = {"fr": "b906310c754f1949", "zh": "20025e50aee66c05"}


@pytest.fixture(scope="module")
def books(french_train):
    """French and Chinese, training and test."""
    return {
        "fr": (french_train, phrasebook("fr", HELD_OUT, split="test")),
        "zh": (phrasebook("zh", 8_000), phrasebook("zh", HELD_OUT, split="test")),
    }


def test_the_same_seed_gives_the_same_pairs():
    assert phrasebook(n=30, seed=5) == phrasebook(n=60, seed=5)[:30]
    assert phrasebook(n=30, seed=5) != phrasebook(n=30, seed=6)
    assert list(islice(pairs("zh", "test", 5), 7)) == phrasebook("zh", 7, "test", 5)


@pytest.mark.parametrize(("language", "known"), FINGERPRINTS.items())
def test_the_data_is_what_the_checkpoints_learned_from(language, known):
    """Who changes the grammar or the lexicon trains the checkpoints again."""
    texts = [text for pair in phrasebook(language, 1_000) for text in pair[:2]]
    assert fingerprint(texts)[:16] == known


def test_both_languages_translate_the_same_sentences(books):
    chinese = books["zh"][0]
    french = books["fr"][0][: len(chinese)]
    assert [p.source for p in french] == [p.source for p in chinese]
    assert [p.phenomena for p in french] == [p.phenomena for p in chinese]


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_pairs_are_distinct_and_words_join_again(books, language):
    train, held_out = books[language]
    assert len({pair.source for pair in train}) == len(train)
    for pair in train[::9] + held_out:
        for text in (pair.source, pair.target):
            assert join_words(split_words(text)) == text


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_no_word_of_the_test_is_new(books, language):
    train, held_out = books[language]
    for side in (0, 1):
        known = {word for pair in train for word in split_words(pair[side])}
        asked = {word for pair in held_out for word in split_words(pair[side])}
        assert asked <= known


def test_sentences_have_four_to_fourteen_words(books):
    lengths = [len(split_words(pair.source)) for pair in books["fr"][0]]
    assert min(lengths) >= 4
    assert max(lengths) <= 17  # commas and 's are words of their own
    assert 7 < sum(lengths) / len(lengths) < 9


def test_combinations_of_the_test_never_occur_in_training():
    grammar = Grammar(seed=3)
    found = {"train": set(), "validation": set(), "test": set()}
    hard = set()
    for _ in range(8_000):
        tree = grammar.sentence()
        names = combinations(tree)
        found[split_of(tree)].update(names)
        if split_of(tree) == "test":
            hard.add(min(names, key=share_of))
    assert hard
    assert not hard & found["train"]
    assert not hard & found["validation"]


def share_of(name):
    return zlib.crc32(name.encode()) % 100


def test_about_a_tenth_of_the_combinations_is_held_out():
    grammar = Grammar(seed=4)
    splits = [split_of(grammar.sentence()) for _ in range(4_000)]
    assert 0.07 < splits.count("test") / 4_000 < 0.14
    assert 0.03 < splits.count("validation") / 4_000 < 0.08


def test_more_than_200_000_sentences_can_be_drawn():
    """Count only the present: the (or this) NOUN VERBs the (or this) NOUN."""
    lexicon = load_lexicon()
    counted = sum(
        sum(1 for noun in lexicon.nouns_of(verb.subjects) if "kin" not in noun.kinds)
        * sum(1 for noun in lexicon.nouns_of(verb.objects) if "kin" not in noun.kinds)
        for verb in lexicon.verbs
        if verb.frame == "t" and not verb.notes
    )
    assert 2 * 2 * counted > 200_000


def test_english_alone_decides_the_translation():
    """Two different draws of one English sentence say the same in French."""
    first = {p.source: p.target for p in phrasebook("fr", 4_000, seed=1, level="core")}
    second = {p.source: p.target for p in phrasebook("fr", 4_000, seed=2, level="core")}
    both = first.keys() & second.keys()
    assert len(both) > 10
    assert all(first[source] == second[source] for source in both)


def test_every_phenomenon_occurs(books):
    seen = {name for pair in books["fr"][0] for name in pair.phenomena}
    assert seen == set(phenomena())


def test_the_core_level_is_smaller_and_shorter(books):
    core = phrasebook(n=3_000, level="core")
    everything = books["fr"][0][:3_000]
    words = {word for pair in core for word in split_words(pair.source)}
    assert words < {
        word for pair in books["fr"][0] for word in split_words(pair.source)
    }
    assert mean_length(core) < mean_length(everything)


def mean_length(some):
    return sum(len(split_words(pair.source)) for pair in some) / len(some)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"language": "de"}, "language='de' is not one of fr, zh"),
        ({"split": "dev"}, "split='dev' is not one of train, validation, test"),
        ({"level": "easy"}, "level='easy' is not one of all, core"),
    ],
)
def test_unknown_choices_are_refused(arguments, message):
    with pytest.raises(ValueError, match="is not one of") as refused:
        phrasebook(n=1, **arguments)
    assert str(refused.value) == message
