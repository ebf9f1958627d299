"""The composer of lesson 00: menus, own sentences, unknown words."""

import pytest
import torch

from course_utils.explorers.composer import ACTIONS, compute, show_composer
from course_utils.translator import load_translator

pytestmark = pytest.mark.no_typecheck


@pytest.fixture(scope="module")
def translators():
    return {name: load_translator(name) for name in ("fr", "zh")}


def test_the_menus_make_a_sentence_that_both_models_translate(translators):
    data = compute(translators)
    assert data["english"] == "the teacher reads a book."
    assert data["answers"]["fr"] == translators["fr"].translate([data["english"]])[0]
    assert data["map"].shape == (len(data["target"]), len(data["source"]))
    torch.testing.assert_close(data["map"].sum(1), torch.ones(len(data["target"])))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("tense", ["present", "past", "must"])
def test_every_choice_can_be_translated(translators, action, tense):
    for form in ("statement", "negation", "question"):
        data = compute(translators, action=action, tense=tense, form=form)
        assert data["answers"]["zh"]
        assert data["note"] == ""


def test_an_own_sentence_wins_over_the_menus(translators):
    assert compute(translators, own="we sleep.")["english"] == "we sleep."


def test_unknown_words_are_named_and_a_near_sentence_offered(translators):
    data = compute(translators, own="the teacher reads a zeppelin.")
    assert "“zeppelin”" in data["note"]
    assert "zeppelin" not in data["english"]
    assert data["answers"]["fr"]


def test_a_sentence_that_is_too_long_is_refused_in_words(translators):
    data = compute(translators, own="the cat " * 60)
    assert data["note"].endswith("Instead: ")
    assert data["english"] == "the teacher reads a book."


def test_the_picture_says_what_it_shows(translators):
    picture = show_composer(translators).picture(action="sleeps")
    assert "the teacher sleeps." in picture.caption
    assert "ms)" in picture.caption
    assert len(picture.alt) >= 40
