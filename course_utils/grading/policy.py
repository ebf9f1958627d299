"""What an instructor decides beside the computed points: roster, delay, overrides."""

import math
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from course_utils.syllabus import lesson

__all__ = [
    "LatePolicy",
    "Override",
    "Person",
    "Rules",
    "Submitted",
    "known_lesson",
    "read_late_policy",
    "same_name",
]

DAY = timedelta(days=1)
KEYS = {
    "deadline",
    "time_zone",
    "grace_minutes",
    "percent_off_per_day",
    "lowest_percent",
}


@dataclass(frozen=True)
class Person:
    """One line of the roster."""

    student: str
    name: str = ""
    email: str = ""
    section: str = ""


@dataclass(frozen=True)
class Override:
    """Points that an instructor gives: for one exercise, or for all ("*")."""

    student: str
    lesson: str
    exercise: str
    points: float
    reason: str


@dataclass(frozen=True)
class Submitted:
    """When something was handed in, and who says so: the list, or the file."""

    when: datetime
    source: str = "list"


@dataclass(frozen=True)
class LatePolicy:
    """What lateness costs: a share of the points a day, down to the lowest share."""

    deadlines: Mapping[str, datetime]
    grace: timedelta = timedelta()
    percent_a_day: float = 0.0
    lowest_percent: float = 0.0

    def days(self, lesson: str, when: datetime) -> int:
        """Return how many days late; a day that has begun counts, grace does not.

        >>> due = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
        >>> policy = LatePolicy({"02": due}, timedelta(minutes=15), 10)
        >>> [policy.days("02", due + timedelta(hours=h)) for h in (0, 0.2, 1, 24, 25)]
        [0, 0, 1, 1, 2]
        """
        due = self.deadlines.get(lesson)
        if due is None or when <= due + self.grace:
            return 0
        return math.ceil((when - due) / DAY)

    def percent(self, days: int) -> float:
        """Return how many percent of the points count after this many days."""
        return 100.0 if days == 0 else max(self.lowest_percent, self._linear(days))

    def _linear(self, days: int) -> float:
        return max(0.0, 100.0 - self.percent_a_day * days)


@dataclass(frozen=True)
class Rules:
    """All decisions of one class; `lessons` are expected even if nobody handed in."""

    roster: Mapping[str, Person] = field(default_factory=dict)
    late: LatePolicy | None = None
    overrides: tuple[Override, ...] = ()
    times: Mapping[tuple[str, str], Submitted] = field(default_factory=dict)
    lessons: tuple[str, ...] = ()


def same_name(student: str) -> str:
    """Return a name as it is compared: zip files of a Mac spell accents apart."""
    return unicodedata.normalize("NFC", student).strip()


def read_late_policy(path: Path) -> LatePolicy:
    """Read a late policy from TOML: see the keys in `KEYS`, deadlines by lesson.

    Raises:
        ValueError: the file is no TOML, has an unknown key, a number out of range,
            or a deadline without a time zone.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is no TOML file: {error}") from None
    unknown = sorted(set(data) - KEYS)
    if unknown:
        known = ", ".join(sorted(KEYS))
        raise ValueError(f"{path.name}: unknown key {unknown[0]!r}; known: {known}")
    deadlines = data.get("deadline")
    if not isinstance(deadlines, dict) or not deadlines:
        raise ValueError(f"{path.name}: there is no [deadline] with a lesson in it")
    zone = _zone(path.name, data.get("time_zone"))
    return LatePolicy(
        {
            known_lesson(path.name, key): _deadline(path.name, key, due, zone)
            for key, due in deadlines.items()
        },
        timedelta(minutes=_number(path.name, data, "grace_minutes", 7 * 24 * 60)),
        _number(path.name, data, "percent_off_per_day", 100),
        _number(path.name, data, "lowest_percent", 100),
    )


def known_lesson(where: str, wanted: str) -> str:
    """Return the number of a lesson, given as 02, 2 or 02_attention.

    Raises:
        ValueError: there is none; the message begins with `where`.
    """
    try:
        return lesson(wanted.zfill(2) if wanted.isdigit() else wanted).number
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _number(where: str, data: dict, key: str, most: float) -> float:
    value = data.get(key, 0)
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not 0 <= value <= most:
        raise ValueError(f"{where}: {key} = {value!r} is no number from 0 to {most}")
    return float(value)


def _zone(where: str, name: Any) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise ValueError(
            f"{where}: time_zone = {name!r} is not known here; write it like "
            "Europe/Paris, or give each deadline its distance from UTC"
        ) from None


def _deadline(where: str, key: str, due: Any, zone: ZoneInfo | None) -> datetime:
    if not isinstance(due, datetime) or (due.tzinfo is None and zone is None):
        raise ValueError(
            f"{where}: the deadline of {key} is no time in a time zone; write it like "
            "2026-03-01T23:59:00+01:00, or set time_zone"
        )
    return (due if due.tzinfo else due.replace(tzinfo=zone)).astimezone(UTC)
