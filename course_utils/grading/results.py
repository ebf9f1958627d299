"""What a student has got for a lesson: one JSON file each, written in one step."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_utils.files import replace_text

__all__ = [
    "STATUSES",
    "VERSION",
    "Result",
    "path_of",
    "read_result",
    "read_results",
    "write_result",
]

VERSION = 1
STATUSES = (
    "graded",
    "timeout",
    "died",
    "out_of_memory",
    "unreadable",
    "missing",
    "refused",
    "grader_error",
)
LONGEST_NAME = 160  # bytes; file systems allow 255 with the ending


@dataclass(frozen=True)
class Result:
    """One student's result in one lesson.

    `points` is None unless `status` is graded. `exercises` holds the verdicts as plain
    data, `seed` a hash of the run's secret seed, `course` the version of the course
    and `settings` what else decides about the outcome.
    """

    student: str
    lesson: str
    status: str
    points: float | None = None
    max_points: float = 0
    sandbox: str = ""
    seconds: float = 0.0
    fingerprint: str = ""
    message: str = ""
    exercises: list[dict] = field(default_factory=list)
    late_days: int = 0
    override: float | None = None
    seed: str = ""
    course: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        if self.status not in STATUSES:
            known = ", ".join(STATUSES)
            raise ValueError(f"no status {self.status!r}; choose one of {known}")
        if (self.points is not None) != (self.status == "graded"):
            raise ValueError(f"points={self.points} do not go with {self.status!r}")

    def as_json(self) -> dict[str, Any]:
        """Return the fields as plain data, the version of the form first."""
        return {"version": VERSION, **dataclasses.asdict(self)}


def path_of(out: Path, student: str, lesson: str) -> Path:
    """Return where a result stands: results/STUDENT-NN.json."""
    name = student
    if len(name.encode()) > LONGEST_NAME or name.startswith("."):
        short = name.encode()[: LONGEST_NAME - 20].decode(errors="ignore")
        name = f"{short.lstrip('.')}~{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return out / "results" / f"{name}-{lesson or 'unknown'}.json"


def write_result(out: Path, result: Result) -> Path:
    """Write a result in one step: a crash leaves the old one, or this one.

    Raises:
        OSError: the folder cannot be written to.
    """
    path = path_of(out, result.student, result.lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(result.as_json(), indent=2) + "\n")
    return path


def read_result(path: Path) -> Result:
    """Read a result.

    Raises:
        ValueError: the file is missing, damaged, or of another version.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        version = data.pop("version")
        if version == VERSION:
            return Result(**data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        reason = f"{type(problem).__name__}: {str(problem)[:100]}"
        raise ValueError(f"{path.name} is no result ({reason})") from None
    raise ValueError(f"{path.name} has version {version}, not {VERSION}")


def read_results(out: Path) -> list[Result]:
    """Return all results of a run folder, in order; damaged files are left out."""
    found = []
    for path in sorted((out / "results").glob("*.json")):
        try:
            found.append(read_result(path))
        except ValueError:
            continue
    return sorted(found, key=lambda one: (one.student, one.lesson))
