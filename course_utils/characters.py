"""Texts as single characters: a vocabulary that needs no list of words."""

import string
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_utils.checkpoints import load_checkpoint
from course_utils.text import Vocabulary
from course_utils.transformer import LanguageModel
from course_utils.translator import WEIGHTS

__all__ = ["CHARACTERS", "CharacterVocabulary", "load_language_model"]

# Printable ASCII, the line break, and the quotes and dashes of Python's documentation.
CHARACTERS = [
    *"\n ",
    *sorted(string.digits + string.ascii_letters + string.punctuation),
    *"‘’“”–—…",
]


class CharacterVocabulary(Vocabulary):
    """Number single characters; one that is not in the list is read as `?`.

    `CharacterVocabulary(words)` takes the list of a checkpoint; without one it is the
    course's own.
    """

    def __init__(self, words: Sequence[str] = (*Vocabulary.specials, *CHARACTERS)):
        super().__init__(words)

    def encode(self, text: str) -> list[int]:
        """Return the number of each character."""
        unknown = self.ids["?"]
        return [self.ids.get(character, unknown) for character in text]

    def decode(self, ids: Iterable[int]) -> str:
        """Write the characters of `ids` as a text, leaving the special ones out."""
        characters = [self.words[i] for i in ids]
        return "".join(c for c in characters if c not in self.specials)


def load_language_model(
    path: str | Path | None = None,
) -> tuple[LanguageModel, CharacterVocabulary]:
    """Load the course's language model, which writes Python documentation.

    `path` names another checkpoint that `course train language-model` wrote.

    Raises:
        CheckpointError: the files are missing or damaged.
    """
    model, vocabulary, _ = load_checkpoint(path or WEIGHTS / "language_model")
    return model, CharacterVocabulary(vocabulary.words)
