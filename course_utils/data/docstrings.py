"""Which library is this sentence from? Docstrings of the packages that are installed.

The course itself needs torch, NumPy, Matplotlib and JupyterLab, and these need others:
thousands of sentences by people about arrays, graphs, plots and servers, in files on
this disk. They are read, never imported. Licenses: PSF, BSD, MIT, Apache (each
package's own); nothing is redistributed.
"""

import ast
import re
import warnings
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from course_utils.data.corpus import MissingDataError
from course_utils.data.labeled import LabeledText, LabeledTexts, is_for_testing

__all__ = ["LIBRARIES", "docstring_sentences", "unlabeled_sentences"]

LIBRARIES = {
    "arrays": "numpy",
    "deep learning": "torch",
    "plots": "matplotlib",
    "graphs": "networkx",
    "algebra": "sympy",
    "notebooks": "jupyter_server",
    "web": "tornado",
}
NAMES = (
    r"\b(num)?py\w*|\bnp\b|torch\w*|matplotlib|mpl\w*|networkx|\bnx\b|sympy|jupyter\w*"
)
NAME = re.compile(f"(?i){NAMES}|tornado|\\bplt\\b")
END = re.compile(r"(?<=[.!?]) (?=[A-Z`])")  # of a sentence, before the next one
SKIPPED = {"test", "tests", "testing", "_vendor", "benchmarks"}
SHORTEST, LONGEST = 25, 160  # characters
A_FILE = 12  # sentences at most from one file, so that no file stands for a library


def docstring_sentences(per_library: int = 400) -> LabeledTexts:
    """Read up to `per_library` opening sentences of docstrings of each library.

    The label is the library's subject; names of libraries are replaced by "it", so
    that the answer does not stand in the text. Files are taken in the order of a
    checksum: a fixed sample, spread over the whole library.

    Raises MissingDataError where fewer than two libraries can be read.
    """
    found = {
        subject: list(_sentences(package, folder, per_library))
        for subject, package in LIBRARIES.items()
        if (folder := _folder(package))
    }
    if len(found) < 2:
        raise MissingDataError(
            f"of {', '.join(LIBRARIES.values())} only {len(found)} can be read as "
            "files; install the course with pip, not from a zip archive"
        )
    items = [
        LabeledText(text, subject, document)
        for subject, sentences in found.items()
        for text, document in sentences
    ]
    items.sort(key=lambda item: zlib.crc32(item.text.encode()))
    return LabeledTexts(tuple(items), "docstrings of " + ", ".join(LIBRARIES.values()))


def unlabeled_sentences() -> tuple[str, ...]:
    """Read every sentence of every docstring in the files of the training half.

    What `docstring_sentences` keeps for testing is left out: its files, and its
    sentences wherever else they stand. Examples of code are left out too.

    Raises MissingDataError as `docstring_sentences`.
    """
    _, test = docstring_sentences().halves()
    known, found = set(test.texts), {}
    for package in LIBRARIES.values():
        folder = _folder(package)
        for path in _files(folder) if folder else ():
            if not is_for_testing(_document(package, folder, path)):
                found |= dict.fromkeys(_all_sentences(path))
    return tuple(text for text in found if text not in known)


def _document(package: str, folder: Path, path: Path) -> str:
    return f"{package}/{path.relative_to(folder).as_posix()}"


def _folder(package: str) -> Path | None:
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or []) if spec else []
    return Path(places[0]) if places else None


def _sentences(package: str, folder: Path, n: int) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for path in _files(folder):
        document = _document(package, folder, path)
        taken = 0
        for text in _openings(path):
            if text not in seen and taken < A_FILE and len(seen) < n:
                seen.add(text)
                taken += 1
                yield text, document
        if len(seen) >= n:
            return


def _files(folder: Path) -> list[Path]:
    def order(path: Path) -> int:
        return zlib.crc32(path.relative_to(folder).as_posix().encode())

    paths = [
        path
        for path in folder.rglob("*.py")
        if not SKIPPED & set(path.relative_to(folder).parts[:-1])
    ]
    return sorted(paths, key=order)


def _openings(path: Path) -> Iterator[str]:
    """Yield the first paragraph of each docstring, on one line, names masked."""
    for docstring in _docstrings(path):
        text = " ".join(docstring.partition("\n\n")[0].split())
        if SHORTEST <= len(text) <= LONGEST:
            yield NAME.sub("it", text)


def _all_sentences(path: Path) -> Iterator[str]:
    """Yield the sentences of all paragraphs without code, on one line, names masked."""
    for docstring in _docstrings(path):
        for paragraph in docstring.split("\n\n"):
            for text in END.split(" ".join(paragraph.split())):
                if SHORTEST <= len(text) <= LONGEST and ">>>" not in paragraph:
                    yield NAME.sub("it", text)


def _docstrings(path: Path) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in other people's code
            tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
