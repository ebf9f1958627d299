"""`course check`: say which exercises of a notebook pass, and what the others lack."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.commands.console import FELL_SHORT, fail, print_json, print_table
from course_utils.commands.places import find_lesson, root
from course_utils.syllabus import LESSONS, exercise_path, find_exercise, lesson

__all__ = ["check"]

REPLACEMENT = "\ufffd"


def check(
    notebook: Annotated[
        str,
        typer.Argument(
            metavar="LESSON|FILE", help="Number of a lesson, or a notebook's file."
        ),
    ],
    only: Annotated[
        str, typer.Option(metavar="ID", help="Only this exercise: 02-scores.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check the answers in an exercise notebook, as it is saved on disk."""
    chosen = _exercise_id(only) if only else None
    path = _find(notebook)
    _demand_answers(path, chosen)
    started = time.perf_counter()
    verdicts = _check(path, chosen, quiet=as_json)
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        print_json(_as_json(path, verdicts, seconds))
    else:
        _show(path, verdicts, seconds)
    if not _all_passed(verdicts):
        raise typer.Exit(FELL_SHORT)


def _exercise_id(wanted: str) -> str:
    try:
        return find_exercise(wanted).id
    except ValueError as error:
        fail(f"There is {error}.")


def _find(wanted: str) -> Path:
    """Return the notebook to check; end the command if there is none."""
    if wanted.endswith(".ipynb"):
        for path in (Path(wanted), root() / wanted):
            if path.is_file():
                return path
        fail(f"There is no file {wanted}. Name a lesson instead: course check 02")
    found = find_lesson(wanted)
    path = exercise_path(found, root())
    if not path.is_file():
        fail(
            f"Lesson {found.number} has no exercises at {path}. "
            f"If there were some, restore them: git checkout -- exercises"
        )
    return path


def _demand_answers(path: Path, only: str | None) -> None:
    """End the command unless the file is a notebook with what is to be checked."""
    from course_utils.answers.source import answer_cells, read_cells

    try:
        held = answer_cells(read_cells(path))
    except ValueError as error:
        fail(f"{error}.")
    known = {exercise.id for one in LESSONS for exercise in one.exercises}
    if only is not None and only not in held:
        fail(f"{path.name} has no answer cell for {only}.")
    if not known & set(held):
        fail(f"{path.name} holds no exercise of this course.")


def _check(path: Path, only: str | None, quiet: bool) -> list[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from course_utils.checks import check_notebook

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, quiet=quiet)) as bars:
        bar = bars.add_task(path.name, total=None)

        def advance(exercise: str, done: int, total: int) -> None:
            bars.update(bar, description=exercise, completed=done, total=total)

        try:
            return check_notebook(path, only=only, on_progress=advance)
        except (OSError, ValueError) as error:
            problem = str(error)
    fail(f"{path.name} could not be checked: {problem}.", FELL_SHORT)


def _all_passed(verdicts: list[Any]) -> bool:
    return all(one.passed for one in verdicts)


def _sums(verdicts: list[Any]) -> tuple[float, int]:
    most = sum(find_exercise(one.exercise).points for one in verdicts)
    return sum(one.points for one in verdicts), most


def _as_json(path: Path, verdicts: list[Any], seconds: float) -> dict:
    got, most = _sums(verdicts)
    return {
        "notebook": path.name,
        "exercises": [_entry(one) for one in verdicts],
        "points": got,
        "points_possible": most,
        "seconds": seconds,
        "passed": _all_passed(verdicts),
    }


def _entry(one: Any) -> dict:
    exercise = find_exercise(one.exercise)
    return {
        "exercise": exercise.id,
        "title": exercise.title,
        "kind": exercise.kind,
        "status": one.status,
        "passed": one.passed,
        "points": one.points,
        "points_possible": exercise.points,
        "slip": one.slip or None,
        "text": _plain(one.text),
    }


def _show(path: Path, verdicts: list[Any], seconds: float) -> None:
    columns = ["exercise", "kind", "status", "points", "slip"]
    rows = [_row(_entry(one)) for one in verdicts]
    print_table(path.name, columns, rows, right=("points",))
    for one in verdicts:
        if one.status == "failed":
            typer.echo(f"{_plain(one.text)}\n")
    got, most = _sums(verdicts)
    typer.echo(f"{got:g} of {most} points, {seconds:.1f} s.")
    if done := _completed(path, verdicts):
        typer.echo(done)


def _row(entry: dict) -> list[str]:
    points = f"{entry['points']:g} of {entry['points_possible']}"
    slip = entry["slip"] or ""
    return [entry["exercise"], entry["kind"], entry["status"], points, slip]


def _completed(path: Path, verdicts: list[Any]) -> str:
    """Say so once the reader's own notebook of a lesson is complete, else nothing."""
    from course_utils.progress import completion, read_progress

    own = path.resolve().parent == (root() / "exercises").resolve()
    if not own or not _all_passed(verdicts):
        return ""
    number = find_exercise(verdicts[0].exercise).lesson
    return completion(read_progress(root()), lesson(number))


def _plain(text: str) -> str:
    """Replace what could steer a terminal: a verdict may quote what an answer says."""
    return "".join(c if c.isprintable() or c == "\n" else REPLACEMENT for c in text)
