"""What lesson 00 asks of the phrasebook: menus, and help for free typing."""

import pytest

from course_utils.data.phrasebook import compose, menus, nearest_sentence, phrasebook
from course_utils.data.phrasebook.nearest import edit_distance


def test_the_menus_offer_what_suits_the_verb():
    offered = menus("drink")
    assert "the teacher" in offered["subject"]
    assert "some milk" in offered["object"]
    assert "a door" not in offered["object"]
    assert offered["form"] == ["statement", "negation", "question"]
    assert menus("sleep")["object"] == [""]


@pytest.mark.parametrize(
    ("choices", "language", "source", "target"),
    [
        ({}, "fr", "the teacher reads a book.", "le professeur lit un livre."),
        (
            {"subject": "they", "verb": "drink", "object": "some milk"},
            "zh",
            "they drink some milk.",
            "他们喝一些牛奶。",
        ),
        (
            {"verb": "drink", "object": "some milk", "form": "negation"},
            "fr",
            "the teacher doesn't drink any milk.",
            "le professeur ne boit pas de lait.",
        ),
        (
            {"form": "negation"},
            "fr",
            "the teacher doesn't read the book.",
            "le professeur ne lit pas le livre.",
        ),
        (
            {
                "subject": "marie",
                "verb": "play",
                "object": "tennis",
                "form": "question",
            },
            "fr",
            "does marie play tennis?",
            "est-ce que marie joue au tennis?",
        ),
        (
            {
                "subject": "my sisters",
                "verb": "go to",
                "object": "the market",
                "tense": "future",
                "time": "tomorrow",
            },
            "fr",
            "my sisters are going to go to the market tomorrow.",
            "mes sœurs vont aller au marché demain.",
        ),
        (
            {"verb": "sleep", "object": "", "tense": "like to", "place": "at home"},
            "zh",
            "the teacher likes to sleep at home.",
            "老师喜欢在家睡觉。",
        ),
    ],
)
def test_choices_become_a_pair(choices, language, source, target):
    pair = compose(**choices, language=language)
    assert (pair.source, pair.target) == (source, target)


def test_every_offered_choice_can_be_composed():
    for verb in menus()["verb"]:
        offered = menus(verb)
        for thing in offered["object"][::7]:
            subject = offered["subject"][0]
            assert compose(subject, verb, thing).target.endswith(".")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"object": "a door"}, "object='a door' is not in the menu; choose 'a book', "),
        ({"verb": "devour"}, "verb='devour' is not in the menu; choose 'admire', "),
        (
            {"tense": "pluperfect"},
            "tense='pluperfect' is not in the menu; choose 'pres",
        ),
        (
            {"language": "de"},
            "language='de' is not in the menu; choose 'fr', 'zh'",
        ),
        ({"time": "tomorrow"}, "time='tomorrow' is not in the menu; choose '', "),
    ],
)
def test_a_choice_that_does_not_suit_is_refused(choices, message):
    with pytest.raises(ValueError, match="is not in the menu") as refused:
        compose(**choices)
    assert str(refused.value).startswith(message)


def test_edit_distance_counts_words():
    assert edit_distance("the cat sleeps".split(), "the cat sleeps".split()) == 0
    assert edit_distance("the cat sleeps".split(), "a cat never sleeps".split()) == 2
    assert edit_distance([], ["a", "b"]) == 2


SENTENCES = ("the cat sleeps.", "the cat drinks some milk.", "a dog runs.")


def test_unknown_words_are_marked_and_the_nearest_sentence_offered():
    words = ["the", "catt", "drinks", "milk", "."]
    suggestion = nearest_sentence(words, SENTENCES)
    assert suggestion.unknown == {"catt": ["cat"]}
    assert suggestion.sentence == "the cat drinks some milk."


def test_known_sentences_are_their_own_neighbors():
    known = phrasebook(n=300)
    sentences = [pair.source for pair in known]
    for sentence in sentences[::60]:
        words = sentence.replace(".", " .").replace("?", " ?").split()
        found = nearest_sentence(words, sentences)
        assert edit_distance(words, found.sentence.split()) <= len(words)
    assert nearest_sentence(["zzz"], sentences).sentence == sentences[0]


def test_no_words_are_refused():
    with pytest.raises(ValueError, match="there are no words; type a sentence"):
        nearest_sentence([])
