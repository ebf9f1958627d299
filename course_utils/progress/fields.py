"""What a record of the progress file may hold."""

import math
from datetime import date
from typing import Any

__all__ = ["SECTIONS", "STATUSES", "is_sound"]

STATUSES = ("passed", "failed")


def _is_day(value: Any) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        return False


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


# By section, the fields of a record and the test that each must pass. All fields of
# an exercise and of a question must be there; a lesson has those that happened.
SECTIONS = {
    "lessons": {"opened": _is_day, "run": _is_day},
    "exercises": {
        "status": lambda value: value in STATUSES,
        "points": _is_number,
        "attempts": _is_count,
        "slip": lambda value: value is None or isinstance(value, str),
        "last": _is_day,
        "passed": lambda value: value is None or _is_day(value),
    },
    "recall": {
        "box": lambda value: _is_count(value) and 1 <= value <= 4,
        "due": _is_day,
        "missed": _is_count,
        "seen": _is_count,
    },
}


def is_sound(section: str, record: Any) -> bool:
    """Say whether a record holds what its section demands, and nothing else."""
    tests = SECTIONS[section]
    if not isinstance(record, dict) or not set(record) <= set(tests):
        return False
    complete = section == "lessons" or set(record) == set(tests)
    return complete and all(tests[name](value) for name, value in record.items())
