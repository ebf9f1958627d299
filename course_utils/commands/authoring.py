"""`course build`: make the notebooks agree with the package, and store outputs."""

from typing import Annotated

import typer

from course_utils.commands.console import FELL_SHORT, fail
from course_utils.commands.places import find_notebook, root

__all__ = ["build"]


def build(
    lessons: Annotated[
        list[str] | None, typer.Argument(help="Numbers of lessons (default: all).")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; report what is out of date.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Execute even what has not changed.")
    ] = False,
    execute: Annotated[
        bool,
        typer.Option("--execute/--no-execute", help="Execute what has changed."),
    ] = True,
    threads: Annotated[
        int, typer.Option(min=1, help="Threads for the computation.")
    ] = 2,
) -> None:
    """Copy definitions from the package into the lessons, execute and check them."""
    from course_utils.authoring.build import build as build_lessons
    from course_utils.authoring.course import Course
    from course_utils.authoring.notebooks import NotebookError

    numbers = [find_notebook(name)[0].number for name in lessons or []]
    course = Course(root=root())
    short = 0
    for one in numbers or [lesson.number for lesson in course.present()]:
        typer.echo(f"{one} …", nl=False)
        try:
            [report] = build_lessons(
                [one],
                execute=execute,
                force=force,
                check=check,
                threads=threads,
                course=course,
            )
        except NotebookError as problem:
            typer.echo()
            fail(str(problem), FELL_SHORT)
        typer.echo(
            "\n   ".join([f"\r{_line(report, check)}", *map(str, report.findings)])
        )
        short += bool(report.findings)
    if not check:
        _write_map()
    if short:
        fail(f"{short} of the lessons fall short.", FELL_SHORT)


def _write_map() -> None:
    """Bring the README's table of lessons up to date."""
    from course_utils.authoring import readme

    try:
        changed = readme.write(root())
    except (OSError, ValueError) as problem:
        fail(f"README.md: {problem}", FELL_SHORT)
    if changed:
        typer.echo("README.md: lesson map written")


def _line(report, check: bool) -> str:
    """Say in one line what was done to a lesson."""
    done = [f"{len(report.rewritten)} cells rewritten"] if report.rewritten else []
    if check:
        done = ["checked"]
    if report.executed:
        done.append(f"executed in {report.seconds:.1f} s, {report.peak_mb:.0f} MB")
    if report.written:
        done.append("written")
    return f"{report.lesson} {report.notebook}: {', '.join(done) or 'up to date'}"
