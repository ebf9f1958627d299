"""A checkout of the course: its lessons, notebooks and package, in one folder."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.authoring.notebooks import NotebookError
from course_utils.authoring.package import Package
from course_utils.syllabus import LESSONS, Lesson, notebook_path

__all__ = ["Course"]


@dataclass(frozen=True)
class Course:
    """Name the parts of a checkout; the default is the one this file stands in."""

    root: Path = Path(__file__).resolve().parents[2]
    lessons: tuple[Lesson, ...] = LESSONS
    package_name: str = "course_utils"
    package: Package = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "package", Package(self.root / self.package_name))

    def path(self, lesson: Lesson) -> Path:
        """Return the notebook of a lesson, whether or not it exists."""
        return notebook_path(lesson, self.root)

    def present(self) -> tuple[Lesson, ...]:
        """Return the lessons whose notebook exists."""
        return tuple(lesson for lesson in self.lessons if self.path(lesson).is_file())

    def select(self, numbers: Iterable[str] = ()) -> tuple[Lesson, ...]:
        """Return the lessons with these numbers or names; all present ones if none.

        Raises:
            NotebookError: there is no such lesson, or it has no notebook.
        """
        wanted = list(numbers)
        if not wanted:
            return self.present()
        known = {key: one for one in self.lessons for key in (one.number, one.name)}
        for number in wanted:
            if number not in known:
                choice = ", ".join(lesson.number for lesson in self.lessons)
                raise NotebookError(f"no lesson {number!r}; choose from {choice}")
            if not self.path(known[number]).is_file():
                raise NotebookError(f"{self.path(known[number])} does not exist")
        return tuple(known[number] for number in dict.fromkeys(wanted))
