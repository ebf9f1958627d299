"""Documentation and code that every Python carries: real text without a download.

License: PSF. Another Python version has other texts, hence another fingerprint.
"""

import ast
import os
import sysconfig
import tokenize
import zlib
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from platform import python_version
from typing import NamedTuple

from course_utils.data.corpus import MissingDataError, TextCorpus

__all__ = ["Function", "documentation", "library_code", "library_functions"]

SPLITS = ("train", "validation", "test", "all")
LEFT_OUT = frozenset(
    {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3"}
)


def documentation(split: str = "train") -> TextCorpus:
    """Read the language reference as `help("TOPIC")` shows it, one text per topic.

    Boilerplate repeats inside a topic, so whole topics are divided: a checksum of
    the name puts 10 % into test, 5 % into validation; `all` has every topic.

    Raises ValueError for an unknown split, MissingDataError where a distribution
    has left the texts out.
    """
    if split not in SPLITS:
        raise ValueError(f"split={split!r} is not one of {', '.join(SPLITS)}")
    names = {text: name for name, text in sorted(_topics().items(), reverse=True)}
    texts = {
        name: text
        for text, name in reversed(names.items())
        if split in ("all", split_of(name))
    }
    return TextCorpus(texts, f"documentation of Python {python_version()}")


def split_of(name: str) -> str:
    """Say to which split a text belongs, the same on every machine."""
    share = zlib.crc32(name.encode()) % 100
    return "test" if share < 10 else "validation" if share < 15 else "train"


def _topics() -> dict[str, str]:
    try:
        return import_module("pydoc_data.topics").topics
    except ImportError:
        raise MissingDataError(
            f"Python {python_version()} comes without pydoc_data, its documentation; "
            "use library_code(), or install Python from python.org"
        ) from None


def library_code(n: int | None = None, split: str = "all") -> TextCorpus:
    """Read the first `n` files of the standard library, tests left out.

    Names are module names. A checksum of the top-level package's name puts 10 % into
    test and 5 % into validation. Raises ValueError for an unknown split,
    MissingDataError where the library is not stored as files.
    """
    if split not in SPLITS:
        raise ValueError(f"split={split!r} is not one of {', '.join(SPLITS)}")
    paths = [
        p for p in _paths() if split in ("all", split_of(_module(p).split(".")[0]))
    ]
    texts = {_module(path): _read(path) for path in paths[:n]}
    return TextCorpus(texts, f"standard library of Python {python_version()}")


def _library() -> Path:
    return Path(sysconfig.get_paths()["stdlib"])


def _paths() -> list[Path]:
    library, paths = _library(), []
    for folder, inner, names in os.walk(library):
        inner[:] = sorted(set(inner) - LEFT_OUT)  # so that walk does not enter these
        paths += [Path(folder, name) for name in names if name.endswith(".py")]
    if not paths:
        raise MissingDataError(
            f"{library} has no .py files, so there is no code to read; "
            "use a Python that keeps its library as files"
        )
    return sorted(paths, key=lambda path: path.as_posix())


def _read(path: Path) -> str:
    with tokenize.open(path) as file:  # in the encoding that the file declares
        return file.read()


def _module(path: Path) -> str:
    parts = path.relative_to(_library()).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


class Function(NamedTuple):
    """A function of the standard library; `body` is its code below the docstring."""

    module: str
    name: str
    signature: str
    docstring: str
    body: str


def library_functions(n: int | None = None) -> list[Function]:
    """Read the first `n` functions with a docstring and a body below it."""
    return list(islice(_functions(), n))


def _functions() -> Iterator[Function]:
    for path in _paths():
        code = _read(path)
        lines = code.splitlines()
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.FunctionDef) and len(node.body) > 1:
                docstring = ast.get_docstring(node)
                if docstring:
                    yield _function(_module(path), node, docstring, lines)


def _function(
    module: str, node: ast.FunctionDef, docstring: str, lines: list[str]
) -> Function:
    docstring_node = node.body[0]
    signature = "\n".join(lines[node.lineno - 1 : docstring_node.lineno - 1])
    body = "\n".join(lines[docstring_node.end_lineno : node.end_lineno])
    return Function(module, node.name, signature, docstring, body)
