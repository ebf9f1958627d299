"""The progress file: read it, change it, set a damaged one aside.

Writers take turns by a lock file, so that two notebooks do not undo each other's
records; the file itself is replaced in one step, so that a reader needs no lock.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from course_utils.files import replace_text
from course_utils.progress.fields import SECTIONS, is_sound

__all__ = ["VERSION", "Progress", "course_root", "read_progress", "update"]

VERSION = 2
LOCK_SECONDS = 2.0


@dataclass
class Progress:
    """What is known of a reader, by lesson number, exercise id and question id.

    `lessons`: {"opened": day, "run": day}. `exercises`: {"status", "points" (the best
    so far), "attempts", "slip", "last": day, "passed": day or None}. `recall`: {"box":
    1..4, "due": day, "missed", "seen"}. Days are written as 2026-01-31.
    """

    lessons: dict[str, dict] = field(default_factory=dict)
    exercises: dict[str, dict] = field(default_factory=dict)
    recall: dict[str, dict] = field(default_factory=dict)


class _DamagedError(ValueError):
    """The file is not what we wrote; `rest` is the part that can still be read."""

    def __init__(self, rest: Progress) -> None:
        super().__init__("damaged")
        self.rest = rest


class _NewerError(ValueError):
    """The file was written by a later version of the course."""


def course_root() -> Path:
    """Return the course folder: `$COURSE_ROOT`, else the one this package stands in."""
    chosen = os.environ.get("COURSE_ROOT")
    return Path(chosen) if chosen else Path(__file__).resolve().parents[2]


def read_progress(root: Path) -> Progress:
    """Return what is known of the reader; a missing file counts as no progress.

    A damaged file is renamed, never lost; what can still be read of it counts.
    """
    path = _file(root)
    try:
        return _read(path)
    except _DamagedError as problem:
        update(root, lambda progress: None)
        return problem.rest
    except _NewerError:
        return Progress()


def update(root: Path, change: Callable[[Progress], None]) -> None:
    """Read the progress, let `change` alter it, and write it; silent if it cannot."""
    path = _file(root)
    try:
        path.parent.mkdir(exist_ok=True)
        with _turn(path):
            progress = _read_or_set_aside(path)
            change(progress)
            content = {"version": VERSION, **asdict(progress)}
            replace_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")
    except (OSError, _NewerError):
        return


def _file(root: Path) -> Path:
    return Path(root) / ".course" / "progress.json"


def _read(path: Path) -> Progress:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return Progress()
    except UnicodeDecodeError:
        raise _DamagedError(Progress()) from None
    return _parsed(text)


def _parsed(text: str) -> Progress:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise _DamagedError(Progress()) from None
    if not isinstance(content, dict):
        raise _DamagedError(Progress())
    content = _up_to_date(content)
    progress, complete = Progress(), set(content) <= {"version", *SECTIONS}
    for section in SECTIONS:
        found = content.get(section, {})
        records = found if isinstance(found, dict) else {}
        sound = {k: v for k, v in records.items() if is_sound(section, v)}
        setattr(progress, section, sound)
        complete = complete and sound == found
    if not complete:
        raise _DamagedError(progress)
    return progress


def _up_to_date(content: dict) -> dict:
    """Read the first version too: it knew the lessons only, and bore no number."""
    version = content.get("version", 1)
    if version == 1:
        return {"lessons": {k: v for k, v in content.items() if k != "version"}}
    if isinstance(version, int) and version > VERSION:
        _say(
            "Your progress file was written by a newer version of the course. It is "
            "left as it is; nothing is recorded until the course is updated."
        )
        raise _NewerError
    return content


def _read_or_set_aside(path: Path) -> Progress:
    """Return the progress; move a damaged file away. The caller holds the lock."""
    try:
        return _read(path)
    except _DamagedError as problem:
        aside = _free_name(path.with_name(f"{path.name}.damaged"))
        path.replace(aside)
        _say(
            f"Your progress file was damaged. It is kept as {aside.name} in "
            f"{path.parent.name}/; what could be read of it still counts."
        )
        return problem.rest


def _free_name(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Wait for the other writers, but never long; then go on without a lock."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_suffix(".lock"), timeout=LOCK_SECONDS)
    try:
        lock.acquire(poll_interval=0.01)
    except (Timeout, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        lock.release()


@cache
def _say(message: str) -> None:
    """Tell the reader, once in a process."""
    sys.stderr.write(f"{message}\n")
