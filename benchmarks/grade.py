"""How fast is a class graded, compared with nbgrader's autograde?

    course bench grade

Right, wrong and blank notebooks of lesson 02 in turn. Both sides read the same files
with the same number of processes; nbgrader grades fewer of them, half before us and
half after, and must come to the same scores. Our time holds everything from the start
of the processes to the last result on disk; nbgrader's only the grading.
"""

import json as json_format
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import psutil

from benchmarks._nbgrader import Rival
from course_utils.authoring.exercises import find_blocks, learner_version
from course_utils.authoring.mutants import read_mutants
from course_utils.authoring.notebooks import as_text, read_notebook
from course_utils.grading.grade import grade_all
from course_utils.grading.intake import find_submissions
from course_utils.grading.job import Job, run_seed
from course_utils.grading.pool import Pool
from course_utils.grading.results import Result
from course_utils.grading.sandbox import probe
from course_utils.machine import Machine
from course_utils.syllabus import lesson, solution_path

__all__ = ["main"]

ROOT = Path(__file__).parents[1]
LESSON = lesson("02")
REQUIRED = 2.0  # times as many submissions a minute as nbgrader
KINDS = ("right", "wrong", "blank")
EVERY = 1.0  # seconds between two looks at the memory


def main(
    json: bool = False, count: int = 200, rivals: int = 12, processes: int = 2
) -> dict:
    """Grade `count` notebooks, `rivals` of them with nbgrader too; print the table.

    Raises:
        AssertionError: scores differ, or ours is not twice as fast.
    """
    with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
        report = measure(Path(folder), count, rivals, processes)
    print(json_format.dumps(report, indent=1) if json else "\n".join(lines(report)))
    ratio = report["ratio_to_nbgrader"]
    assert ratio >= REQUIRED, f"only {ratio:.2f} times as fast as nbgrader"
    return report


def measure(folder: Path, count: int, rivals: int, processes: int) -> dict:
    """Return the figures; nbgrader and we take turns, so that both meet a busy hour."""
    notebooks = hand_in(folder / "submissions", count)
    names = list(notebooks)[:rivals]
    halves = [names[: len(names) // 2], names[len(names) // 2 :]]
    theirs, their_seconds = {}, 0.0
    for turn, half in enumerate(halves):
        if turn == 1:
            results, our_seconds, peak = ours(folder, processes)
        if half:
            place = folder / f"turn{turn}"
            with Rival(ROOT, LESSON, place, min(processes, len(half))) as rival:
                found, seconds = rival.grade({name: notebooks[name] for name in half})
            theirs |= found
            their_seconds += seconds
    demand_equal(results, theirs)
    per_minute, rate = 60 * count / our_seconds, 60 * rivals / their_seconds
    return {
        "submissions_per_minute": round(per_minute, 1),
        "seconds_each": round(statistics.median(one.seconds for one in results), 2),
        "ratio_to_nbgrader": round(per_minute / rate, 2),
        "sandbox": results[0].sandbox,
        "worker_mb": round(peak / processes),
        "submissions": count,
        "processes": processes,
        "nbgrader_submissions": rivals,
        "nbgrader_per_minute": round(rate, 1),
        "machine": str(Machine.here(1)),
    }


# --- what is graded ------------------------------------------------------------------


def hand_in(folder: Path, count: int) -> dict[str, Path]:
    """Write so many notebooks, right, wrong and blank in turn; return their paths."""
    solved = read_notebook(solution_path(LESSON, ROOT))
    right = {f"answer-{one.name}": "" for one in LESSON.exercises}
    right = {
        cell.id: unmarked(cell.source) for cell in solved.cells if cell.id in right
    }
    wrong = {f"answer-{one.name}": cycle(mutants(one.id)) for one in LESSON.exercises}
    paths = {}
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        nb = learner_version(solved, LESSON)
        answers = right if kind != "blank" else {}
        if kind == "wrong":  # every other exercise, each time with another mistake
            spoiled = list(wrong)[number % 2 :: 2]
            answers = right | {name: next(wrong[name]) for name in spoiled}
        for cell in nb.cells:
            cell.source = answers.get(cell.id, cell.source)
        path = folder / f"{number:03}-{kind}" / f"{LESSON.name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(as_text(nb), encoding="utf-8")
        paths[path.parent.name] = path
    return paths


def unmarked(source: str) -> str:
    """Return an answer without the two lines that mark it."""
    edges = {at for block in find_blocks(source) for at in (block.first, block.last)}
    kept = enumerate(source.split("\n"))
    return "\n".join(line for at, line in kept if at not in edges)


def mutants(exercise: str) -> list[str]:
    """Return wrong answers of an exercise, none of which runs forever."""
    known = [one for one in read_mutants(ROOT, (LESSON,)) if one.exercise == exercise]
    return [one.code for one in known if not one.right and one.slip != "hangs"]


# --- how it is graded ----------------------------------------------------------------


def ours(folder: Path, processes: int) -> tuple[list[Result], float, float]:
    """Grade everything; return the results, the seconds, and the MB at the peak."""
    out = folder / "results"
    out.mkdir()
    done, peaks = threading.Event(), [0.0]
    watch = threading.Thread(target=_watch, args=(done, peaks), daemon=True)
    level = probe()
    watch.start()
    started = time.perf_counter()
    submissions = find_submissions(folder / "submissions", LESSON.number)
    job = Job(run_seed(out), level)
    results = grade_all(submissions, out, job, Pool(processes))
    seconds = time.perf_counter() - started
    done.set()
    watch.join()
    return results, seconds, max(peaks)


def _watch(done: threading.Event, peaks: list[float]) -> None:
    while not done.wait(EVERY):
        below = psutil.Process().children(recursive=True)
        peaks.append(sum(map(_own_mb, below)))


def _own_mb(process: psutil.Process) -> float:
    """Return the memory of a process; what several share counts once in all."""
    try:
        return process.memory_full_info().pss / 2**20
    except psutil.Error:
        return 0.0


def demand_equal(results: list[Result], theirs: dict[str, float]) -> None:
    """Raise AssertionError unless scores are as they must be, on both sides."""
    scores = {one.student: one.points for one in results}
    for student, points in scores.items():
        known = {"right": LESSON.points, "blank": 0}.get(student.split("-")[1])
        is_sound = points is not None and known in (None, points)
        assert is_sound, f"{student} has {points} points"
    for student, points in theirs.items():
        mine = scores[student]
        assert mine == points, f"{student}: {mine} points, {points} by nbgrader"


def lines(report: dict) -> Iterator[str]:
    """Yield the table in Markdown."""
    yield "| grader | sandbox | submissions | a minute |"
    yield "|-|-|-:|-:|"
    yield (
        f"| `course grade` | {report['sandbox']} | {report['submissions']} "
        f"| **{report['submissions_per_minute']}** |"
    )
    yield (
        f"| nbgrader autograde | none | {report['nbgrader_submissions']} "
        f"| {report['nbgrader_per_minute']} |"
    )
    yield ""
    yield (
        f"**{report['ratio_to_nbgrader']} times** as many as nbgrader, with "
        f"{report['processes']} processes each. Notebooks of lesson {LESSON.number}, "
        f"right, wrong and blank in turn, with equal scores wherever both have graded. "
        f"One takes {report['seconds_each']} s (median); a process and its sandboxes "
        f"hold {report['worker_mb']} MB at the peak; {report['machine']}."
    )


if __name__ == "__main__":
    main()
