"""On a cluster a class gets the results of the local pool, whatever dies meanwhile."""

import os
import signal
from dataclasses import replace
from types import SimpleNamespace

import pytest

distributed = pytest.importorskip("distributed")

from benchmarks.grade import hand_in  # noqa: E402
from course_utils.grading.grade import grade_all, grade_here  # noqa: E402
from course_utils.grading.intake import Submission, find_submissions  # noqa: E402
from course_utils.grading.job import Job  # noqa: E402
from course_utils.grading.limits import Limits  # noqa: E402
from course_utils.grading.results import read_results  # noqa: E402
from course_utils.grading.sandbox import probe  # noqa: E402
from course_utils.grading.scheduler import Cluster, _result, _unpacked  # noqa: E402

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def cluster():
    options = {"threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=3, processes=True, **options) as started:
        yield started


def job():
    return Job(11, probe(), Limits(seconds=300))


def timeless(results):
    return [replace(one, seconds=0) for one in results]


def kill_one_at_work(cluster):
    """End a worker process that has not finished what it is doing."""
    busy = {one.address for one in cluster.scheduler.workers.values() if one.processing}
    nanny = next(one for one in cluster.workers.values() if one.worker_address in busy)
    os.kill(nanny.pid, signal.SIGKILL)
    return nanny


def test_a_dead_worker_costs_no_result_and_doubles_none(tmp_path, cluster):
    hand_in(tmp_path / "in", 5)
    (tmp_path / "in" / "hal").mkdir()
    (tmp_path / "in" / "hal" / "02_attention.ipynb").write_bytes(b"\xff no notebook")
    found = find_submissions(tmp_path / "in")
    heard, killed = [], []

    def on_result(result):
        heard.append(result.student)
        if result.status == "graded" and not killed:
            killed.append(kill_one_at_work(cluster))

    run = Cluster(cluster.scheduler_address)
    results = grade_all(found, tmp_path / "far", job(), run, on_result=on_result)
    assert killed
    assert sorted(heard) == [one.student for one in found]
    assert [one.status for one in results] == ["graded"] * 5 + ["unreadable"]
    here = grade_all(found, tmp_path / "near", job(), grade_here)
    assert timeless(results) == timeless(here)
    assert timeless(read_results(tmp_path / "far")) == timeless(results)
    # The sandboxes that were ready, and the tasks, are gone from the cluster.
    assert not any("course-grade" in name for name in cluster.scheduler.worker_plugins)
    assert not cluster.scheduler.tasks


def test_a_worker_with_another_course_grades_nothing(tmp_path, cluster, monkeypatch):
    module = "course_utils.grading.scheduler"
    hand_in(tmp_path / "in", 1)
    found = find_submissions(tmp_path / "in")
    monkeypatch.setattr(f"{module}.course_stamp", lambda: "9.9+old")
    [result] = Cluster(cluster.scheduler_address)(job(), found)
    assert result.status == "grader_error"
    assert "another version of the course" in result.message
    assert "9.9+old" in result.message


def test_nobody_at_the_address_is_an_os_error(monkeypatch):
    monkeypatch.setattr("course_utils.grading.scheduler.CONNECT_SECONDS", 0.2)
    someone = Submission("ada", "02")
    assert list(Cluster("tcp://127.0.0.1:1")(job(), [])) == []
    with pytest.raises(OSError, match=r"127\.0\.0\.1:1"):
        list(Cluster("tcp://127.0.0.1:1")(job(), [someone]))


def test_a_task_that_no_worker_finishes_is_an_error_of_the_grader():
    class Lost:
        def result(self):
            last = SimpleNamespace(address="tcp://worker")
            raise distributed.scheduler.KilledWorker("task", last, 3)

    found = _result(Lost(), Submission("ada", "02", fingerprint="f"), job())
    assert (found.status, found.fingerprint) == ("grader_error", "f")
    assert "KilledWorker" in found.message


def test_a_notebook_travels_under_its_own_name(tmp_path):
    given = Submission("ada", "02", tmp_path / "02_attention.ipynb")
    with _unpacked(given, b"cells") as local:
        assert local.path != given.path
        assert (local.path.name, local.path.read_bytes()) == (given.path.name, b"cells")
    assert not local.path.exists()
    with _unpacked(given, None) as local:
        assert local is given
