"""Words: cut a text into them, join them again, and name those that are unknown."""

import difflib
import re
import unicodedata
from collections.abc import Sequence

__all__ = ["UnknownWordError", "join_words", "split_words"]

LATIN = "[a-zß-öø-ɏ]"
POSSESSIVE = f"'s(?!{LATIN})"  # its end is known from letters alone: digits stand apart
TOKEN = re.compile(
    rf"(?:[cdjlmnst]|qu)(?!{POSSESSIVE})'(?={LATIN})"  # French: l'|homme, qu'|elle
    rf"|{POSSESSIVE}"  # English: teacher|'s
    rf"|{LATIN}+(?:(?!{POSSESSIVE})['-]{LATIN}+)*"  # doesn't, est-ce, grand-mère
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
    """Say which words are not known; `.suggestions` maps each to known ones near it."""

    def __init__(self, unknown: Sequence[str], known: Sequence[str]):
        self.suggestions = {w: difflib.get_close_matches(w, known) for w in unknown}
        parts = [
            f"'{word}'" + (f" (nearest known: {', '.join(near)})" if near else "")
            for word, near in self.suggestions.items()
        ]
        super().__init__(f"unknown words: {'; '.join(parts)}; use known words instead")
