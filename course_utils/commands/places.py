"""Where things stand in a checkout of the course."""

from pathlib import Path

from course_utils.commands.console import fail, nearest
from course_utils.progress import course_root
from course_utils.syllabus import LESSONS, Lesson, notebook_path

__all__ = ["find_lesson", "find_notebook", "present_lessons", "root", "weights"]


def root() -> Path:
    """Return the course folder; end the command if `$COURSE_ROOT` names none."""
    folder = course_root()
    if not folder.is_dir():
        fail(f"COURSE_ROOT={folder} is not a folder; name the course's, or unset it.")
    return folder


def weights() -> Path:
    """Return the folder of the committed checkpoints."""
    return root() / "course_utils" / "weights"


def present_lessons() -> list[Lesson]:
    """Return the lessons whose notebook exists, in order."""
    return [one for one in LESSONS if notebook_path(one, root()).is_file()]


def find_lesson(wanted: str) -> Lesson:
    """Return the lesson with this number, name or topic; end the command if none.

    A single digit is short for a number: `2` is lesson 02.
    """
    key = Path(wanted).name.removesuffix(".ipynb")
    key = key.zfill(2) if key.isdigit() else key
    for one in LESSONS:
        if key in (one.number, one.name, one.topic):
            return one
    names = [one.name for one in LESSONS] + [one.topic for one in LESSONS]
    known = ", ".join(one.name for one in LESSONS)
    fail(f"There is no lesson {wanted!r}{nearest(key, names)} Known: {known}.")


def find_notebook(wanted: str) -> tuple[Lesson, Path]:
    """Return a lesson and its notebook; end the command if either is missing."""
    lesson = find_lesson(wanted)
    path = notebook_path(lesson, root())
    if not path.is_file():
        fail(
            f"Lesson {lesson.number} has no notebook at {path}. "
            "Restore it: git checkout -- notebooks"
        )
    return lesson, path
