"""JupyterLab's own sentences with their human translations, from its language packs.

The packs are Python packages that carry JSON files. The files are read in place and
checked against the hashes that pip recorded; the packages are never imported.
License: BSD 3-clause (Project Jupyter contributors, translated on Crowdin).
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    PackagePath,
    distribution,
)

from course_utils.data.corpus import Corpus, MissingDataError, Pair
from course_utils.data.phrasebook import phrasebook

__all__ = ["PACKS", "SOURCES", "SPLITS", "is_installed", "language_pack"]

PACKS = {
    "fr": "jupyterlab-language-pack-fr-FR",
    "zh": "jupyterlab-language-pack-zh-CN",
}
SOURCES = ("auto", "language_pack", "phrasebook")
SPLITS = ("train", "validation", "test")
PLACEHOLDER = re.compile(r"%\d|%[sd]|[{}<>]|https?:|`|\\n|\n")
CONTEXT = "\x04"  # gettext separates a context from the message by this character
STAND_IN = 3_000


def language_pack(
    language: str = "fr",
    split: str = "train",
    source: str = "auto",
    fewest_words: int = 3,
    most_words: int = 20,
) -> Corpus:
    """Read JupyterLab's sentences in English and `language` (fr or zh).

    Sentences with placeholders or markup are left out, and so are those that stay the
    same. A checksum of the English sentence decides its split: 10 % test, 5 %
    validation. With `source="auto"` the phrasebook stands in where the package is not
    installed, and the note says so.

    Raises ValueError for an unknown choice, MissingDataError if the package is asked
    for by `source="language_pack"` and is missing, or is not as pip installed it.
    """
    _check("language", language, tuple(PACKS))
    _check("split", split, SPLITS)
    _check("source", source, SOURCES)
    if source == "phrasebook":
        return Corpus(_stand_in(language, split), "phrasebook")
    if source == "auto" and not is_installed(language):
        note = f"{_missing(language)} The phrasebook stands in for it."
        return Corpus(_stand_in(language, split), "phrasebook", note)
    package = _distribution(language)
    pairs = tuple(
        Pair(english, translation)
        for english, translation in sorted(_messages(package).items())
        if fewest_words <= len(english.split()) <= most_words
        and split_of(english) == split
    )
    note = f"human translations by the JupyterLab community, {split} part"
    return Corpus(pairs, f"{package.name} {package.version}", note)


def is_installed(language: str) -> bool:
    """Say whether the language pack is installed, without importing it."""
    try:
        distribution(PACKS[language])
    except PackageNotFoundError:
        return False
    return True


def split_of(english: str) -> str:
    """Say to which split a sentence belongs, the same on every machine."""
    share = zlib.crc32(english.encode()) % 100
    return "test" if share < 10 else "validation" if share < 15 else "train"


def _check(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name}={value!r} is not one of {', '.join(choices)}")


def _missing(language: str) -> str:
    return (
        f"{PACKS[language]} is not installed; "
        "pip install 'smaller-faster-transformers[data]' adds it."
    )


def _stand_in(language: str, split: str) -> tuple[Pair, ...]:
    n = STAND_IN if split == "train" else STAND_IN // 10
    return tuple(phrasebook(language, n, split))


def _distribution(language: str) -> Distribution:
    try:
        return distribution(PACKS[language])
    except PackageNotFoundError:
        raise MissingDataError(_missing(language)) from None


def _messages(package: Distribution) -> dict[str, str]:
    """Collect the messages of all files; the first translation of a message counts."""
    found: dict[str, str] = {}
    for path in sorted(package.files or [], key=str):
        if path.suffix == ".json" and "LC_MESSAGES" in path.parts:
            for english, translation in _usable(json.loads(_verified(path))):
                found.setdefault(english, translation)
    return found


def _verified(path: PackagePath) -> bytes:
    """Read a file and compare its hash with the one that pip recorded."""
    data = path.read_binary()
    if path.hash is None:
        return data
    digest = hashlib.new(path.hash.mode, data).digest()
    found = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if found != path.hash.value:
        raise MissingDataError(
            f"{path} has {path.hash.mode} {found}, but pip recorded {path.hash.value}; "
            "install the package again with pip install --force-reinstall"
        )
    return data


def _usable(catalog: dict) -> Iterator[tuple[str, str]]:
    """Pick the plain sentences of a gettext catalog, the singular of plurals."""
    for message, translations in catalog.items():
        english = message.rpartition(CONTEXT)[2].strip()
        translation = translations[0] if isinstance(translations, list) else ""
        translation = (translation or "").strip()
        if not english or not translation or english == translation:
            continue
        if not PLACEHOLDER.search(english + translation):
            yield english, translation
