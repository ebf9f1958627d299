"""Check an answer where it stands: in the notebook, or in a notebook file."""

import inspect
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from course_utils.answers import encode
from course_utils.answers.execute import SECONDS, execute
from course_utils.answers.source import answer_cells, read_cells, setup_source
from course_utils.checks.judge import judge
from course_utils.checks.spec import load_check
from course_utils.checks.variants import kept_seed
from course_utils.checks.verdict import Verdict
from course_utils.progress import course_root, record_verdict
from course_utils.syllabus import Exercise, find_exercise

__all__ = ["check", "check_notebook", "check_sources"]

ALL_SECONDS = 120.0


def check(
    exercise: str, namespace: Mapping[str, Any] | None = None, seed: int | None = None
) -> Verdict:
    """Check the answer of an exercise, by default the one in the calling notebook.

    The inputs are drawn anew each time; `seed` repeats a draw. The verdict is noted
    in the reader's progress.

    Raises:
        ValueError: there is no such exercise; the message names the nearest.
    """
    found = find_exercise(exercise)
    if namespace is None:
        namespace = inspect.currentframe().f_back.f_globals
    rules = load_check(found.id, kept_seed())
    calls = rules.calls(_draw(seed))
    verdict = judge(rules, found, calls, execute(calls, namespace))
    record_verdict(course_root(), verdict)
    return verdict


def check_notebook(
    path: Path,
    only: str | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
    seed: int | None = None,
) -> list[Verdict]:
    """Check all answers of a notebook file; they run in a process of their own.

    `on_progress` hears of each exercise: its id, how many are done, how many in all.
    The reader's progress takes note of their own notebooks only, those in exercises/.

    Raises:
        ValueError: the file is no notebook, or holds no exercise of the course.
    """
    cells = read_cells(Path(path))
    answers = answer_cells(cells)
    known = {name: one for name in answers if (one := _known(name))}
    if only is not None:
        known = {name: one for name, one in known.items() if name == only}
    if not known:
        wanted = f"the exercise {only}" if only else "an exercise of this course"
        raise ValueError(f"{Path(path).name} does not hold {wanted}")
    verdicts = check_sources(setup_source(cells), answers, known, on_progress, seed)
    if Path(path).resolve().parent == course_root().resolve() / "exercises":
        for verdict in verdicts:
            record_verdict(course_root(), verdict)
    return verdicts


def check_sources(
    setup: str,
    answers: Mapping[str, str],
    exercises: Mapping[str, Exercise],
    on_progress: Callable[[str, int, int], None] | None = None,
    seed: int | None = None,
    seconds: float = SECONDS,
) -> list[Verdict]:
    """Run answers, given as source text, in a child process; judge them here."""
    drawn = _draw(seed)
    rules = {name: load_check(name, kept_seed()) for name in exercises}
    calls = {name: one.calls(drawn) for name, one in rules.items()}
    task = {"setup": setup, "cells": dict(answers), "calls": calls, "seconds": seconds}
    outcomes = _run_apart(task, on_progress)
    return [
        judge(rules[name], exercises[name], calls[name], outcomes[name])
        for name in exercises
    ]


def _run_apart(task: dict, on_progress: Callable | None) -> dict:
    """Run the worker on a task and wait for what it finds.

    Raises:
        ValueError: the answers ended the process, or took too long as a whole.
    """
    total = len(task["calls"])
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder, "task"), Path(folder, "out")
        encode.write(given, task)
        module = "course_utils.answers.worker"
        command = [sys.executable, "-m", module, str(given), str(out)]
        root = str(Path(__file__).resolve().parents[2])
        process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        progress = Path(f"{out}.progress")
        try:
            _watch(process, progress, total, on_progress)
        finally:
            process.kill()
            complaint = process.communicate()[1].decode(errors="replace")
        if not out.with_suffix(".json").exists():
            last = (complaint.strip().splitlines() or ["it ended early"])[-1]
            raise ValueError(
                f"the answers ended the process that ran them ({last}); "
                "look for exit(), endless loops, or very large tensors"
            )
        return encode.read(out)


def _watch(process, progress: Path, total: int, on_progress: Callable | None) -> None:
    """Pass on which exercises are done, until the process ends or its time is up."""
    end, told = time.monotonic() + ALL_SECONDS, 0
    while time.monotonic() < end:
        running = process.poll() is None
        done = progress.read_text().splitlines() if progress.exists() else []
        for name in done[told:]:
            told += 1
            if on_progress:
                on_progress(name, told, total)
        if not running:
            return
        time.sleep(0.05)


def _known(name: str) -> Exercise | None:
    try:
        return find_exercise(name)
    except ValueError:
        return None


def _draw(seed: int | None) -> int:
    return secrets.randbelow(2**31) if seed is None else seed
