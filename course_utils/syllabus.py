"""The lessons of the course: the one list that everything else reads.

The data stands in `syllabus.toml` beside this file; nothing else counts lessons,
their minutes or the names that they introduce.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

__all__ = [
    "LESSONS",
    "ROUTES",
    "Exercise",
    "Lesson",
    "Route",
    "Stop",
    "exercise_path",
    "find_exercise",
    "lesson",
    "lesson_modules",
    "notebook_path",
    "solution_path",
]


@dataclass(frozen=True)
class Exercise:
    """Describe one graded exercise.

    `id` is the number of its lesson, a dash and its name: "02-scores". `kind` is one
    of complete, rebuild, transfer, debug, predict; `difficulty` goes from 1 to 5.
    `answers` are the names that the answer cell must define, `section` is the heading
    of the lesson to reread.
    """

    id: str
    kind: str
    title: str
    points: int
    difficulty: int
    minutes: int
    answers: tuple[str, ...]
    section: str

    @property
    def lesson(self) -> str:
        """The number of its lesson."""
        return self.id.partition("-")[0]

    @property
    def name(self) -> str:
        """Its name within the lesson; the ids of its cells end with it."""
        return self.id.partition("-")[2]


@dataclass(frozen=True)
class Lesson:
    """Describe one lesson.

    `introduces` holds the dotted names that the lesson defines in tagged cells;
    `supplies` the helpers that it explains in words and imports, without their code;
    `previews` those that it imports before their own lesson. `terms` are the glossary
    terms that it defines, `announces` the later terms that its prose may use.
    `omits` names sections that this lesson has no use for; `cells` is the least and
    the greatest number of cells; `minutes` are the reader's for the core, without
    Checks, Deeper and exercises.
    """

    number: str
    topic: str
    title: str
    question: str
    minutes: int
    core: bool = True
    requires: tuple[str, ...] = ()
    introduces: tuple[str, ...] = ()
    supplies: tuple[str, ...] = ()
    previews: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    announces: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    cells: tuple[int, int] = (40, 70)
    omits: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The stem of its files, for example `02_attention`."""
        return f"{self.number}_{self.topic}"

    @property
    def points(self) -> int:
        """The points of all its exercises."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def gains(self) -> tuple[str, ...]:
        """All names that later lessons may import: introduced or supplied here."""
        return self.introduces + self.supplies


@dataclass(frozen=True)
class Stop:
    """One stop of a route: a lesson, and its minutes there (None: homework too)."""

    lesson: str
    minutes: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Route:
    """A way through the course that fits a given time."""

    name: str
    title: str
    minutes: int
    stops: tuple[Stop, ...]
    later: str = ""


def _tuples(table: dict) -> dict:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}


def _lesson(table: dict) -> Lesson:
    exercises = tuple(Exercise(**_tuples(one)) for one in table.pop("exercise", ()))
    return Lesson(**_tuples(table), exercises=exercises)


def _read(path: Path) -> tuple[tuple[Lesson, ...], tuple[Route, ...]]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    lessons = tuple(_lesson(table) for table in data["lesson"])
    routes = tuple(
        Route(**{**table, "stops": tuple(Stop(**stop) for stop in table["stops"])})
        for table in data["route"]
    )
    return lessons, routes


LESSONS, ROUTES = _read(Path(__file__).with_suffix(".toml"))


@cache
def lesson(number: str) -> Lesson:
    """Return the lesson with this number ("02") or name ("02_attention").

    Raises:
        ValueError: there is no such lesson.
    """
    for candidate in LESSONS:
        if number in (candidate.number, candidate.name, candidate.topic):
            return candidate
    known = ", ".join(candidate.number for candidate in LESSONS)
    raise ValueError(f"no lesson {number!r}; choose one of {known}")


@cache
def find_exercise(id: str) -> Exercise:
    """Return the exercise with this id, for example "02-scores".

    Raises:
        ValueError: there is no such exercise; the message names the nearest one.
    """
    known = {one.id: one for lesson in LESSONS for one in lesson.exercises}
    if id in known:
        return known[id]
    close = get_close_matches(id, known, n=1, cutoff=0)
    hint = f"; did you mean {close[0]!r}?" if close else "; there are none yet"
    raise ValueError(f"no exercise {id!r}{hint}")


def notebook_path(chosen: Lesson, root: Path) -> Path:
    """Return where the notebook of a lesson stands in a checkout."""
    return root / "notebooks" / f"{chosen.name}.ipynb"


def exercise_path(chosen: Lesson, root: Path) -> Path:
    """Return where the exercises of a lesson stand in a checkout."""
    return root / "exercises" / f"{chosen.name}.ipynb"


def solution_path(chosen: Lesson, root: Path) -> Path:
    """Return where the answered exercises of a lesson stand in a checkout."""
    return root / "solutions" / f"{chosen.name}.ipynb"


def lesson_modules(lessons: Iterable[Lesson] = LESSONS) -> tuple[str, ...]:
    """Return the modules that lessons build, in the order in which they appear."""
    names = (name for lesson in lessons for name in lesson.gains)
    return tuple(dict.fromkeys(name.rpartition(".")[0] for name in names))
