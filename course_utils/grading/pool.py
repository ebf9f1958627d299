"""Grade with several processes; one that dies costs nothing but time."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize

from course_utils.grading.grade import grade_here, grade_one, not_graded
from course_utils.grading.intake import Submission
from course_utils.grading.job import Job
from course_utils.grading.results import Result
from course_utils.grading.runner import Supply

__all__ = ["Pool"]

MESSAGE = "the grader's process ended while it was at work on this; grade it again"


class Pool:
    """Grade with so many processes: `Pool(2)` is a `run` for `grade_all`.

    When a process dies, the others' work is repeated; from then on one submission at
    a time is graded, so that the one whose grader dies again is known.
    """

    def __init__(self, jobs: int):
        self.jobs = jobs

    def __call__(
        self, job: Job, submissions: Sequence[Submission]
    ) -> Generator[Result]:
        """Yield the results as they come, in any order."""
        if self.jobs == 1 or len(submissions) < 2:
            yield from grade_here(job, submissions)
            return
        left = list(submissions)
        for one, result in _together(job, left, min(self.jobs, len(left))):
            left.remove(one)
            yield result
        for one in left:
            yield _alone(job, one)


def _executor(job: Job, jobs: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(job,))


def _together(
    job: Job, submissions: Sequence[Submission], jobs: int
) -> Iterator[tuple[Submission, Result]]:
    """Yield submissions with their results; end early when a process dies."""
    executor = _executor(job, jobs)
    try:
        futures = {executor.submit(_work, one): one for one in submissions}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenProcessPool:
        return
    finally:
        _end(executor)


def _alone(job: Job, submission: Submission) -> Result:
    for _, result in _together(job, [submission], 1):
        return result
    return not_graded(submission, job, MESSAGE)


def _end(executor: ProcessPoolExecutor) -> None:
    """Stop at once: what is not finished is for the next run."""
    processes = list((executor._processes or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for one in processes:
        one.terminate()
    for one in processes:
        one.join()


# --- inside a process of the pool ----------------------------------------------------

_held: dict[str, object] = {}


def _start(job: Job) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who waits
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_watch, daemon=True).start()
    supply = Supply(job.level, job.limits)
    _held.update(job=job, supply=supply)
    Finalize(None, _clear, exitpriority=10)


def _leave(number: int, frame: object) -> None:
    raise SystemExit(0)


def _clear() -> None:
    """Leave no sandbox behind that is ready, and let nobody interrupt this."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _held["supply"].close()


def _watch() -> None:
    """End with the grader, even where it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(submission: Submission) -> Result:
    job, supply = _held["job"], _held["supply"]
    return grade_one(submission, job, supply)
