"""The grader is killed at random moments; the next run goes on where it stopped."""

import contextlib
import csv
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from course_utils.grading.results import read_result
from course_utils.grading.sandbox import probe

pytestmark = pytest.mark.timeout(1800)

ROOT = Path(__file__).resolve().parents[2]
NAME = "00_welcome.ipynb"
CLASS = 40
PATIENCE = 600.0
ANSWERS = {
    "right": "def share_right(written, wanted):\n"
    "    return sum(a == b for a, b in zip(written, wanted)) / len(wanted)",
    "wrong": "def share_right(written, wanted):\n    return 1.0",
    "blank": "pass",
}
# Every second one needs no sandbox, so that the run is short.
KINDS = ("right", "no-json", "wrong", "link", "blank", "latin-1", "right", "no-answer")


def notebook(source):
    """Return a notebook of lesson 00 with one answer."""
    text = (ROOT / "solutions" / NAME).read_text(encoding="utf-8")
    found = json.loads(text)
    for cell in found["cells"]:
        if cell["id"] == "answer-share":
            cell["source"] = source
    return found


def submit(folder, kind):
    """Write one submission."""
    folder.mkdir(parents=True)
    path = folder / NAME
    if kind == "link":
        path.symlink_to("/dev/null")
    elif kind == "no-json":
        path.write_text("Dear teacher")
    elif kind == "latin-1":
        path.write_bytes("Zoë".encode("latin-1"))
    elif kind == "no-answer":
        path.write_text(json.dumps({"cells": []}))
    else:
        path.write_text(json.dumps(notebook(ANSWERS[kind])))


def start(source, out):
    """Start `course grade`."""
    level = probe()
    options = ["--lesson", "00", "--seed", "3", "--memory", "2", "--sandbox", level]
    options += ["--allow-unsandboxed"] if level == "rlimits" else []
    return subprocess.Popen(
        [sys.executable, "-m", "course_utils", "grade", source, "--out", out, *options],
        env={**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(out.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )


def finish(source, out):
    """Let `course grade` run to its end."""
    process = start(source, out)
    complaints = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 0, complaints.decode()[-2000:]


def written(out):
    """Return the result files so far, with their bytes."""
    return {one.name: one.read_bytes() for one in (out / "results").glob("*.json")}


def kill_at(source, out, number, delay):
    """Start, and `kill -9` a little after so many results are there.

    Returns the processes that the grader had started.
    """
    process, end = start(source, out), time.monotonic() + PATIENCE
    while len(written(out)) < number and process.poll() is None:
        assert time.monotonic() < end, "the grader does not get on"
        time.sleep(0.01)
    time.sleep(delay)
    below = []
    with contextlib.suppress(psutil.Error):
        below = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    return below


def alive(processes):
    """Return those processes that still run."""
    found = []
    for one in processes:
        with contextlib.suppress(psutil.Error):
            if one.is_running() and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found


def assert_all_end(processes, seconds=60.0):
    """Assert that processes end soon, whose grader has been killed."""
    end = time.monotonic() + seconds
    while alive(processes) and time.monotonic() < end:
        time.sleep(0.05)
    assert alive(processes) == []


def gradebook(out):
    """Return the rows of the gradebook, but for the seconds."""
    with (out / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row.pop("seconds") is not None for row in rows)
    return rows


def results(out):
    """Return all results as data, but for the seconds."""
    found = {name: json.loads(data) for name, data in written(out).items()}
    assert all(one.pop("seconds") >= 0 for one in found.values())
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A class of 40, and the folder of a run that nothing has interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    folder.chmod(0o755)
    for i in range(CLASS):
        submit(folder / "given" / f"student-{i:02}", KINDS[i % len(KINDS)])
    finish(folder / "given", folder / "out")
    return folder / "given", folder / "out"


def assert_survives(whole, folder, kills, seed):
    """Kill the grader so many times in one run; assert that nothing comes of it."""
    source, uninterrupted = whole
    folder.chmod(0o755)
    out, dice = folder / "out", random.Random(seed)
    kept, amid = {}, 0
    for number in sorted(dice.sample(range(CLASS), kills)):
        below = kill_at(source, out, number, dice.uniform(0, 1))
        assert_all_end(below)
        now = written(out)
        assert kept.items() <= now.items()  # nothing lost, nothing graded again
        assert all(read_result(out / "results" / name) for name in now)
        kept, amid = now, amid + (0 < len(now) < CLASS)
    finish(source, out)
    assert amid > 0
    assert kept.items() <= written(out).items()
    assert results(out) == results(uninterrupted)
    assert gradebook(out) == gradebook(uninterrupted)
    assert (out / "report.html").exists()


def test_a_run_that_nothing_interrupts_grades_everybody_once(whole):
    rows = gradebook(whole[1])
    assert len(rows) == len({row["student"] for row in rows}) == CLASS
    statuses = [row["status"] for row in rows]
    assert statuses[:4] == ["graded", "unreadable", "graded", "refused"]
    assert [row["points"] for row in rows[:5:2]] == ["1", "0", "0"]


def test_a_grader_that_is_killed_three_times_loses_and_doubles_nothing(whole, tmp_path):
    assert_survives(whole, tmp_path, kills=3, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_a_grader_that_is_killed_again_and_again(whole, tmp_path, seed):
    assert_survives(whole, tmp_path, kills=5, seed=seed)
