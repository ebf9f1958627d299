"""Grade submissions: each in a sandbox of its own, judged outside of it."""

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from course_utils.answers.execute import execute
from course_utils.answers.source import answer_cells, setup_source
from course_utils.checks.judge import BrokenCheckError, judge
from course_utils.checks.messages import WORDS as CHECK_WORDS
from course_utils.checks.spec import load_check
from course_utils.checks.verdict import Verdict
from course_utils.grading.intake import Submission, read_submission
from course_utils.grading.job import Job
from course_utils.grading.results import Result, path_of, read_result, write_result
from course_utils.grading.runner import Supply, run_task
from course_utils.measure import limited_threads
from course_utils.syllabus import Exercise, lesson

__all__ = ["Run", "grade_all", "grade_here", "grade_one", "in_short", "not_graded"]

Run = Callable[[Job, Sequence[Submission]], Generator[Result]]

SECONDS = 5.0  # for one call, as in `course check`
WORDS = {
    "missing": "nothing was handed in",
    "empty": "it holds no answer cell of lesson {lesson}; the marks that name them "
    "are gone: copy the answers into a fresh notebook of the course",
    "unjudged": "The check could not look at what this answer returned. Return what "
    "the exercise asks for, and nothing else.",
    "unjudged-note": "{exercise} could not be judged ({error}): look at it yourself",
}


def grade_one(submission: Submission, job: Job, supply: Supply | None = None) -> Result:
    """Grade one submission; whatever goes wrong is a status, never an exception.

    `supply` has sandboxes ready.
    """
    started = time.perf_counter()
    try:
        with limited_threads(1):  # the same numbers on every machine
            found = _grade(submission, job, supply)
    except Exception as error:  # a fault of ours must not end the run
        found = {"status": "grader_error", "message": in_short(error)}
    seconds = round(time.perf_counter() - started, 2)
    return _result(submission, job, seconds=seconds, **found)


def not_graded(submission: Submission, job: Job, message: str) -> Result:
    """Return the result of a submission that the grader itself has failed."""
    return _result(submission, job, status="grader_error", message=message)


def in_short(error: BaseException) -> str:
    """Return what went wrong, as a result may say it."""
    return f"{type(error).__name__}: {error}"[:300]


def _result(submission: Submission, job: Job, **found: Any) -> Result:
    return Result(
        submission.student,
        submission.lesson,
        max_points=_most_points(submission.lesson),
        fingerprint=submission.fingerprint,
        **job.stamp,
        **found,
    )


def grade_here(job: Job, submissions: Sequence[Submission]) -> Generator[Result]:
    """Grade one submission after the other in this process."""
    if not submissions:
        return
    supply = Supply(job.level, job.limits)
    try:
        for one in submissions:
            yield grade_one(one, job, supply)
    finally:
        supply.close()


def grade_all(
    submissions: Sequence[Submission],
    out: Path,
    job: Job,
    run: Run = grade_here,
    resume: bool = True,
    on_result: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Grade submissions into a run folder; return the results in the same order.

    Each result is written as soon as it is there. With `resume` those of an earlier
    run are kept where notebook, seed, course, sandbox and settings are the same.
    `run` decides where the work is done; `on_result` hears of every result.

    Raises:
        OSError: the folder cannot be written to.
    """
    found = {one: _earlier(out, one, job) for one in submissions if resume}
    found = {one: result for one, result in found.items() if result}
    for result in found.values():
        on_result(result)
    left = [one for one in submissions if one not in found]
    names = {(one.student, one.lesson): one for one in left}
    with contextlib.closing(run(job, left)) as arriving:
        for result in arriving:
            write_result(out, result)
            found[names[result.student, result.lesson]] = result
            on_result(result)
    return [found[one] for one in submissions]


def _earlier(out: Path, submission: Submission, job: Job) -> Result | None:
    """Return the result of an earlier run if nothing that decides has changed."""
    try:
        result = read_result(path_of(out, submission.student, submission.lesson))
    except ValueError:
        return None
    told = {name: getattr(result, name) for name in job.stamp}
    same = told == job.stamp and result.fingerprint == submission.fingerprint
    final = result.fingerprint and result.status != "grader_error"
    return result if same and final else None


def _grade(submission: Submission, job: Job, supply: Supply | None) -> dict[str, Any]:
    """Return status, points, message and exercises."""
    if submission.problem:
        return {"status": "refused", "message": submission.problem}
    if submission.path is None:
        return {"status": "missing", "message": WORDS["missing"]}
    exercises = {one.id: one for one in lesson(submission.lesson).exercises}
    try:
        cells = read_submission(submission)
        answers = answer_cells(cells)
        if not exercises.keys() & answers.keys():
            raise ValueError(WORDS["empty"].format(lesson=submission.lesson))
    except ValueError as problem:
        return {"status": "unreadable", "message": str(problem)}
    present = {name: exercises[name] for name in answers if name in exercises}
    rules = {name: load_check(name, job.class_seed) for name in present}
    calls = {name: one.calls(job.seed) for name, one in rules.items()}
    task = {"setup": setup_source(cells), "cells": answers, "seconds": SECONDS}
    sandbox = supply.take() if supply else None
    ended = run_task(task | {"calls": calls}, job.level, job.limits, sandbox)
    if ended.status != "graded":
        return {"status": ended.status, "message": ended.message}
    found = _judged(exercises, rules, calls, ended.outcomes)
    if job.class_seed is not None:
        for one in found["exercises"]:
            one["class_seed"] = job.class_seed
    return found


def _judged(
    exercises: dict[str, Exercise], rules: dict, calls: dict, outcomes: dict
) -> dict[str, Any]:
    verdicts, notes = [], []
    for name, exercise in exercises.items():
        if name not in outcomes:
            verdicts.append(_absent(exercise))
            continue
        try:
            found = judge(rules[name], exercise, calls[name], outcomes[name])
        except BrokenCheckError:  # our fault: nobody loses points by it
            raise
        except Exception as error:  # provoked by what the answer returned?
            right = execute(calls[name], rules[name].answer)
            judge(rules[name], exercise, calls[name], right)  # else it is our fault
            found = _unjudged(exercise)
            kind = type(error).__name__
            notes.append(WORDS["unjudged-note"].format(exercise=name, error=kind))
        verdicts.append(found)
    return {
        "status": "graded",
        "points": sum(one.points for one in verdicts),
        "message": "; ".join(notes),
        "exercises": [one.as_json() for one in verdicts],
    }


def _absent(exercise: Exercise) -> Verdict:
    text = CHECK_WORDS["missing"].format(name=exercise.answers[0])
    return Verdict(exercise.id, "not attempted", 0, exercise.points, advice=text)


def _unjudged(exercise: Exercise) -> Verdict:
    return Verdict(
        exercise.id,
        "failed",
        0,
        exercise.points,
        slip="not-judged",
        advice=WORDS["unjudged"],
    )


def _most_points(number: str) -> float:
    try:
        return lesson(number).points
    except ValueError:
        return 0
