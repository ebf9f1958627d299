"""Text as numbers: a vocabulary, and batches of equal length."""

import json
from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from course_utils.words import UnknownWordError, join_words, split_words

__all__ = ["Vocabulary", "pad_batch"]


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
            raise UnknownWordError(unknown, self.words)
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
