"""Words out of texts and back, and the vocabulary that refuses what it lacks."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.text import Vocabulary, pad_batch
from course_utils.words import UnknownWordError, join_words, split_words

SENTENCES = {
    "the dog doesn't sleep.": ["the", "dog", "doesn't", "sleep", "."],
    "the teacher's book": ["the", "teacher", "'s", "book"],
    "james's hat": ["james", "'s", "hat"],
    "bob's 3 cats": ["bob", "'s", "3", "cats"],
    "l'homme n'est pas là.": ["l'", "homme", "n'", "est", "pas", "là", "."],
    "qu'est-ce que l'élève lit?": ["qu'", "est-ce", "que", "l'", "élève", "lit", "?"],
    "aujourd'hui, s'il vous plaît": ["aujourd'hui", ",", "s'", "il", "vous", "plaît"],
    "ma grand-mère (72 ans)": ["ma", "grand-mère", "(", "72", "ans", ")"],
    "老师读一本书。": ["老", "师", "读", "一", "本", "书", "。"],
    "猫睡觉，但是狗跑步。": list("猫睡觉，但是狗跑步。"),
}


@pytest.mark.parametrize(("text", "words"), SENTENCES.items())
def test_words_split_and_join_again(text, words):
    assert split_words(text) == words
    assert join_words(words) == text


def test_capitals_and_curly_apostrophes_are_made_plain():
    assert split_words("L’Homme") == ["l'", "homme"]


@pytest.mark.parametrize("after", ["3", "_", "书", "ж", "-b"])
def test_a_possessive_ends_where_the_latin_letters_end(after):
    words = split_words(f"a's{after}")
    assert words[:2] == ["a", "'s"]
    assert split_words(join_words(words)) == words


def test_no_words_make_an_empty_text():
    assert split_words("  \n") == []
    assert join_words([]) == ""


@given(st.text())
def test_splitting_a_joined_text_finds_the_same_words(text):
    words = split_words(text)
    assert split_words(join_words(words)) == words


@given(st.text(alphabet="lsqu'd aé.-,(我3", max_size=12))
def test_splitting_agrees_on_apostrophes_and_marks(text):
    words = split_words(text)
    assert split_words(join_words(words)) == words


@pytest.fixture
def vocabulary():
    return Vocabulary.build(["the cat sleeps.", "l'ami du chat dort."])


def test_the_special_words_come_first(vocabulary):
    assert vocabulary.words[:3] == ["<pad>", "<start>", "<end>"]
    assert (vocabulary.pad_id, vocabulary.start_id, vocabulary.end_id) == (0, 1, 2)
    assert vocabulary.words[3:] == sorted(vocabulary.words[3:])
    assert len(vocabulary) == 3 + 9


def test_encoding_and_decoding_return_the_text(vocabulary):
    ids = vocabulary.encode("l'ami du cat sleeps.")
    assert vocabulary.decode([1, *ids, 2, 0, 0]) == "l'ami du cat sleeps."


def test_unknown_words_are_named_with_their_neighbors(vocabulary):
    with pytest.raises(UnknownWordError) as refused:
        vocabulary.encode("the cats xyzzy")
    assert str(refused.value) == (
        "unknown words: 'cats' (nearest known: cat, chat); 'xyzzy'; "
        "use known words instead"
    )
    assert refused.value.suggestions == {"cats": ["cat", "chat"], "xyzzy": []}


def test_the_vocabulary_survives_json(vocabulary):
    again = Vocabulary.from_json(vocabulary.to_json())
    assert again.words == vocabulary.words
    assert again.encode("the chat") == vocabulary.encode("the chat")


def test_a_batch_is_filled_to_its_longest_sequence():
    batch = pad_batch([[5, 6, 7], [8], []], pad_id=4)
    assert torch.equal(batch, torch.tensor([[5, 6, 7], [8, 4, 4], [4, 4, 4]]))
    assert batch.dtype == torch.long
    assert pad_batch([]).shape == (0, 0)
