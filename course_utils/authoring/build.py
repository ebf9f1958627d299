"""Build the lessons: copy definitions from the package, execute, check, store.

    from course_utils.authoring.build import build

    reports = build(["02"], progress=show)     # write what changed
    reports = build(check=True)                # write nothing, report drift
    exit_code = 1 if any(report.findings for report in reports) else 0

A `Report` says what was done to one lesson (`rewritten`, `executed`, `seconds`,
`peak_mb`, `written`) and what falls short (`findings`; each has a readable `str`).
Unknown lessons raise `NotebookError`; a cell that fails is a finding, so that the
other lessons are still built.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from course_utils.authoring.course import Course
from course_utils.authoring.execute import ExecutionError, Step, run_notebook
from course_utils.authoring.findings import Finding
from course_utils.authoring.lint import lint
from course_utils.authoring.mirror import check_lesson
from course_utils.authoring.notebooks import as_text, read_notebook
from course_utils.authoring.outputs import check_outputs, normalize
from course_utils.authoring.prose import check_terms
from course_utils.authoring.stale import check_stale, is_current, stamp
from course_utils.authoring.sync import sync
from course_utils.files import replace_text
from course_utils.syllabus import Lesson

__all__ = ["Report", "Step", "build", "check_notebook", "executed"]


@dataclass
class Report:
    """What a build did to one lesson, and what falls short in it."""

    lesson: str
    notebook: str
    rewritten: list[str] = field(default_factory=list)
    executed: bool = False
    written: bool = False
    seconds: float = 0.0
    peak_mb: float = 0.0
    findings: list[Finding] = field(default_factory=list)


def build(
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
    """Build the lessons with these numbers (default: all that exist).

    Tagged cells are rewritten from the package. A lesson whose code, package modules
    or outputs changed since its last build is executed, unless `execute=False`;
    `force=True` executes it anyway. Outputs that cannot be stored (an error, a
    warning, a machine path, ...) are findings, and then the old outputs stay.
    `check=True` writes and executes nothing. `progress` hears of every code cell.

    Raises:
        NotebookError: a lesson does not exist or its file is no notebook.
    """
    course = course or Course()
    lessons = course.select(numbers)
    if check:
        return [_checked(lesson, course) for lesson in lessons]
    limits = {"threads": threads, "timeout": timeout, "progress": progress}
    return [_built(lesson, course, execute, force, limits) for lesson in lessons]


def _built(
    lesson: Lesson, course: Course, execute: bool, force: bool, limits: dict[str, Any]
) -> Report:
    """Bring one lesson's file up to date; `limits` are those of `executed`."""
    path = course.path(lesson)
    nb = read_notebook(path)
    report = Report(lesson.number, path.name)
    report.rewritten, report.findings = sync(nb, course.package, path.name)
    if execute and (force or not is_current(nb, course.package)):
        fresh = executed(nb, report, course, **limits)
        nb = (fresh and _with_outputs(fresh, report, course)) or nb
    if as_text(nb) != path.read_text(encoding="utf-8"):
        replace_text(path, as_text(nb))
        report.written = True
    _add(report, check_notebook(nb, lesson, course))
    return report


def _checked(lesson: Lesson, course: Course) -> Report:
    """Report on a lesson as its file stands."""
    path = course.path(lesson)
    nb = read_notebook(path)
    report = Report(lesson.number, path.name)
    report.findings = check_notebook(nb, lesson, course)
    report.rewritten, found = sync(nb, course.package, path.name)
    _add(report, found)
    _add(
        report,
        (
            Finding("drift", path.name, "the cell differs from the package", cell)
            for cell in report.rewritten
        ),
    )
    return report


def _add(report: Report, findings: Iterable[Finding]) -> None:
    report.findings += [one for one in findings if one not in report.findings]


def executed(
    nb: NotebookNode,
    report: Report,
    course: Course,
    environment: Mapping[str, str] | None = None,
    **limits: Any,
) -> NotebookNode | None:
    """Return an executed copy, and note in `report` what it took.

    A cell that fails is a finding, and then there is no copy. `limits` are those of
    `run_notebook`: threads, timeout, progress.
    """
    fresh = deepcopy(nb)
    try:
        run = run_notebook(
            fresh,
            report.notebook,
            pythonpath=course.root,
            environment=environment,
            **limits,
        )
    except ExecutionError as error:
        message = f"{error.error}: {error.detail}"
        report.findings.append(Finding("failed", report.notebook, message, error.cell))
        return None
    report.executed, report.seconds, report.peak_mb = True, run.seconds, run.peak_mb
    return fresh


def _with_outputs(
    nb: NotebookNode, report: Report, course: Course
) -> NotebookNode | None:
    """Return an executed notebook as it can be stored; None if its outputs cannot."""
    normalize(nb)
    nb = nbformat.reads(as_text(nb), as_version=4)
    stamp(nb, course.package)
    unfit = check_outputs(nb, report.notebook)
    report.findings += unfit
    return None if unfit else nb


def check_notebook(nb: NotebookNode, lesson: Lesson, course: Course) -> list[Finding]:
    """Return everything that falls short in one lesson as it stands."""
    name = course.path(lesson).name
    return [
        *check_stale(nb, name),
        *lint(nb, lesson, name),
        *check_terms(nb, lesson, course.lessons, name),
        *check_lesson(nb, lesson, course.lessons, course.package, name),
    ]
