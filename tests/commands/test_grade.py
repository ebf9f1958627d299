"""`course grade`: a class is graded from end to end, and mistakes end in a sentence."""

import csv
import os
from datetime import UTC, datetime

import pytest

from course_utils.grading import grade, sandbox
from course_utils.grading.runner import Sandbox
from tests.grading.folders import BLANK, hand_in


@pytest.fixture
def submissions(tmp_path):
    hand_in(tmp_path / "in", "ada")
    hand_in(tmp_path / "in", "bob", BLANK.read_text())
    hand_in(tmp_path / "in", "eve", "no notebook")
    return str(tmp_path / "in")


def rows(out):
    text = (out / "gradebook.csv").read_text(encoding="utf-8-sig")
    return {row["student"]: row for row in csv.DictReader(text.splitlines())}


def test_a_class_is_graded_and_a_rerun_grades_nothing(
    course, submissions, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    roster = tmp_path / "roster.csv"
    roster.write_text("student,name\nada,Ada L.\nzoe,Zoe Q.\n")
    options = ("--out", str(out), "--jobs", "1", "--lesson", "2", "--json")
    options += ("--roster", str(roster), "--gradescope", "--allow-unsandboxed")
    called = course("grade", submissions, *options)
    assert called.code == 0
    assert called.json["statuses"] == {"graded": 2, "unreadable": 1}
    assert called.json["sandbox"] == sandbox.probe()
    book = rows(out)
    assert [book[name]["points"] for name in ("ada", "bob", "eve")] == ["13", "0", ""]
    assert book["zoe"]["status"] == "missing"
    assert (out / "report.html").exists()
    assert len(list((out / "results").glob("*.json"))) == 3
    before = (out / "gradebook.csv").read_bytes()

    def never(*given):
        raise AssertionError("nothing is left to run")

    monkeypatch.setattr(grade, "run_task", never)
    assert course("grade", submissions, *options).code == 0
    strip = [line.rpartition("unreadable")[0] for line in before.decode().splitlines()]
    after = (out / "gradebook.csv").read_text(encoding="utf-8")
    assert [x.rpartition("unreadable")[0] for x in after.splitlines()] == strip


def test_lateness_outlives_a_run_over_another_lesson(course, tmp_path):
    late = tmp_path / "late.toml"
    due = "deadline.02 = 2026-03-01T12:00:00+00:00"
    late.write_text(f"percent_off_per_day = 10\n{due}\n")
    path = hand_in(tmp_path / "in", "ada")
    due = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
    os.utime(path, (due, due + 3600))
    hand_in(tmp_path / "in", "ada", "{}", "03_multi_head_attention.ipynb")
    out = tmp_path / "out"
    options = ("--out", str(out), "--allow-unsandboxed", "--late", str(late))
    assert course("grade", str(tmp_path / "in"), *options, "--lesson", "2").code == 0
    assert rows(out)["ada"]["counted"] == "11.7"
    options += ("--lesson", "3", "--total")
    assert course("grade", str(tmp_path / "in"), *options).code == 0
    text = (out / "gradebook.csv").read_text(encoding="utf-8-sig")
    found = {row["lesson"]: row for row in csv.DictReader(text.splitlines())}
    assert [found[number]["counted"] for number in ("02", "03")] == ["11.7", ""]
    assert {row["total"] for row in found.values()} == {"11.7"}


def test_without_a_sandbox_nothing_runs_unless_asked(
    course, submissions, tmp_path, monkeypatch
):
    monkeypatch.setattr(sandbox, "probe", lambda: "rlimits")
    called = course("grade", submissions, "--out", str(tmp_path / "out"))
    assert called.code == 2
    assert "--allow-unsandboxed" in called.err
    assert not (tmp_path / "out").exists()


def test_the_gaps_of_a_level_are_told(course, submissions, tmp_path):
    level = ("--sandbox", "rlimits", "--allow-unsandboxed", "--jobs", "1")
    called = course("grade", submissions, "--out", str(tmp_path / "out"), *level)
    assert called.code == 0
    assert "sandbox: rlimits" in called.out
    assert "Not guaranteed: the submission can reach the network." in called.out


def test_stopped_by_the_reader_it_keeps_what_is_done(
    course, submissions, tmp_path, monkeypatch
):
    def stop(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "run", stop)
    out = tmp_path / "out"
    options = ("--out", str(out), "--jobs", "1", "--allow-unsandboxed")
    called = course("grade", submissions, *options)
    assert called.code == 1
    assert "Stopped: 0 of 3 are graded and kept" in called.err
    assert "goes on from here" in called.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name the submissions"),
        (("IN",), "Name the submissions"),
        (("nowhere", "--out", "OUT"), "neither a folder nor a zip"),
        (("IN", "--out", "OUT", "--lesson", "77"), "There is no lesson '77'"),
        (("IN", "--out", "OUT", "--lesson", "03"), "no notebook of lesson 03"),
        (("IN", "--out", "OUT", "--sandbox", "docker"), "no sandbox 'docker'"),
        (("IN", "--out", "OUT", "--roster", "nowhere.csv"), "nowhere.csv"),
        (("IN", "--out", "IN/ada/02_attention.ipynb"), "cannot hold the results"),
    ],
)
def test_a_mistake_ends_in_a_sentence(course, submissions, tmp_path, arguments, words):
    places = {"IN": submissions, "OUT": str(tmp_path / "out")}
    given = [
        places.get(one, one.replace("IN/", f"{submissions}/")) for one in arguments
    ]
    called = course("grade", *given, *(["--allow-unsandboxed"] if given else []))
    assert called.code == 2
    assert words in called.err
