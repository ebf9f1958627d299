"""What a loader returns: the texts, where they come from, and how to recognize them."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Corpus", "MissingDataError", "Pair", "TextCorpus", "fingerprint"]


class Pair(NamedTuple):
    """A source sentence, its translation, and the phenomena that it shows."""

    source: str
    target: str
    phenomena: tuple[str, ...] = ()


class MissingDataError(FileNotFoundError):
    """Say which data is not on this machine and what to type to have it."""


def fingerprint(texts: Iterable[str]) -> str:
    """Return the SHA-256 of texts in their order, as 64 hexadecimal digits.

    Each text is preceded by its length in bytes, so that ["ab"] and ["a", "b"] differ.
    """
    total = hashlib.sha256()
    for text in texts:
        data = text.encode("utf-8")
        total.update(f"{len(data)}:".encode())
        total.update(data)
    return total.hexdigest()


@dataclass(frozen=True)
class Corpus:
    """Pairs of sentences; `source` names the data used, `note` says what to know."""

    pairs: tuple[Pair, ...]
    source: str
    note: str = ""

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all sentences, source and target in turn."""
        return fingerprint(text for pair in self.pairs for text in pair[:2])


@dataclass(frozen=True)
class TextCorpus:
    """Named texts; `source` names the data used, `note` says what to know."""

    texts: dict[str, str]
    source: str
    note: str = ""

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def text(self) -> str:
        """All texts, one after the other."""
        return "\n\n".join(self.texts.values())

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all names and texts in turn."""
        return fingerprint(part for item in self.texts.items() for part in item)
