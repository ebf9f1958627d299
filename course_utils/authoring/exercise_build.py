"""Build the exercises: cards from the syllabus, the learners' notebooks from answers.

    from course_utils.authoring.exercise_build import build_exercises

    reports = build_exercises(["02"])         # write what changed, execute answers
    reports = build_exercises(check=True)     # write nothing, report drift

`solutions/NN_topic.ipynb` is the source; `exercises/NN_topic.ipynb` is made from it,
and the file of blank answer cells that `course reset` reads. Both notebooks are stored
without outputs.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from nbformat import NotebookNode

from course_utils.authoring.build import Report, executed
from course_utils.authoring.course import Course
from course_utils.authoring.execute import Step
from course_utils.authoring.exercise_lint import check_solution_notebook
from course_utils.authoring.exercises import learner_version, sync_cards
from course_utils.authoring.findings import Finding
from course_utils.authoring.notebooks import (
    NotebookError,
    as_text,
    read_notebook,
)
from course_utils.authoring.outputs import clear_outputs
from course_utils.authoring.stale import check_stale, is_current, stamp
from course_utils.blanks import blanks_text
from course_utils.files import replace_text
from course_utils.syllabus import Lesson, exercise_path, solution_path

__all__ = ["build_exercises", "with_solutions"]

# A check notes its verdict in the course folder: here, the kernel's own empty one.
NO_PROGRESS = {"COURSE_ROOT": "."}


def with_solutions(course: Course, numbers: Iterable[str] = ()) -> list[Lesson]:
    """Return the lessons that have a solutions notebook (default: of all lessons)."""
    wanted = set(numbers)
    return [
        lesson
        for lesson in course.lessons
        if solution_path(lesson, course.root).is_file()
        and (not wanted or lesson.number in wanted)
    ]


def build_exercises(
    numbers: Iterable[str] = (),
    *,
    execute: bool = True,
    force: bool = False,
    check: bool = False,
    threads: int = 2,
    timeout: float = 600,
    course: Course | None = None,
    progress: Callable[[Step], None] | None = None,
) -> list[Report]:
    """Build the exercises of these lessons (default: all that have solutions).

    Solutions whose code or package modules changed since the last build are executed,
    unless `execute=False`; `force=True` executes them anyway. A cell that fails, such
    as a check that an answer does not pass, is a finding. `check=True` writes and
    executes nothing.

    Raises:
        NotebookError: a file is no notebook.
    """
    course = course or Course()
    reports = []
    for lesson in with_solutions(course, numbers):
        nb = read_notebook(solution_path(lesson, course.root))
        report = Report(lesson.number, f"solutions/{lesson.name}.ipynb")
        if not check:
            report.rewritten = sync_cards(nb, lesson)
            clear_outputs(nb)
            if execute and (force or not is_current(nb, course.package)):
                limits = {"threads": threads, "timeout": timeout, "progress": progress}
                if executed(nb, report, course, NO_PROGRESS, **limits):
                    stamp(nb, course.package)
            _write(nb, report, lesson, course)
        report.findings += check_solution_notebook(nb, lesson, report.notebook)
        report.findings += _drift(nb, report, lesson, course)
        reports.append(report)
    return reports


def _write(nb: NotebookNode, report: Report, lesson: Lesson, course: Course) -> None:
    """Store the solutions and the exercises that they make, where they changed."""
    texts = {solution_path(lesson, course.root): as_text(nb)}
    for path, text in (texts | _made(nb, lesson, course)).items():
        if _stored(path) != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(path, text)
            report.written = True


def _made(nb: NotebookNode, lesson: Lesson, course: Course) -> dict[Path, str]:
    """Return the files that a solutions notebook makes; none if its markers are wrong.

    What is wrong with them, and in which cell, the check of the solutions says.
    """
    try:
        exercise = learner_version(nb, lesson)
    except NotebookError:
        return {}
    blanks = course.root / course.package_name / "checks" / "blanks"
    return {
        exercise_path(lesson, course.root): as_text(exercise),
        blanks / f"{lesson.name}.json": blanks_text(exercise),
    }


def _stored(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _drift(
    nb: NotebookNode, report: Report, lesson: Lesson, course: Course
) -> list[Finding]:
    """Find exercises that are not those of the solutions, and answers never run."""
    todo = f"run `course build {lesson.number}`"
    findings = []
    if check_stale(nb, report.notebook):
        message = f"the answers changed since they were last executed; {todo}"
        findings.append(Finding("stale", report.notebook, message))
    for path, text in _made(nb, lesson, course).items():
        if _stored(path) != text:
            name = path.relative_to(course.root).as_posix()
            message = f"differs from what {report.notebook} makes; {todo}"
            findings.append(Finding("drift", name, message))
    return findings
