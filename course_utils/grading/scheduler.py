"""Grade on a Dask cluster: the same work as in the pool, on other machines.

    run = Cluster("tcp://10.0.0.1:8786")    # a `run` for `grade_all`

Every worker needs this version of the course; one that holds another one says so and
grades nothing. The notebooks travel with the tasks, so that no file system need be
shared. A worker process grades one submission at a time, with the next sandbox ready.
"""

import contextlib
import os
import tempfile
import threading
import uuid
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from distributed import Client, Future, Worker, WorkerPlugin, as_completed, get_worker

from course_utils.grading.grade import grade_one, in_short, not_graded
from course_utils.grading.intake import MOST_BYTES, Submission
from course_utils.grading.job import Job, course_stamp
from course_utils.grading.results import Result
from course_utils.grading.runner import Supply

__all__ = ["Cluster"]

CONNECT_SECONDS = 30
WORDS = {
    "workers": "the cluster {address} has no workers",
    "version": "a worker holds another version of the course: {theirs}, not {ours}",
    "lost": "no worker could finish this ({problem}); grade it again",
}


class Cluster:
    """Grade on the cluster with this address: a `run` for `grade_all`.

    The work of a worker that dies is done by another one.
    """

    def __init__(self, address: str):
        self.address = address

    def __call__(
        self, job: Job, submissions: Sequence[Submission]
    ) -> Generator[Result]:
        """Yield the results as they come, in any order.

        Raises:
            OSError: nobody answers at the address, or there are no workers.
        """
        if not submissions:
            return
        with Client(self.address, timeout=CONNECT_SECONDS) as client:
            _await_workers(client, self.address)
            plugin = _Grader(job, course_stamp())
            client.register_plugin(plugin)
            futures: dict[Future, Submission] = {}
            try:
                for number, one in enumerate(submissions):
                    key = f"{plugin.name}-{number}"
                    sent = client.submit(_work, plugin.name, one, _bytes(one), key=key)
                    futures[sent] = one
                for future in as_completed(futures):
                    yield _result(future, futures[future], job)
            finally:
                client.cancel(list(futures))
                client.unregister_worker_plugin(plugin.name)


def _await_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        raise OSError(WORDS["workers"].format(address=address)) from None


def _bytes(submission: Submission) -> bytes | None:
    """Return what the notebook's file holds; the fingerprint shows a change."""
    if submission.path is None:
        return None
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(submission.path, flags), "rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError:
        return None  # the worker says what is wrong, in the grader's own words


def _result(future: Future, submission: Submission, job: Job) -> Result:
    try:
        return future.result()
    except Exception as problem:  # such as KilledWorker, after several deaths
        text = WORDS["lost"].format(problem=in_short(problem))
        return not_graded(submission, job, text)


# --- on a worker ---------------------------------------------------------------------


class _Grader(WorkerPlugin):
    """What a worker holds during a run: the job, and the sandbox for the next task."""

    def __init__(self, job: Job, course: str):
        self.name = f"course-grade-{uuid.uuid4().hex}"
        self.job, self.course = job, course
        self.supply = self.turn = None

    def setup(self, worker: Worker) -> None:
        self.supply = Supply(self.job.level, self.job.limits)
        self.turn = threading.Lock()

    def teardown(self, worker: Worker) -> None:
        self.supply.close()

    def grade(self, submission: Submission) -> Result:
        job = self.job
        if course_stamp() != self.course:
            versions = {"theirs": course_stamp(), "ours": self.course}
            return not_graded(submission, job, WORDS["version"].format(**versions))
        with self.turn:
            return grade_one(submission, job, self.supply)


def _work(plugin: str, submission: Submission, notebook: bytes | None) -> Result:
    with _unpacked(submission, notebook) as local:
        return get_worker().plugins[plugin].grade(local)


@contextlib.contextmanager
def _unpacked(submission: Submission, notebook: bytes | None) -> Iterator[Submission]:
    """Give a submission a file on this machine, under the same name."""
    if notebook is None:
        yield submission
        return
    with tempfile.TemporaryDirectory(prefix="course-grade-") as folder:
        path = Path(folder, submission.path.name)
        path.write_bytes(notebook)
        yield replace(submission, path=path)
