"""Processes that grade with nbgrader, each in a course folder of its own.

    with Rival(folder, processes=2) as rival:    # nbgrader has loaded
        scores, seconds = rival.grade({"ada": Path("ada.ipynb")})

One folder each, so that no process waits for another one's database; the assignments
are generated before anything is timed.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue

from course_utils.grading.nbgrader import export_course
from course_utils.syllabus import Lesson

__all__ = ["Rival"]

READY = "ready"


class Rival:
    """Several processes that grade with nbgrader."""

    def __init__(self, root: Path, lesson: Lesson, folder: Path, processes: int):
        self.workers = []
        for number in range(processes):
            course = folder / f"nbgrader{number}"
            export_course(root, course, [lesson])
            self.workers.append(_start(root, lesson, course))

    def __enter__(self) -> "Rival":
        for worker in self.workers:
            _hear(worker, READY)
        return self

    def __exit__(self, *problem: object) -> None:
        for worker in self.workers:
            worker.communicate()

    def grade(self, notebooks: dict[str, Path]) -> tuple[dict[str, float], float]:
        """Return each student's score, and how many seconds it took in all."""
        left: SimpleQueue = SimpleQueue()
        for one in notebooks.items():
            left.put(one)
        started = time.perf_counter()
        with ThreadPoolExecutor(len(self.workers)) as threads:
            parts = threads.map(lambda worker: _drain(worker, left), self.workers)
            scores = {name: score for part in parts for name, score in part.items()}
        return scores, time.perf_counter() - started


def _start(root: Path, lesson: Lesson, course: Path) -> subprocess.Popen:
    programs = Path(sys.executable).parent  # nbgrader calls `alembic` by name
    own = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(root),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_DIR": str(course / "jupyter"),
        "JUPYTER_DATA_DIR": str(course / "jupyter"),
        "COURSE_ROOT": str(course / "checks"),
    }
    with (course / "log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks._nbgrader", lesson.name, str(course)],
            cwd=course,
            env=os.environ | own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            bufsize=1,
        )


def _drain(worker: subprocess.Popen, left: SimpleQueue) -> dict[str, float]:
    found = {}
    while True:
        try:
            name, path = left.get_nowait()
        except Empty:
            return found
        print(json.dumps([name, str(path)]), file=worker.stdin, flush=True)
        found[name] = float(_hear(worker, "score"))


def _hear(worker: subprocess.Popen, word: str) -> str:
    """Return what follows a word in the next line that begins with it."""
    for line in worker.stdout:
        first, _, rest = line.strip().partition(" ")
        if first == word:
            return rest
    log = Path(worker.args[-1], "log").read_text()
    raise RuntimeError(f"nbgrader has ended: {log[-500:]}")


# --- inside such a process -----------------------------------------------------------


def _serve(assignment: str) -> None:
    from nbgrader.apps import NbGraderAPI
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", os.getcwd()).load_config()
    api = NbGraderAPI(config=config)
    _demand(api.generate_assignment(assignment, force=True, create=True))
    print(READY, flush=True)
    for line in sys.stdin:
        student, path = json.loads(line)
        print("score", _score(api, assignment, student, Path(path)), flush=True)


def _score(api, assignment: str, student: str, path: Path) -> float:
    folder = Path("submitted", student, assignment)
    folder.mkdir(parents=True)
    (folder / f"{assignment}.ipynb").write_bytes(path.read_bytes())
    _demand(api.autograde(assignment, student, force=True, create=True))
    with api.gradebook as book:
        return book.find_submission(assignment, student).score


def _demand(result: dict) -> None:
    if not result["success"]:
        raise RuntimeError(result.get("error") or result["log"])


if __name__ == "__main__":
    _serve(sys.argv[1])
