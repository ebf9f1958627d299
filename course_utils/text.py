"""Text as numbers: words, a vocabulary, and batches of equal length."""

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Int
from torch import Tensor

__all__ = ["UnknownWordError", "Vocabulary", "join_words", "pad_batch", "split_words"]

LATIN = "[a-zß-öø-ɏ]"
TOKEN = re.compile(
    rf"(?:[cdjlmnst]|qu)'(?!s\b)(?={LATIN})"  # French: l'|homme, qu'|elle
    r"|'s\b"  # English: teacher|'s
    rf"|{LATIN}+(?:(?!'s\b)['-]{LATIN}+)*"  # doesn't, est-ce, grand-mère
    r"|\d+(?:[.,]\d+)*"
    r"|\S"  # every Chinese character and every mark stands alone
)
CHINESE = "[、-〛一-鿿！-･]"
SPACES = (
    (re.compile(r" ('s|[.,;:!?)…])(?= |$)"), r"\1"),  # none before these
    (re.compile(r"(?<!\S)((?:[cdjlmnst]|qu)'|\() "), r"\1"),  # none after these
    (re.compile(rf"(?<={CHINESE}) (?={CHINESE})"), ""),  # none inside Chinese
)


def split_words(text: str) -> list[str]:
    """Cut a text into lower-case words and marks; Chinese into characters.

    "the dog doesn't sleep." → the, dog, doesn't, sleep, .
    "l'homme lit-il?" → l', homme, lit-il, ?
    """
    text = unicodedata.normalize("NFC", text.lower().replace("’", "'"))
    return TOKEN.findall(text)


def join_words(words: Sequence[str]) -> str:
    """Write words as a text again, with spaces where English and French put them."""
    text = " ".join(words)
    for space, replacement in SPACES:
        text = space.sub(replacement, text)
    return text


class UnknownWordError(ValueError):
    """Say which words a vocabulary lacks; `.suggestions` maps each to known ones."""

    def __init__(self, suggestions: dict[str, list[str]]):
        self.suggestions = suggestions
        parts = [
            f"'{word}'" + (f" (nearest known: {', '.join(known)})" if known else "")
            for word, known in suggestions.items()
        ]
        super().__init__(f"unknown words: {'; '.join(parts)}; use known words instead")


class Vocabulary:
    """Number the words of some texts; an unknown word is refused by name."""

    pad_id, start_id, end_id = 0, 1, 2
    specials = ("<pad>", "<start>", "<end>")

    def __init__(self, words: Sequence[str]):
        self.words = list(words)
        self.ids = {word: i for i, word in enumerate(self.words)}

    @classmethod
    def build(cls, texts: Iterable[str]) -> "Vocabulary":
        """Collect the distinct words of `texts`, in alphabetical order."""
        found = {word for text in texts for word in split_words(text)}
        return cls([*cls.specials, *sorted(found)])

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, text: str) -> list[int]:
        """Look up each word's number; raise UnknownWordError where there is none."""
        words = split_words(text)
        unknown = [word for word in words if word not in self.ids]
        if unknown:
            near = {w: difflib.get_close_matches(w, self.words) for w in unknown}
            raise UnknownWordError(near)
        return [self.ids[word] for word in words]

    def decode(self, ids: Iterable[int]) -> str:
        """Write the words of `ids` as a text, leaving the special ones out."""
        words = [self.words[i] for i in ids]
        return join_words([word for word in words if word not in self.specials])

    def to_json(self) -> str:
        """Write the words as a JSON list, in the order of their numbers."""
        return json.dumps(self.words, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Vocabulary":
        """Read what `to_json` wrote."""
        return cls(json.loads(text))


def pad_batch(
    sequences: Sequence[Sequence[int]], pad_id: int = 0
) -> Int[Tensor, "B T"]:
    """Fill every sequence with `pad_id` up to the length of the longest one."""
    longest = max((len(sequence) for sequence in sequences), default=0)
    batch = torch.full((len(sequences), longest), pad_id)
    for row, sequence in zip(batch, sequences, strict=True):
        row[: len(sequence)] = torch.tensor(sequence, dtype=torch.long)
    return batch
