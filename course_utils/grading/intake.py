"""Find what students have handed in, and read it without trusting anything about it."""

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading.unzip import unpack
from course_utils.syllabus import LESSONS, Lesson

__all__ = ["Submission", "find_submissions", "read_submission"]

MOST_BYTES = 10 * 2**20
MOST_CELLS = 2000
LONGEST_NAME = 80
DEEPEST = 4  # folders below a student's
IGNORED = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini"}
FLAT = re.compile(
    rf"(?P<student>.+)_(?P<lesson>{'|'.join(one.name for one in LESSONS)})\.ipynb"
)
WORDS = {
    "link": "{name} is a link; hand in the notebook itself",
    "odd": "{name} is no ordinary file; hand in the notebook itself",
    "large": "{name} is larger than 10 MB; clear its outputs and save it again",
    "name": "the name {name} is refused: a student's name has 1 to 80 printable "
    "characters and no separators",
    "twice": "there are several notebooks of this lesson ({name}); keep one",
    "unknown": "{name} is no notebook of a lesson; its name must be NN_topic.ipynb, "
    "for example 02_attention.ipynb",
    "bytes": "it is not in UTF-8; open it in JupyterLab and save it again",
    "json": "it is no notebook ({name}); open it in JupyterLab and save it again",
    "cells": "it has {name} cells; at most 2000 are read",
}


@dataclass(frozen=True)
class Submission:
    """One notebook of one student.

    `path` is None where nothing can be read; `problem` says why it is refused.
    `fingerprint` is the SHA-256 of the file.
    """

    student: str
    lesson: str
    path: Path | None = None
    problem: str = ""
    fingerprint: str = ""


def find_submissions(
    source: Path, lesson: str | None = None, scratch: Path | None = None
) -> list[Submission]:
    """Return what a folder or zip archive holds, in order, the refused included.

    Both `student/NN_topic.ipynb` and `student_NN_topic.ipynb` are found. With `lesson`
    ("02") only that one. An archive is unpacked into the empty folder `scratch`.

    Raises:
        ValueError: there is no such folder or archive, or it is refused.
    """
    if source.is_file():
        if scratch is None:
            raise ValueError(f"{source.name} is an archive: name a folder for it")
        unpack(source, scratch)
        source = scratch
    if not source.is_dir():
        raise ValueError(f"{source} is neither a folder nor a zip archive")
    found = sorted(_walk(_inner(source)), key=lambda one: (one.student, one.lesson))
    wanted = [one for one in found if lesson in (None, one.lesson)]
    return _once(_without_strays(wanted))


def _inner(source: Path) -> Path:
    """Step into a single folder that holds nothing but the students' folders."""
    entries = _entries(source)
    if len(entries) == 1 and entries[0].is_dir(follow_symlinks=False):
        inner = Path(entries[0].path)
        within = _entries(inner)
        if within and all(one.is_dir(follow_symlinks=False) for one in within):
            return inner
        if any(FLAT.fullmatch(one.name) for one in within):
            return inner
    return source


def _entries(folder: Path) -> list[os.DirEntry]:
    with os.scandir(folder) as found:
        kept = [one for one in found if one.name not in IGNORED]
    return sorted(kept, key=lambda one: one.name)


def _walk(source: Path) -> Iterator[Submission]:
    for entry in _entries(source):
        if entry.is_dir(follow_symlinks=False):
            yield from _of_student(entry)
        elif entry.name.endswith(".ipynb"):
            match = FLAT.fullmatch(entry.name)
            student = match["student"] if match else entry.name.removesuffix(".ipynb")
            yield _submission(student, entry, match and _lesson_of(match["lesson"]))
        elif entry.is_symlink() and not entry.name.startswith("."):
            text = WORDS["link"].format(name=_shown(entry.name))
            yield Submission(_safe(entry.name), "", problem=text)


def _of_student(entry: os.DirEntry) -> Iterator[Submission]:
    found = list(_notebooks(Path(entry.path), DEEPEST))
    for one in found:
        yield _submission(entry.name, one, _lesson_of(Path(one.name).stem))


def _notebooks(folder: Path, deepest: int) -> Iterator[os.DirEntry]:
    for one in _entries(folder):
        if one.name.endswith(".ipynb"):
            yield one  # a folder of that name is refused, not passed over
        elif deepest and one.is_dir(follow_symlinks=False):
            yield from _notebooks(Path(one.path), deepest - 1)


def _lesson_of(stem: str) -> Lesson | None:
    return next((one for one in LESSONS if one.name == stem), None)


def _submission(student: str, entry: os.DirEntry, lesson: Lesson | None) -> Submission:
    name = unicodedata.normalize("NFC", student).strip()
    number = lesson.number if lesson else ""
    shown = _shown(entry.name)
    if not _is_proper(name):
        problem = WORDS["name"].format(name=_shown(student))
        return Submission(_safe(student), number, problem=problem)
    if lesson is None:
        return Submission(name, "", problem=WORDS["unknown"].format(name=shown))
    try:
        data = _read(Path(entry.path))
    except ValueError as problem:
        return Submission(name, number, problem=str(problem))
    digest = hashlib.sha256(data).hexdigest()
    return Submission(name, number, Path(entry.path), fingerprint=digest)


def _is_proper(name: str) -> bool:
    plain = name.isprintable() and not set(name) & set('/\\:<>"|?*')
    return plain and 0 < len(name) <= LONGEST_NAME and name.strip(".") != ""


def _shown(name: str) -> str:
    """Return a name that no terminal and no file system minds."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name)[:LONGEST_NAME]


def _safe(name: str) -> str:
    return f"refused-{hashlib.sha256(os.fsencode(name)).hexdigest()[:12]}"


def _without_strays(found: list[Submission]) -> list[Submission]:
    """Leave out other notebooks of those who have handed in a lesson's as well."""
    known = {one.student for one in found if one.lesson}
    return [one for one in found if one.lesson or one.student not in known]


def _once(found: list[Submission]) -> list[Submission]:
    """Refuse a lesson that a student has handed in more than once."""
    groups: dict[tuple[str, str], list[Submission]] = {}
    for one in found:
        groups.setdefault((one.student.casefold(), one.lesson), []).append(one)
    return [
        group[0] if len(group) == 1 else _refused(group) for group in groups.values()
    ]


def _refused(group: list[Submission]) -> Submission:
    first = group[0]
    if not first.lesson:
        return first
    names = [f"{one.path.parent.name}/{one.path.name}" for one in group if one.path]
    text = WORDS["twice"].format(name=", ".join(map(_shown, names)) or len(group))
    return Submission(first.student, first.lesson, problem=text)


# --- reading -------------------------------------------------------------------------


def _read(path: Path) -> bytes:
    """Read an ordinary file of a sensible size, never through a link.

    Raises:
        ValueError: it is a link, a device or too large, or cannot be read.
    """
    name = _shown(path.name)
    try:
        if stat.S_ISLNK(path.lstat().st_mode):
            raise ValueError(WORDS["link"].format(name=name))
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
        flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise ValueError(WORDS["odd"].format(name=name))
            data = file.read(MOST_BYTES + 1)
    except OSError as problem:
        raise ValueError(f"{name} cannot be read ({problem.strerror})") from None
    if len(data) > MOST_BYTES:
        raise ValueError(WORDS["large"].format(name=name))
    return data


def read_submission(submission: Submission) -> list[dict]:
    """Return the cells of a notebook: code, metadata and id, each of the right type.

    Raises:
        ValueError: the file cannot be read as a notebook; the message says why.
    """
    data = _read(submission.path)
    if hashlib.sha256(data).hexdigest() != submission.fingerprint:
        raise ValueError("it has changed while the grader was at work; grade it again")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(WORDS["bytes"]) from None
    try:
        cells = json.loads(text)["cells"]
        if not isinstance(cells, list):
            raise TypeError("its cells are no list")
    except (ValueError, TypeError, KeyError, RecursionError) as problem:
        reason = type(problem).__name__
        raise ValueError(WORDS["json"].format(name=reason)) from None
    if len(cells) > MOST_CELLS:
        raise ValueError(WORDS["cells"].format(name=len(cells)))
    return [_cell(one) for one in cells if isinstance(one, dict)]


def _cell(cell: dict) -> dict:
    """Keep of a cell what the grader looks at, and only in the form that it has."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    return {
        "cell_type": cell.get("cell_type"),
        "id": cell.get("id"),
        "source": "".join(line for line in lines if isinstance(line, str)),
        "metadata": {"nbgrader": marks if isinstance(marks, dict) else {}},
    }
