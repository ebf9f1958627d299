"""The list that `course data list` prints and `course data get` works through."""

import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from course_utils.data.corpus import MissingDataError

__all__ = ["Source", "find_source", "get_source", "list_sources"]


@dataclass(frozen=True)
class Source:
    """One corpus: what it is, its license, how one comes by it, and its size.

    `how` is offline (always there), extra (a package to install) or download.
    """

    name: str
    what: str
    license: str
    how: str
    size: str
    is_available: Callable[[], bool]
    get: str

    @property
    def available(self) -> bool:
        """Whether the corpus can be read now, without a connection."""
        return self.is_available()

    def as_json(self) -> dict[str, str | bool]:
        """Return the fields under plain lower-case names."""
        names = ("name", "what", "license", "how", "size", "get")
        row = {name: getattr(self, name) for name in names}
        return row | {"available": self.available}


def list_sources() -> list[Source]:
    """List all corpora of the course, those that are always there first."""
    return list(SOURCES)


def find_source(name: str) -> Source:
    """Find a corpus by its name; raise ValueError that lists the names."""
    for source in SOURCES:
        if source.name == name:
            return source
    names = ", ".join(source.name for source in SOURCES)
    raise ValueError(f"there is no corpus {name!r}; choose one of {names}")


def get_source(name: str, progress: bool = False) -> str:
    """Make a corpus available where that takes a download; say what was done.

    Raises ValueError for an unknown name, MissingDataError if it cannot be had now,
    with what to type instead.
    """
    source = find_source(name)
    if source.how == "download":
        return _download(progress)
    if source.available:
        return f"{name} is there already: {source.what}"
    raise MissingDataError(f"{name} is not installed; {source.get}")


def _download(progress: bool) -> str:
    from course_utils.data.multi30k import LANGUAGES, SPLITS, multi30k

    sizes = {
        f"{split} en-{language}": len(
            multi30k(language, split, source="download", progress=progress)
        )
        for split in SPLITS
        for language in LANGUAGES
    }
    listed = ", ".join(f"{part} {n:,}" for part, n in sizes.items())
    return f"multi30k is there, in pairs: {listed}"


def _always() -> bool:
    return True


def _has_module(name: str) -> Callable[[], bool]:
    def is_available() -> bool:
        package = name.partition(".")[0]
        return find_spec(package) is not None and find_spec(name) is not None

    return is_available


def _has_package(name: str) -> Callable[[], bool]:
    def is_available() -> bool:
        try:
            distribution(name)
        except PackageNotFoundError:
            return False
        return True

    return is_available


def _has_library_code() -> bool:
    return (Path(sysconfig.get_paths()["stdlib"]) / "textwrap.py").exists()


def _has_multi30k() -> bool:
    from course_utils.data.multi30k import LANGUAGES, SPLITS, is_downloaded

    return all(is_downloaded(lang, split) for lang in LANGUAGES for split in SPLITS)


EXTRA = "pip install 'smaller-faster-transformers[data]'"
SOURCES = (
    Source(
        name="phrasebook",
        what="English sentences with French and Chinese, made by a grammar",
        license="MIT (part of the course)",
        how="offline",
        size="more than 400,000 sentences, 667 lexicon entries",
        is_available=_always,
        get="",
    ),
    Source(
        name="python-docs",
        what="the language reference behind help(), one text per topic",
        license="PSF-2.0",
        how="offline",
        size="about 0.5 MB, 78 texts",
        is_available=_has_module("pydoc_data.topics"),
        get="it comes with Python from python.org",
    ),
    Source(
        name="python-code",
        what="the standard library: code, functions with their docstrings",
        license="PSF-2.0",
        how="offline",
        size="about 12 MB, 700 files",
        is_available=_has_library_code,
        get="it comes with any Python that keeps its library as files",
    ),
    Source(
        name="language-pack-fr",
        what="JupyterLab's sentences, translated into French by people",
        license="BSD-3-Clause",
        how="extra",
        size="0.2 MB, about 1,000 sentences",
        is_available=_has_package("jupyterlab-language-pack-fr-FR"),
        get=EXTRA,
    ),
    Source(
        name="language-pack-zh",
        what="JupyterLab's sentences, translated into Chinese by people",
        license="BSD-3-Clause",
        how="extra",
        size="0.2 MB, about 1,000 sentences",
        is_available=_has_package("jupyterlab-language-pack-zh-CN"),
        get=EXTRA,
    ),
    Source(
        name="multi30k",
        what="image captions in English, French and German",
        license="non-commercial research and education",
        how="download",
        size="2 MB, 31,014 captions in each language",
        is_available=_has_multi30k,
        get="course data get multi30k",
    ),
)
