"""`course grade`: grade the notebooks of a class, each in a sandbox of its own."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from course_utils.commands.console import FELL_SHORT, fail, print_json, print_table
from course_utils.commands.grade.options import (
    ClassSeed,
    Export,
    Gradescope,
    Jobs,
    Json,
    Late,
    LessonOption,
    Level,
    Memory,
    Out,
    Required,
    Resume,
    Scheduler,
    Seconds,
    Seed,
    Submissions,
    Table,
    Total,
)
from course_utils.commands.places import find_lesson, root

__all__ = ["grade"]


def grade(
    submissions: Submissions = None,
    out: Out = None,
    lesson: LessonOption = "",
    jobs: Jobs = 2,
    timeout: Seconds = 60.0,
    memory: Memory = 4.0,
    require_sandbox: Required = True,
    sandbox: Level = "",
    seed: Seed = None,
    class_seed: ClassSeed = None,
    resume: Resume = True,
    roster: Table = None,
    times: Table = None,
    overrides: Table = None,
    late: Late = None,
    total: Total = False,
    gradescope: Gradescope = False,
    scheduler: Scheduler = "",
    export_nbgrader: Export = None,
    as_json: Json = False,
) -> None:
    """Grade what students have handed in; a rerun goes on where the last one stopped.

    Into --out come gradebook.csv, report.html, a page per student, results/*.json.
    """
    if export_nbgrader is not None:
        return _export(export_nbgrader, class_seed)
    if submissions is None or out is None:
        fail("Name the submissions and where results go: course grade DIR --out DIR")
    started = time.perf_counter()
    number = find_lesson(lesson).number if lesson else None
    given = _rules(roster, times, overrides, late, number)
    job = _job(out, seed, _level(sandbox, require_sandbox), timeout, memory, class_seed)
    with tempfile.TemporaryDirectory(prefix="course-zip-") as scratch:
        found = _find(submissions, number, Path(scratch))
        results = _grade_all(found, out, job, _run(scheduler, jobs), resume, as_json)
        given = _with_file_times(out, given, found)
        _write(out, results, given, total=total, gradescope=gradescope)
    _tell(out, job, results, time.perf_counter() - started, as_json)


# --- before --------------------------------------------------------------------------


def _export(folder: Path, class_seed: int | None) -> None:
    from course_utils.grading.nbgrader import export_course

    if class_seed is not None:
        fail("The exercises for nbgrader are the course's: leave --class-seed out.")
    try:
        export_course(root(), folder)
    except (OSError, ValueError) as problem:
        fail(f"{problem}.", FELL_SHORT)
    typer.echo(f"Written to {folder}; see the README there.")


def _rules(
    roster: Path | None,
    times: Path | None,
    overrides: Path | None,
    late: Path | None,
    number: str | None,
) -> Any:
    """Read the instructor's files; a mistake in one ends the command at once."""
    from course_utils.grading import policy, sheets

    try:
        return policy.Rules(
            sheets.read_roster(roster) if roster else {},
            policy.read_late_policy(late) if late else None,
            sheets.read_overrides(overrides) if overrides else (),
            sheets.read_times(times) if times else {},
            (number,) if number else (),
        )
    except (OSError, ValueError) as problem:
        fail(f"{problem}.")


def _with_file_times(out: Path, rules: Any, found: Sequence[Any]) -> Any:
    """Where no list says when something was handed in, the file's own time counts."""
    from dataclasses import replace

    from course_utils.grading.times import file_times, remember_times

    try:
        times = remember_times(out, file_times(found))
    except OSError as problem:
        fail(f"{problem}: the results are kept, the gradebook is not written.")
    return replace(rules, times=times | dict(rules.times))


def _level(wanted: str, required: bool) -> str:
    """Return the level of confinement; end the command where it would be none."""
    from course_utils.grading.sandbox import LEVELS, is_usable, probe

    if wanted and wanted not in LEVELS:
        fail(f"There is no sandbox {wanted!r}. Choose one of: {', '.join(LEVELS)}.")
    if wanted and not is_usable(wanted):
        fail(f"The sandbox {wanted} does not work here. Leave --sandbox out to see.")
    level = wanted or probe()
    if level == LEVELS[-1] and required:
        fail(
            "No sandbox works here: a submission could read your files and reach the "
            "network. Install bubblewrap (Debian, Ubuntu: sudo apt install "
            "bubblewrap), or, for people whom you trust, add --allow-unsandboxed."
        )
    return level


def _job(
    out: Path,
    seed: int | None,
    level: str,
    timeout: float,
    memory: float,
    class_seed: int | None,
) -> Any:
    from course_utils.checks.variants import kept_seed
    from course_utils.grading.job import Job, run_class_seed, run_seed
    from course_utils.grading.limits import Limits

    try:
        out.mkdir(parents=True, exist_ok=True)
        limits = Limits(seconds=timeout, memory_gb=memory)
        given = kept_seed() if class_seed is None else class_seed
        return Job(run_seed(out, seed), level, limits, run_class_seed(out, given))
    except (OSError, ValueError) as problem:
        fail(f"{out} cannot hold the results: {problem}.")


def _run(scheduler: str, jobs: int) -> Callable:
    if scheduler:
        from course_utils.grading.scheduler import Cluster

        return Cluster(scheduler)
    from course_utils.grading.pool import Pool

    return Pool(jobs)


def _find(source: Path, number: str | None, scratch: Path) -> list[Any]:
    from course_utils.grading.intake import find_submissions

    try:
        found = find_submissions(source, number, scratch)
    except (OSError, ValueError) as problem:
        fail(f"{problem}.")
    if not found:
        which = f" of lesson {number}" if number else ""
        fail(f"{source} holds no notebook{which}: student/NN_topic.ipynb is expected.")
    return found


# --- at work -------------------------------------------------------------------------


def _grade_all(
    found: list[Any], out: Path, job: Any, run: Callable, resume: bool, quiet: bool
) -> list[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    from course_utils.grading.grade import grade_all

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    done = []
    with Progress(*columns, console=Console(stderr=True, quiet=quiet)) as bars:
        bar = bars.add_task("", total=len(found))

        def advance(result: Any) -> None:
            done.append(result)
            bars.update(bar, completed=len(done))

        try:
            return grade_all(found, out, job, run, resume, advance)
        except KeyboardInterrupt:
            problem = f"Stopped: {len(done)} of {len(found)} are graded and kept"
        except OSError as error:
            problem = f"{error}: {len(done)} of {len(found)} are graded and kept"
    fail(f"{problem}. The same command goes on from here.", FELL_SHORT)


def _write(out: Path, results: list[Any], rules: Any, **options: bool) -> None:
    """Write what comes out, with the results of other lessons in the same folder."""
    from course_utils.grading.handback import hand_back
    from course_utils.grading.results import read_results

    lessons = {one.lesson for one in results}
    others = [one for one in read_results(out) if one.lesson not in lessons]
    try:
        hand_back(out, [*results, *others], rules, **options)
    except OSError as problem:
        fail(f"{problem}: the results are kept, the gradebook is not written.")


# --- after ---------------------------------------------------------------------------


def _tell(
    out: Path, job: Any, results: list[Any], seconds: float, as_json: bool
) -> None:
    from course_utils.grading.sandbox import what_is_not_guaranteed

    counts = Counter(one.status for one in results)
    gaps = what_is_not_guaranteed(job.level)
    if as_json:
        print_json(_as_json(out, job, results, counts, gaps, seconds))
    else:
        rows = [[status, str(number)] for status, number in counts.most_common()]
        print_table(str(out), ["status", "submissions"], rows, right=("submissions",))
        which = "" if job.class_seed is None else f", class seed {job.class_seed}"
        facts = f"{seconds:.1f} s, sandbox: {job.level}{which}"
        typer.echo(f"{len(results)} submissions, {facts}.")
        for gap in gaps:
            typer.echo(f"Not guaranteed: {gap}.")
        typer.echo(f"Read {out / 'report.html'}")
    if counts["grader_error"]:
        fail("Some could not be graded: run the same command again.", FELL_SHORT)


def _as_json(
    out: Path,
    job: Any,
    results: list[Any],
    counts: Counter,
    gaps: list[str],
    seconds: float,
) -> dict:
    shown = ("student", "lesson", "status", "points", "max_points", "seconds")
    return {
        "out": str(out),
        "sandbox": job.level,
        "class_seed": job.class_seed,
        "not_guaranteed": gaps,
        "seconds": round(seconds, 2),
        "statuses": dict(counts),
        "results": [{name: getattr(one, name) for name in shown} for one in results],
    }
