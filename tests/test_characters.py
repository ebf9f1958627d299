"""Characters as tokens: nothing is lost, nothing unknown stops a text."""

import pytest

from course_utils.characters import CHARACTERS, CharacterVocabulary, load_language_model
from course_utils.checkpoints import CheckpointError
from course_utils.data.python_docs import documentation


def test_a_text_comes_back():
    vocabulary = CharacterVocabulary()
    text = "Return “x”, or 3 % of it —\n    if y > 0: …"
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_numbers_of_the_special_tokens_are_free():
    vocabulary = CharacterVocabulary()
    assert len(vocabulary) == 3 + len(CHARACTERS) == 3 + len(set(CHARACTERS))
    assert min(vocabulary.encode("".join(CHARACTERS))) == 3
    assert vocabulary.decode([1, *vocabulary.encode("ab"), 2, 0]) == "ab"


def test_an_unknown_character_is_read_as_a_question_mark():
    vocabulary = CharacterVocabulary()
    assert vocabulary.decode(vocabulary.encode("a中b")) == "a?b"


def test_almost_all_of_the_documentation_is_known():
    text = documentation("all").text
    unknown = sum(character not in CHARACTERS for character in text)
    assert unknown < len(text) / 10_000


def test_the_course_model_is_loaded_with_its_characters():
    model, vocabulary = load_language_model()
    assert len(vocabulary) == model.config.vocab_size
    assert not model.training


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(CheckpointError, match="nothing"):
        load_language_model(tmp_path / "nothing")
