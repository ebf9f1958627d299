"""Grading submissions: honest points, one status each, and no rerun for nothing."""

import json
from dataclasses import replace

import pytest

from course_utils.checks.check import check_notebook
from course_utils.grading import grade, job
from course_utils.grading.grade import grade_all, grade_here, grade_one
from course_utils.grading.intake import Submission, find_submissions
from course_utils.grading.job import Job, run_seed, seed_hash
from course_utils.grading.limits import Limits
from course_utils.grading.pool import Pool
from course_utils.grading.results import Result
from course_utils.grading.runner import Ended
from course_utils.grading.sandbox import probe
from tests.grading.folders import BLANK, hand_in, notebook

JOB = Job(7, probe(), Limits(seconds=30))
MIXED = notebook(
    scores="def scores(q, k):\n    return q @ k.T",
    bias="def attention_with_bias(q, k, v, mask=None, bias=None):\n    while True: 1",
    leaks="leaks = 'a'",
)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Three submissions, graded one after the other, and where their files are."""
    folder = tmp_path_factory.mktemp("submissions")
    hand_in(folder, "good")
    hand_in(folder, "blank", BLANK.read_text())
    hand_in(folder, "mixed", MIXED)
    results = list(grade_here(JOB, find_submissions(folder)))
    return folder, {one.student: one for one in results}


def test_a_solution_gets_all_points_and_a_blank_none(graded):
    good, blank = (graded[1][name] for name in ("good", "blank"))
    assert (good.status, good.points, good.max_points) == ("graded", 13, 13)
    assert (blank.status, blank.points) == ("graded", 0)
    assert {one["status"] for one in blank.exercises} == {"not attempted"}
    assert good.sandbox == JOB.level
    assert good.seed == seed_hash(7) != "7"


def test_points_and_slips_are_those_of_course_check(graded):
    folder, results = graded
    for student, result in results.items():
        path = folder / student / "02_attention.ipynb"
        told = {one.exercise: one for one in check_notebook(path, seed=7)}
        assert [one["exercise"] for one in result.exercises] == list(told)
        for one in result.exercises:
            assert one == told[one["exercise"]].as_json()


def test_a_hang_fails_its_exercise_alone(graded):
    slips = {one["exercise"]: one["slip"] for one in graded[1]["mixed"].exercises}
    assert slips["02-bias"] == "hangs"
    assert slips["02-scores"] == "no-scale"
    assert slips["02-attention"] == slips["02-mend"] == ""


def test_the_same_submission_gives_the_same_result(graded):
    folder, results = graded
    [one] = [x for x in find_submissions(folder) if x.student == "mixed"]
    again = grade_one(one, JOB)
    assert replace(again, seconds=0) == replace(results["mixed"], seconds=0)


# --- statuses ------------------------------------------------------------------------


def graded_as(submission, monkeypatch=None, ended=None):
    if ended:
        monkeypatch.setattr(grade, "run_task", lambda *given: ended)
    return grade_one(submission, JOB)


def one_of(tmp_path, text=None):
    hand_in(tmp_path, "ada", text)
    [found] = find_submissions(tmp_path)
    return found


def test_what_was_not_read_has_no_points(tmp_path):
    missing = graded_as(Submission("ada", "02"))
    refused = graded_as(Submission("ada", "02", problem="a link"))
    broken = graded_as(one_of(tmp_path, "{"))
    statuses = [one.status for one in (missing, refused, broken)]
    assert statuses == ["missing", "refused", "unreadable"]
    assert {one.points for one in (missing, refused, broken)} == {None}
    assert {one.max_points for one in (missing, refused, broken)} == {13}
    assert refused.message == "a link"


def test_a_notebook_without_its_marks_is_unreadable_and_says_why(tmp_path):
    book = json.loads(notebook())
    for cell in book["cells"]:
        cell["metadata"] = {}
    result = graded_as(one_of(tmp_path, json.dumps(book)))
    assert result.status == "unreadable"
    assert "no answer cell of lesson 02" in result.message


def test_an_exercise_without_its_cell_is_not_attempted(tmp_path):
    book = json.loads(notebook())
    book["cells"] = [one for one in book["cells"] if one["id"] != "answer-scores"]
    result = graded_as(one_of(tmp_path, json.dumps(book)))
    assert result.exercises[0]["status"] == "not attempted"
    assert result.points == 11


@pytest.mark.parametrize("status", ["timeout", "died", "out_of_memory", "grader_error"])
def test_how_the_run_ended_is_the_status(tmp_path, monkeypatch, status):
    ended = Ended(status, message="so it ended")
    result = graded_as(one_of(tmp_path), monkeypatch, ended)
    assert (result.status, result.points) == (status, None)
    assert result.message == "so it ended"


def test_a_fault_of_the_grader_is_a_status_too(tmp_path, monkeypatch):
    def fail(*given):
        raise RuntimeError("broken")

    monkeypatch.setattr(grade, "run_task", fail)
    result = graded_as(one_of(tmp_path))
    assert (result.status, result.message) == ("grader_error", "RuntimeError: broken")


def test_what_no_check_can_look_at_fails_and_is_noted(tmp_path, monkeypatch):
    judge = grade.judge

    def picky(rules, exercise, calls, outcomes):
        if any(one.kind == "dict" for one in outcomes.values()):
            raise TypeError("a dict")
        return judge(rules, exercise, calls, outcomes)

    monkeypatch.setattr(grade, "judge", picky)
    text = notebook(scores="def scores(q, k):\n    return {}")
    result = graded_as(one_of(tmp_path, text))
    assert (result.status, result.points) == ("graded", 11)
    assert result.exercises[0]["slip"] == "not-judged"
    assert "02-scores could not be judged (TypeError)" in result.message


# --- runs ----------------------------------------------------------------------------


class Counting:
    """A `run` that grades nothing, and counts what it was asked."""

    def __init__(self, stop_after=99):
        self.asked, self.stop_after = [], stop_after

    def __call__(self, job, submissions):
        for one in submissions:
            if len(self.asked) == self.stop_after:
                raise KeyboardInterrupt
            self.asked.append(one.student)
            yield Result(
                one.student,
                one.lesson,
                "graded",
                1,
                13,
                fingerprint=one.fingerprint,
                **job.stamp,
            )


@pytest.fixture
def four(tmp_path):
    for name in "abcd":
        hand_in(tmp_path / "in", name)
    return find_submissions(tmp_path / "in")


def test_an_interrupted_run_goes_on_where_it_stopped(four, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        grade_all(four, tmp_path, JOB, Counting(stop_after=2))
    assert len(list((tmp_path / "results").glob("*.json"))) == 2
    rest, told = Counting(), []
    results = grade_all(four, tmp_path, JOB, rest, on_result=told.append)
    assert rest.asked == ["c", "d"]
    assert [one.student for one in results] == ["a", "b", "c", "d"]
    assert len(told) == 4


def test_a_rerun_repeats_only_what_has_changed(four, tmp_path):
    grade_all(four, tmp_path, JOB, Counting())

    def asked(submissions=four, job=JOB, **more):
        run = Counting()
        grade_all(submissions, tmp_path, job, run, **more)
        return run.asked

    assert asked() == []
    hand_in(tmp_path / "in", "b", BLANK.read_text())
    assert asked(find_submissions(tmp_path / "in")) == ["b"]
    assert asked(four, resume=False) == ["a", "b", "c", "d"]
    assert asked(job=replace(JOB, seed=8)) == ["a", "b", "c", "d"]
    assert asked(job=replace(JOB, limits=Limits(seconds=5))) == ["a", "b", "c", "d"]
    (tmp_path / "results" / "c-02.json").write_text("{")
    assert asked(job=replace(JOB, limits=Limits(seconds=5))) == ["c"]


def test_several_processes_give_what_one_gives(graded, tmp_path):
    folder, results = graded
    found = find_submissions(folder)
    pooled = grade_all(found, tmp_path, JOB, Pool(2))
    for one in pooled:
        alike = {"seconds": 0, "course": results[one.student].course}
        assert replace(one, **alike) == replace(results[one.student], **alike)


def test_the_seed_is_made_once_and_read_by_its_owner_alone(tmp_path):
    seed = run_seed(tmp_path)
    assert run_seed(tmp_path) == seed
    assert (tmp_path / ".seed").stat().st_mode & 0o777 == 0o600
    assert run_seed(tmp_path, 5) == run_seed(tmp_path) == 5
    (tmp_path / ".seed").write_text("five")
    with pytest.raises(ValueError, match="remove it and grade anew"):
        run_seed(tmp_path)


@pytest.mark.parametrize("name", ["weights/a.json", "checks/class.json", "more.py"])
def test_the_stamp_sees_all_that_decides_on_points(name, tmp_path, monkeypatch):
    monkeypatch.setattr(job, "PACKAGE", tmp_path)
    monkeypatch.setattr(job, "seed_path", lambda: tmp_path / "checks" / "class.json")
    stamps = []
    for text in ("", "x"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        job.course_stamp.cache_clear()
        stamps.append(job.course_stamp())
    job.course_stamp.cache_clear()
    assert stamps[0].startswith("0.")
    assert stamps[0] != stamps[1]
