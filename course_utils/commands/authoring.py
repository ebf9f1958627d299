"""`course build`: make notebooks, package and exercises agree, and store outputs."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from course_utils.commands.console import FELL_SHORT, fail
from course_utils.commands.places import find_notebook, root

__all__ = ["build"]

Numbers = Annotated[
    list[str] | None, typer.Argument(help="Numbers of lessons (default: all).")
]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; report what is out of date.")
]
Force = Annotated[
    bool, typer.Option("--force", help="Execute even what has not changed.")
]
Execute = Annotated[
    bool, typer.Option("--execute/--no-execute", help="Execute what has changed.")
]
Threads = Annotated[int, typer.Option(min=1, help="Threads for the computation.")]
Learner = Annotated[
    Path | None,
    typer.Option(
        metavar="OUT",
        help="Write the learners' edition, without answers and tests, to this new "
        "folder; build nothing else.",
    ),
]

ClassSeed = Annotated[
    int | None,
    typer.Option(
        help="With --learner: a number, such as the year; it varies the transfer "
        "exercises, so that another class's answers do not pass."
    ),
]


def build(
    lessons: Numbers = None,
    check: Check = False,
    force: Force = False,
    execute: Execute = True,
    threads: Threads = 2,
    learner: Learner = None,
    class_seed: ClassSeed = None,
) -> None:
    """Copy definitions from the package into the lessons, execute and check them.

    Then make the exercises from the solutions, which are executed as well.
    """
    from course_utils.authoring.build import build as build_lessons
    from course_utils.authoring.course import Course
    from course_utils.authoring.exercise_build import build_exercises, with_solutions

    course = Course(root=root())
    if learner is not None:
        if lessons or check or force:
            fail("--learner stands alone: it always writes the whole edition.")
        _write_learner_tree(course, learner, class_seed)
        return
    if class_seed is not None:
        fail("--class-seed varies the learners' edition: add --learner OUT.")
    numbers = [find_notebook(name)[0].number for name in lessons or []]
    options = {"check": check, "force": force, "execute": execute, "threads": threads}
    chosen = numbers or [lesson.number for lesson in course.present()]
    answered = [lesson.number for lesson in with_solutions(course, numbers)]
    short = _build_each(build_lessons, chosen, course=course, **options)
    short += _build_each(build_exercises, answered, course=course, **options)
    if not check:
        _write_map()
    if short:
        fail(f"{short} of the notebooks fall short.", FELL_SHORT)


def _build_each(builder: Callable, numbers: list[str], **options) -> int:
    """Build one notebook after the other, and say so; return how many fall short."""
    from course_utils.authoring.notebooks import NotebookError

    short = 0
    for number in numbers:
        typer.echo(f"{number} …", nl=False)
        try:
            [report] = builder([number], **options)
        except NotebookError as problem:
            typer.echo()
            fail(str(problem), FELL_SHORT)
        lines = [f"\r{_line(report, options['check'])}", *map(str, report.findings)]
        typer.echo("\n   ".join(lines))
        short += bool(report.findings)
    return short


def _write_map() -> None:
    """Bring the README's table of lessons up to date."""
    from course_utils.authoring import readme

    try:
        changed = readme.write(root())
    except (OSError, ValueError) as problem:
        fail(f"README.md: {problem}", FELL_SHORT)
    if changed:
        typer.echo("README.md: lesson map written")


def _write_learner_tree(course, out: Path, class_seed: int | None) -> None:
    """Write the learners' edition, with one line that says what is being written."""
    from course_utils.authoring.learner import make_learner_tree
    from course_utils.authoring.notebooks import NotebookError

    def tell(part: str) -> None:
        typer.echo(f"\rWriting {part + ' …':24}", nl=False, err=True)

    try:
        count = make_learner_tree(course, out, tell, class_seed)
    except NotebookError as problem:
        fail(str(problem))
    except OSError as problem:
        typer.echo(err=True)
        fail(f"{out} could not be written: {problem}", FELL_SHORT)
    typer.echo("\r", nl=False, err=True)
    typer.echo(f"{out}: {count} files, without answers, tests and benchmarks.")


def _line(report, check: bool) -> str:
    """Say in one line what was done to a notebook."""
    done = [f"{len(report.rewritten)} cells rewritten"] if report.rewritten else []
    if check:
        done = ["checked"]
    if report.executed:
        done.append(f"executed in {report.seconds:.1f} s, {report.peak_mb:.0f} MB")
    if report.written:
        done.append("written")
    return f"{report.lesson} {report.notebook}: {', '.join(done) or 'up to date'}"
