"""Read what an instructor writes in a spreadsheet: roster, overrides, times."""

import csv
import io
import math
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from course_utils.grading.policy import (
    Override,
    Person,
    Submitted,
    known_lesson,
    same_name,
)
from course_utils.syllabus import find_exercise

__all__ = ["read_overrides", "read_roster", "read_times"]


def read_roster(path: Path) -> dict[str, Person]:
    """Read the people of a class from a CSV: student[, name, email, section].

    Raises:
        ValueError: a column is missing, or a student is empty or listed twice.
    """
    roster: dict[str, Person] = {}
    for where, row in _rows(path, ("student",)):
        student = row["student"]
        if not student or student in roster:
            what = "is listed twice" if student else "has no student"
            raise ValueError(f"{where}: {student!r} {what}")
        others = {key: row.get(key, "") for key in ("name", "email", "section")}
        roster[student] = Person(student, **others)
    return roster


def read_overrides(path: Path) -> tuple[Override, ...]:
    """Read the points that an instructor gives: a CSV of the fields of `Override`.

    Raises:
        ValueError: a line names no exercise of its lesson, gives no sensible number
            of points, gives no reason, or repeats another line.
    """
    found: dict[tuple[str, str, str], Override] = {}
    columns = ("student", "lesson", "exercise", "points", "reason")
    for where, row in _rows(path, columns):
        number, exercise = known_lesson(where, row["lesson"]), row["exercise"]
        if exercise != "*":
            exercise = _exercise(where, number, exercise)
        if not row["reason"]:
            raise ValueError(f"{where}: an override needs a reason")
        key = (row["student"], number, exercise)
        if key in found:
            raise ValueError(f"{where}: {', '.join(key)} has an override already")
        found[key] = Override(*key, _points(where, row["points"]), row["reason"])
    return tuple(found.values())


def read_times(path: Path) -> dict[tuple[str, str], Submitted]:
    """Read when work was handed in: a CSV of student, lesson, submitted.

    Raises:
        ValueError: a time is not ISO 8601 with its distance from UTC.
    """
    times = {}
    for where, row in _rows(path, ("student", "lesson", "submitted")):
        try:
            when = datetime.fromisoformat(row["submitted"])
        except ValueError:
            when = datetime.min
        if when.tzinfo is None:
            raise ValueError(
                f"{where}: {row['submitted']!r} is no time with its distance from "
                "UTC; write it like 2026-03-01T23:59+01:00"
            )
        times[row["student"], known_lesson(where, row["lesson"])] = Submitted(when)
    return times


def _exercise(where: str, number: str, wanted: str) -> str:
    try:
        found = find_exercise(wanted)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    if found.lesson != number:
        raise ValueError(f"{where}: {wanted} is no exercise of lesson {number}")
    return found.id


def _points(where: str, text: str) -> float:
    try:
        points = float(text)
    except ValueError:
        points = math.nan
    if not 0 <= points <= 1000:
        raise ValueError(f"{where}: {text!r} is no number of points from 0 to 1000")
    return points


def _rows(path: Path, columns: tuple[str, ...]) -> Iterable[tuple[str, dict[str, str]]]:
    """Yield where a line stands and its cells, without spaces around them."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not UTF-8; save it as CSV UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in columns if name not in names]
    if missing:
        raise ValueError(f"{path.name} has no column {missing[0]!r} in its first line")
    reader.fieldnames = names
    for row in reader:
        cells = {key: same_name(row[key]) for key in names}
        if any(cells.values()):
            yield f"{path.name}, line {reader.line_num}", cells
