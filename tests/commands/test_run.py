"""`course run`: every lesson is executed, weighed and judged; none is changed."""

import subprocess
import sys

import pytest

from course_utils.commands import run
from course_utils.commands.memory import ChildMemory
from course_utils.progress import read_progress
from tests.commands.conftest import write_notebook

KEYS = {"lesson", "notebook", "seconds", "seconds_budget", "peak_mb"}
KEYS |= {"peak_mb_budget", "error", "within"}


def measured(**changes):
    given = {
        "lesson": "02",
        "notebook": "02_attention.ipynb",
        "seconds": 5.0,
        "seconds_budget": 60.0,
        "peak_mb": 300.0,
        "peak_mb_budget": 2048.0,
    }
    return run.Measured(**(given | changes))


@pytest.fixture
def found(monkeypatch):
    """Let `course run` find these measurements, one for each lesson."""

    def give(*results):
        waiting = iter(results)
        monkeypatch.setattr(run, "measure", lambda *given: next(waiting))

    return give


@pytest.mark.timeout(120)
def test_two_lessons_run_in_order_and_stay_as_they_are(course, root):
    before = {path: path.read_bytes() for path in (root / "notebooks").iterdir()}
    called = course("run", "--json", "--threads", "1")
    assert called.code == 0
    assert set(called.json) == {
        *("lessons", "seconds", "seconds_budget", "peak_mb", "peak_mb_budget"),
        "within",
    }
    assert [one["lesson"] for one in called.json["lessons"]] == ["00", "02"]
    for one in called.json["lessons"]:
        assert set(one) == KEYS
        assert one["within"]
        assert one["seconds"] > 0
        assert one["peak_mb"] > 10
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(read_progress(root).lessons) == ["00", "02"]


@pytest.mark.timeout(120)
def test_a_broken_lesson_is_reported_and_the_next_still_runs(course, root):
    write_notebook(root, "00_welcome", "1 / 0")
    called = course("run")
    assert called.code == 1
    assert "ZeroDivisionError: division by zero" in called.out
    assert "failed" in called.out
    assert "fine" in called.out
    assert list(read_progress(root).lessons) == ["02"]


def test_a_file_that_is_no_notebook_is_reported(course, root):
    (root / "notebooks" / "00_welcome.ipynb").write_text("{")
    called = course("run", "00", "--json")
    assert called.code == 1
    assert "00_welcome.ipynb" in called.json["lessons"][0]["error"]


def test_an_unknown_lesson_is_named_before_anything_runs(course, root, found):
    found()
    called = course("run", "00", "77")
    assert called.code == 2
    assert "There is no lesson '77'" in called.err


def test_a_course_without_notebooks_says_so(course, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    called = course("run")
    assert called.code == 2
    assert "nothing to run" in called.err


def test_the_table_shows_what_is_allowed(course, root, found):
    found(measured(seconds=61.0), measured(peak_mb=2100.0))
    called = course("run")
    assert called.code == 1
    assert "too slow" in called.out
    assert "too large" in called.out
    assert "Together 66.0 s of 1200 s allowed." in called.out


def test_all_lessons_together_have_a_budget_too(course, root, found):
    many = {"seconds": 700.0, "seconds_budget": 800.0}
    found(measured(**many), measured(**many))
    called = course("run", "--json")
    assert [one["within"] for one in called.json["lessons"]] == [True, True]
    assert called.json["within"] is False
    assert called.code == 1


def test_lesson_07_trains_and_may_take_longer():
    assert run.budget_seconds("07") == 90
    assert run.budget_seconds("02") == 60


def test_child_processes_and_their_children_are_weighed():
    inner = "import time; x = bytearray(60_000_000); time.sleep(0.6)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with ChildMemory(every=0.02) as memory:
        subprocess.run([sys.executable, "-c", outer], check=True)
    assert memory.peak_mb > 60


def test_processes_that_were_there_before_are_not_weighed():
    sleeper = [sys.executable, "-c", "import time; time.sleep(30)"]
    with subprocess.Popen(sleeper) as other:
        with ChildMemory(every=0.01) as memory:
            subprocess.run([sys.executable, "-c", "pass"], check=True)
            known = memory._before
        other.kill()
    assert other.pid in known
