"""The gradebook: what was computed, and beside it what the instructor's rules make."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from course_utils.files import replace_text
from course_utils.grading.policy import (
    LatePolicy,
    Override,
    Person,
    Rules,
    Submitted,
    same_name,
)
from course_utils.grading.safe import csv_cell
from course_utils.grading.wording import NOTES
from course_utils.syllabus import lesson

__all__ = [
    "Standing",
    "gradebook_text",
    "settle",
    "totals",
    "unused_overrides",
    "with_rules",
    "write_gradebook",
]

COLUMNS = (
    "student",
    "lesson",
    "points",
    "max_points",
    "status",
    "sandbox",
    "seconds",
    "fingerprint",
    "late_days",
    "override",
    "counted",
    "notes",
)
PERSONAL = ("name", "email", "section")


@dataclass(frozen=True)
class Standing:
    """How one student stands in one lesson.

    `points` is what the grader computed, None unless graded. `counted` is what counts
    after lateness and overrides, None while nothing does. `late_days` is None where
    nobody knows when the work was handed in.
    """

    student: str
    lesson: str
    status: str
    points: float | None
    max_points: float
    sandbox: str = ""
    seconds: float = 0.0
    fingerprint: str = ""
    message: str = ""
    exercises: tuple[Mapping[str, Any], ...] = ()
    person: Person | None = None
    late_days: int | None = 0
    percent: float = 100.0
    overrides: tuple[Override, ...] = ()
    counted: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name on the roster, else the name of the submission."""
        return (self.person and self.person.name) or self.student

    @property
    def adjusted(self) -> bool:
        """Whether something else counts than what was computed."""
        return self.counted != self.points


def settle(results: Iterable[Any], rules: Rules | None = None) -> list[Standing]:
    """Return how everybody stands, in order; who handed in nothing is missing.

    Points of single exercises are overridden first, then lateness takes its share,
    and an override of the whole lesson ("*") has the last word.
    """
    rules = rules or Rules()
    found = [_of_result(one, rules) for one in results]
    present = {(same_name(one.student), one.lesson) for one in found}
    lessons = {one.lesson for one in found} | set(rules.lessons)
    absent = [
        _standing(rules, person.student, number, status="missing")
        for person in rules.roster.values()
        for number in sorted(lessons)
        if (person.student, number) not in present
    ]
    order = [*found, *absent]
    return sorted(
        order, key=lambda one: (one.student.casefold(), one.student, one.lesson)
    )


def with_rules(results: Iterable[Any], rules: Rules) -> list[Any]:
    """Return the results with what the rules say filled in, their points untouched.

    `override` is what counts where the instructor gave points, else None.
    """
    filled = []
    for result in results:
        one = _of_result(result, rules)
        given = one.counted if one.overrides else None
        days = one.late_days or 0
        filled.append(replace(result, late_days=days, override=given))
    return filled


def totals(standings: Iterable[Standing]) -> dict[str, float]:
    """Return what counts for each student in all lessons; without points, 0."""
    sums: dict[str, float] = {}
    for one in standings:
        sums[one.student] = sums.get(one.student, 0.0) + (one.counted or 0.0)
    return {student: round(total, 2) for student, total in sums.items()}


def unused_overrides(standings: Sequence[Standing], rules: Rules) -> list[Override]:
    """Return the overrides that match nobody: a misspelled name, another lesson."""
    used = {override for one in standings for override in one.overrides}
    return [override for override in rules.overrides if override not in used]


def write_gradebook(
    out: Path,
    results: Iterable[Any],
    roster: Mapping[str, Person] | None = None,
    late: LatePolicy | None = None,
    overrides: Sequence[Override] = (),
    times: Mapping[tuple[str, str], Submitted] | None = None,
    lessons: Sequence[str] = (),
    total: bool = False,
) -> Path:
    """Write `gradebook.csv` into a folder, in one step; a line a student and lesson.

    The file is CSV as spreadsheets read it: UTF-8 with a mark, and no text in it is
    taken for a formula. `total` adds what counts for the student in all lessons.

    Raises:
        OSError: the folder cannot be written to; an older gradebook is untouched.
    """
    rules = Rules(roster or {}, late, tuple(overrides), times or {}, tuple(lessons))
    path = out / "gradebook.csv"
    replace_text(path, f"\ufeff{gradebook_text(settle(results, rules), total)}")
    return path


def gradebook_text(standings: Sequence[Standing], total: bool = False) -> str:
    """Return the gradebook as CSV (RFC 4180)."""
    personal = any(one.person for one in standings)
    columns = [*COLUMNS, *(PERSONAL if personal else ()), *(["total"] if total else [])]
    sums = totals(standings)
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(columns)
    for one in standings:
        row = _row(one) | {"total": _number(sums[one.student])}
        writer.writerow([csv_cell(row[name]) for name in columns])
    return sheet.getvalue()


def _row(one: Standing) -> dict[str, Any]:
    person = one.person or Person("")
    marks = "; ".join(f"{each.exercise}: {each.points:g}" for each in one.overrides)
    row = {name: getattr(one, name, None) for name in COLUMNS}
    row |= {name: getattr(person, name) for name in PERSONAL}
    return row | {
        "points": _number(one.points),
        "max_points": _number(one.max_points),
        "seconds": round(float(one.seconds), 2),
        "override": marks,
        "counted": _number(one.counted),
        "notes": "; ".join(one.notes),
    }


def _number(points: float | None) -> float | int | None:
    """Return 11 for 11.0, so that whole points look whole."""
    if points is None:
        return None
    return int(points) if points == int(points) else round(points, 2)


def _of_result(result: Any, rules: Rules) -> Standing:
    graded = result.status == "graded"
    return _standing(
        rules,
        result.student,
        result.lesson,
        status=result.status,
        points=result.points if graded else None,
        max_points=result.max_points,
        sandbox=result.sandbox or "",
        seconds=result.seconds or 0.0,
        fingerprint=result.fingerprint or "",
        message=result.message or "",
        exercises=tuple(result.exercises or ()),
    )


def _standing(rules: Rules, student: str, number: str, **known: Any) -> Standing:
    """Put what is known about a student and a lesson together with the rules."""
    known = {"points": None, "max_points": _most_points(number)} | known
    name = same_name(student)
    person = rules.roster.get(name)
    given = tuple(
        one for one in rules.overrides if (one.student, one.lesson) == (name, number)
    )
    stamp = rules.times.get((name, number))
    days = _late_days(rules.late, number, stamp, known["status"])
    percent = rules.late.percent(days) if rules.late and days else 100.0
    bare = Standing(student, number, **known, person=person)
    notes = _notes(bare, rules, stamp, days, percent, given)
    return Standing(
        student,
        number,
        **known,
        person=person,
        late_days=days,
        percent=percent,
        overrides=given,
        counted=_counted(bare, percent, given),
        notes=tuple(notes),
    )


def _most_points(number: str) -> float:
    try:
        return lesson(number).points
    except ValueError:
        return 0


def _late_days(
    late: LatePolicy | None, number: str, stamp: Submitted | None, status: str
) -> int | None:
    if late is None or status == "missing" or number not in late.deadlines:
        return 0
    return late.days(number, stamp.when) if stamp else None


def _counted(one: Standing, percent: float, given: Sequence[Override]) -> float | None:
    whole = [each.points for each in given if each.exercise == "*"]
    if whole:
        return whole[0]
    if one.points is None and not given:
        return None
    computed = {each.get("exercise"): each.get("points", 0) for each in one.exercises}
    graded = one.points is not None
    points = one.points or 0
    for each in given:
        points += each.points - (computed.get(each.exercise, 0) if graded else 0)
    return round(points * percent / 100, 2)


def _notes(
    one: Standing,
    rules: Rules,
    stamp: Submitted | None,
    days: int | None,
    percent: float,
    given: Sequence[Override],
) -> Iterable[str]:
    """Say all that changes points, or that an instructor should know."""
    if rules.roster and one.person is None:
        yield NOTES["stranger"]
    if days is None:
        yield NOTES["no-time"]
    if days:
        key = "late-by-file" if stamp and stamp.source == "file" else "late"
        unit = "day" if days == 1 else "days"
        yield NOTES[key].format(days=days, unit=unit, percent=percent)
    for each in given:
        of = NOTES["whole"] if each.exercise == "*" else each.exercise
        values = {"of": of, "points": each.points, "reason": each.reason}
        yield NOTES["override"].format(**values)
