"""Without grammar there is no translation: both baselines stay below a fifth."""

import pytest

from course_utils.data.phrasebook import phrasebook
from course_utils.data.phrasebook.baselines import (
    exact_share,
    nearest_neighbor,
    word_for_word,
)

BAR = 0.20


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_word_for_word_is_rarely_exact(language):
    held_out = phrasebook(language, 500, split="test")
    assert 0.01 < exact_share(word_for_word(language), held_out) <= BAR


def test_the_nearest_training_sentence_is_rarely_exact(french_train):
    held_out = phrasebook(n=100, split="test")
    translate = nearest_neighbor(french_train)
    assert exact_share(translate, held_out) <= BAR
    assert exact_share(translate, french_train[:20]) == 1.0


def test_word_for_word_gets_easy_sentences_right():
    translate = word_for_word("fr")
    assert translate("the teacher reads the book.") == "le professeur lit le livre."
    assert word_for_word("zh")("he reads the novel.") == "他读小说。"
