"""Texts with labels: what to learn a classifier from, divided so that nothing leaks."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from course_utils.data.corpus import fingerprint

__all__ = ["LabeledText", "LabeledTexts", "is_for_testing"]

TEST_SHARE = 50  # per cent: differences of a few points need many test texts


def is_for_testing(document: str) -> bool:
    """Say to which half a document belongs, the same on every machine."""
    return zlib.crc32(document.encode()) % 100 < TEST_SHARE


class LabeledText(NamedTuple):
    """A text, its label, and the document that it comes from."""

    text: str
    label: str
    document: str


@dataclass(frozen=True)
class LabeledTexts:
    """Labeled texts; `source` names the data used, `note` says what to know."""

    items: tuple[LabeledText, ...]
    source: str
    note: str = ""

    def __len__(self) -> int:
        return len(self.items)

    @property
    def texts(self) -> list[str]:
        """The texts alone."""
        return [item.text for item in self.items]

    @property
    def names(self) -> list[str]:
        """The labels that occur, in alphabetical order."""
        return sorted({item.label for item in self.items})

    @property
    def labels(self) -> list[int]:
        """The number of each text's label in `names`."""
        numbers = {name: i for i, name in enumerate(self.names)}
        return [numbers[item.label] for item in self.items]

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all texts and labels."""
        return fingerprint(part for item in self.items for part in item[:2])

    def halves(self) -> tuple["LabeledTexts", "LabeledTexts"]:
        """Divide by document into training and test half, the same everywhere.

        Neighbors in a document resemble each other; a text whose neighbor was trained
        on would be no test.
        """
        train, test = [], []
        for item in self.items:
            (test if is_for_testing(item.document) else train).append(item)
        return self._with(train), self._with(test)

    def folds(self, n: int = 4) -> list[int]:
        """Return a number below `n` for each text, the same within a document."""
        return [zlib.crc32(item.document.encode()) // 100 % n for item in self.items]

    def first(self, per_label: int) -> "LabeledTexts":
        """Keep the first `per_label` texts of each label: a smaller training set."""
        counts = dict.fromkeys(self.names, 0)
        kept = []
        for item in self.items:
            counts[item.label] += 1
            if counts[item.label] <= per_label:
                kept.append(item)
        return self._with(kept)

    def _with(self, items: Iterable[LabeledText]) -> "LabeledTexts":
        return LabeledTexts(tuple(items), self.source, self.note)
