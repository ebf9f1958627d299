"""`course run`: execute lessons as a reader would, and weigh what they need."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from course_utils.commands.console import FELL_SHORT, fail, print_json, print_table
from course_utils.commands.places import find_notebook, present_lessons, root
from course_utils.syllabus import Lesson

__all__ = ["BUDGET_MB", "BUDGET_SECONDS", "Measured", "budget_seconds", "run"]

BUDGET_SECONDS = 60.0
BUDGET_SECONDS_OF = {"07": 90.0}
BUDGET_TOTAL_SECONDS = 20 * 60.0
BUDGET_MB = 2048.0


@dataclass(frozen=True)
class Measured:
    """What one lesson needed: wall-clock seconds and the peak of all its processes."""

    lesson: str
    notebook: str
    seconds: float
    seconds_budget: float
    peak_mb: float
    peak_mb_budget: float
    error: str = ""

    @property
    def within(self) -> bool:
        """Say whether it ran, in time and in memory."""
        in_time = self.seconds <= self.seconds_budget
        return not self.error and in_time and self.peak_mb <= self.peak_mb_budget


def budget_seconds(lesson: str) -> float:
    """Return the seconds that a lesson may take on two cores."""
    return BUDGET_SECONDS_OF.get(lesson, BUDGET_SECONDS)


def run(
    lessons: Annotated[
        list[str] | None, typer.Argument(help="Numbers of lessons (default: all).")
    ] = None,
    threads: Annotated[
        int, typer.Option(min=1, help="Threads for the computation.")
    ] = 2,
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that one cell may take.")
    ] = 180.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Execute copies of lessons, one after the other; show their time and memory."""
    from course_utils.progress import mark

    chosen = _choose(lessons or [])
    measured = _measure_all(chosen, threads, timeout, quiet=as_json)
    for one in measured:
        if not one.error:
            mark(root(), one.lesson, "run")
    if as_json:
        print_json(_as_json(measured))
    else:
        _show(measured)
    if not _all_within(measured):
        raise typer.Exit(FELL_SHORT)


def _choose(wanted: list[str]) -> list[tuple[Lesson, Path]]:
    names = wanted or [one.number for one in present_lessons()]
    if not names:
        fail(f"No notebook stands in {root() / 'notebooks'}; nothing to run.")
    return [find_notebook(name) for name in dict.fromkeys(names)]


def _measure_all(
    chosen: list[tuple[Lesson, Path]], threads: int, timeout: float, quiet: bool
) -> list[Measured]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True, quiet=quiet)
    measured = []
    with Progress(*columns, console=console) as bars:
        for lesson, path in chosen:
            bar = bars.add_task(f"{lesson.number} {lesson.title}")

            def advance(step, bar=bar) -> None:
                bars.update(bar, completed=step.done, total=step.total)

            measured.append(measure(lesson, path, threads, timeout, advance))
    return measured


def measure(
    lesson: Lesson, path: Path, threads: int, timeout: float, progress: Callable
) -> Measured:
    """Execute one lesson; a cell that fails is reported, not raised."""
    import time

    from course_utils.authoring.execute import ExecutionError, run_notebook
    from course_utils.authoring.notebooks import NotebookError, read_notebook
    from course_utils.commands.memory import ChildMemory

    budgets = (budget_seconds(lesson.number), BUDGET_MB)
    started = time.perf_counter()
    with ChildMemory() as memory:
        try:
            done = run_notebook(
                read_notebook(path),
                path.name,
                threads=threads,
                timeout=timeout,
                pythonpath=root(),
                progress=progress,
            )
            seconds, peak, error = done.seconds, done.peak_mb, ""
        except (ExecutionError, NotebookError) as problem:
            seconds, peak, error = time.perf_counter() - started, 0.0, str(problem)
    peak = round(max(peak, memory.peak_mb), 1)
    return Measured(
        lesson.number, path.name, round(seconds, 2), budgets[0], peak, budgets[1], error
    )


def _total(measured: list[Measured]) -> float:
    return round(sum(one.seconds for one in measured), 2)


def _all_within(measured: list[Measured]) -> bool:
    in_time = _total(measured) <= BUDGET_TOTAL_SECONDS
    return in_time and all(one.within for one in measured)


def _as_json(measured: list[Measured]) -> dict:
    return {
        "lessons": [asdict(one) | {"within": one.within} for one in measured],
        "seconds": _total(measured),
        "seconds_budget": BUDGET_TOTAL_SECONDS,
        "peak_mb": max(one.peak_mb for one in measured),
        "peak_mb_budget": BUDGET_MB,
        "within": _all_within(measured),
    }


def _show(measured: list[Measured]) -> None:
    numbers = ("seconds", "allowed", "peak MB", "allowed MB")
    rows = [
        [
            one.lesson,
            one.notebook,
            f"{one.seconds:.1f}",
            f"{one.seconds_budget:.0f}",
            f"{one.peak_mb:.0f}",
            f"{one.peak_mb_budget:.0f}",
            _verdict(one),
        ]
        for one in measured
    ]
    print_table(
        "Time and memory", ["lesson", "notebook", *numbers, "result"], rows, numbers
    )
    for one in measured:
        if one.error:
            typer.echo(one.error)
    typer.echo(
        f"Together {_total(measured):.1f} s of {BUDGET_TOTAL_SECONDS:.0f} s allowed."
    )


def _verdict(one: Measured) -> str:
    if one.error:
        return "failed"
    slow = one.seconds > one.seconds_budget
    large = one.peak_mb > one.peak_mb_budget
    over = [word for word, is_so in (("too slow", slow), ("too large", large)) if is_so]
    return ", ".join(over) or "fine"
