"""The progress file: nothing is lost, nothing stops a reader."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from course_utils import progress as package
from course_utils.progress import (
    Progress,
    completion,
    course_root,
    due_questions,
    mark,
    next_due,
    points_of,
    read_progress,
    record_recall,
    record_verdict,
    records,
    show_progress,
    store,
)
from course_utils.progress.panel import Panel
from course_utils.syllabus import lesson

TODAY = date.today().isoformat()
SLIP = "softmax over the wrong axis"


@pytest.fixture(autouse=True)
def _unsaid():
    """Let every test hear what is said once in a process."""
    store._say.cache_clear()


def path_in(root):
    return root / ".course" / "progress.json"


def put(root, text):
    path_in(root).parent.mkdir(exist_ok=True)
    path_in(root).write_bytes(text if isinstance(text, bytes) else text.encode())


def verdict(status="passed", points=2, exercise="02-scores", slip=None):
    return SimpleNamespace(exercise=exercise, status=status, points=points, slip=slip)


@pytest.fixture
def on_day(monkeypatch):
    """Return a function that moves the records to another day."""

    def move(days):
        class Day(date):
            @classmethod
            def today(cls):
                return date.today() + timedelta(days)

        monkeypatch.setattr(records, "date", Day)
        return Day.today()

    return move


# --- records -----------------------------------------------------------------------


def test_lessons_opened_and_run_are_noted(tmp_path):
    mark(tmp_path, "02", "opened")
    mark(tmp_path, "02", "run")
    assert read_progress(tmp_path).lessons == {"02": {"opened": TODAY, "run": TODAY}}


def test_the_file_is_one_object_with_a_version(tmp_path):
    mark(tmp_path, "02", "run")
    content = json.loads(path_in(tmp_path).read_text())
    assert content["version"] == store.VERSION
    assert set(content) == {"version", "lessons", "exercises", "recall"}
    left = {path.name for path in path_in(tmp_path).parent.iterdir()}
    assert left <= {"progress.json", "progress.lock"}


def test_a_first_failure_and_a_later_success_are_both_kept(tmp_path, on_day):
    record_verdict(tmp_path, verdict("failed", 0, slip=SLIP))
    [first] = read_progress(tmp_path).exercises.values()
    assert (first["status"], first["slip"], first["passed"]) == ("failed", SLIP, None)
    later = on_day(3).isoformat()
    record_verdict(tmp_path, verdict())
    assert read_progress(tmp_path).exercises["02-scores"] == {
        "status": "passed",
        "points": 2,
        "attempts": 2,
        "slip": None,
        "last": later,
        "passed": later,
    }


def test_points_once_won_stay(tmp_path, on_day):
    record_verdict(tmp_path, verdict())
    on_day(1)
    record_verdict(tmp_path, verdict("failed", 0, slip=SLIP))
    record = read_progress(tmp_path).exercises["02-scores"]
    assert (record["points"], record["passed"]) == (2, TODAY)
    assert (record["status"], record["slip"]) == ("failed", SLIP)


def test_what_was_not_attempted_is_not_noted(tmp_path):
    record_verdict(tmp_path, verdict("not attempted", 0))
    assert not path_in(tmp_path).exists()
    record_verdict(tmp_path, verdict())
    record_verdict(tmp_path, verdict("not attempted", 0))
    assert read_progress(tmp_path).exercises["02-scores"]["status"] == "passed"


def test_a_slip_without_a_name_is_none(tmp_path):
    record_verdict(tmp_path, verdict("failed", 0, slip=""))
    assert read_progress(tmp_path).exercises["02-scores"]["slip"] is None


# --- recall ------------------------------------------------------------------------


def test_right_answers_return_after_3_7_and_21_days(tmp_path, on_day):
    days, waits = 0, []
    for _ in range(4):
        today = on_day(days)
        record_recall(tmp_path, "01-shift", True)
        due = next_due(tmp_path)
        waits.append((due - today).days)
        days += waits[-1]
    assert waits == [3, 7, 21, 21]
    assert read_progress(tmp_path).recall["01-shift"]["box"] == 4


def test_a_missed_question_returns_tomorrow(tmp_path, on_day):
    record_recall(tmp_path, "01-shift", True)
    record_recall(tmp_path, "01-shift", False)
    tomorrow = (date.today() + timedelta(1)).isoformat()
    expected = {"box": 1, "due": tomorrow, "missed": 1, "seen": 2}
    assert read_progress(tmp_path).recall["01-shift"] == expected


def test_answering_again_before_it_is_due_moves_nothing(tmp_path):
    for _ in range(3):
        record_recall(tmp_path, "01-shift", True)
    one = read_progress(tmp_path).recall["01-shift"]
    assert (one["box"], one["seen"]) == (2, 3)


def test_the_longest_overdue_question_comes_first(tmp_path, on_day):
    on_day(-9)
    record_recall(tmp_path, "02-b", False)
    on_day(-5)
    record_recall(tmp_path, "01-a", False)
    record_recall(tmp_path, "01-late", True)
    on_day(0)
    record_recall(tmp_path, "00-new", True)
    assert due_questions(tmp_path) == ["02-b", "01-a", "01-late"]
    assert due_questions(tmp_path, date.today() - timedelta(3)) == ["02-b", "01-a"]
    assert due_questions(tmp_path, date.today() + timedelta(3))[-1] == "00-new"


def test_nothing_is_due_before_the_first_answer(tmp_path):
    assert due_questions(tmp_path) == []
    assert next_due(tmp_path) is None


# --- damage ------------------------------------------------------------------------

DAMAGED = {
    "cut": '{"version": 2, "less',
    "empty": "",
    "no object": "[1]",
    "no text": b"\xff\xfe\x00",
    "deep": "[" * 100_000,
    "unknown part": '{"version": 2, "marks": {}}',
    "wrong part": '{"version": 2, "recall": [1]}',
    "wrong record": '{"version": 2, "exercises": {"02-scores": 3}}',
    "wrong day": '{"version": 2, "lessons": {"02": {"run": "soon"}}}',
    "old and wrong": '{"02": 3}',
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_set_aside_and_said_once(tmp_path, capsys, text):
    put(tmp_path, text)
    before = path_in(tmp_path).read_bytes()
    assert read_progress(tmp_path) == Progress()
    assert read_progress(tmp_path) == Progress()
    said = capsys.readouterr().err
    assert said == (
        "Your progress file was damaged. It is kept as progress.json.damaged in "
        ".course/; what could be read of it still counts.\n"
    )
    aside = path_in(tmp_path).with_name("progress.json.damaged")
    assert aside.read_bytes() == before
    mark(tmp_path, "02", "run")
    assert list(read_progress(tmp_path).lessons) == ["02"]


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path):
    for text in ("{", "[", "("):
        put(tmp_path, text)
        mark(tmp_path, "02", "run")
    kept = sorted(path_in(tmp_path).parent.glob("*.damaged*"))
    assert [path.read_text() for path in kept] == ["{", "[", "("]


BAD_FIELDS = [
    ("recall", {"box": 9, "due": TODAY, "missed": 0, "seen": 1}),
    ("recall", {"box": 1, "due": 20260101, "missed": 0, "seen": 1}),
    ("recall", {"box": 1, "due": TODAY, "missed": -1, "seen": 1}),
    ("recall", {"box": 1, "due": TODAY, "missed": True, "seen": 1}),
    ("recall", {"box": 1, "due": TODAY}),
    ("lessons", {"shut": TODAY}),
]


@pytest.mark.parametrize(("section", "record"), BAD_FIELDS)
def test_the_sound_records_of_a_damaged_file_still_count(tmp_path, section, record):
    record_verdict(tmp_path, verdict())
    content = json.loads(path_in(tmp_path).read_text())
    content[section]["x"] = record
    put(tmp_path, json.dumps(content))
    for _ in range(2):
        found = read_progress(tmp_path)
        assert list(found.exercises) == ["02-scores"]
        assert not getattr(found, section)


@pytest.mark.parametrize("points", ["NaN", "Infinity", "-1", '"2"', "null"])
def test_points_that_are_no_number_are_damage(tmp_path, points):
    record_verdict(tmp_path, verdict())
    text = path_in(tmp_path).read_text()
    put(tmp_path, text.replace('"points": 2', f'"points": {points}'))
    assert read_progress(tmp_path).exercises == {}


def test_the_first_version_of_the_file_is_read_on(tmp_path, capsys):
    put(tmp_path, '{"02": {"run": "2026-01-31"}}')
    mark(tmp_path, "03", "opened")
    assert read_progress(tmp_path).lessons == {
        "02": {"run": "2026-01-31"},
        "03": {"opened": TODAY},
    }
    assert capsys.readouterr().err == ""


def test_a_newer_file_is_left_alone(tmp_path, capsys):
    text = '{"version": 99, "lessons": []}'
    put(tmp_path, text)
    mark(tmp_path, "02", "run")
    assert read_progress(tmp_path) == Progress()
    assert path_in(tmp_path).read_text() == text
    assert capsys.readouterr().err.count("newer version") == 1


# --- places that cannot be written to, and several writers -------------------------


def attempt_all(root):
    mark(root, "02", "run")
    record_verdict(root, verdict())
    record_recall(root, "01-shift", True)
    return read_progress(root)


def test_a_place_that_is_no_folder_stops_nobody(tmp_path):
    (tmp_path / ".course").write_text("in the way")
    assert attempt_all(tmp_path) == Progress()
    assert attempt_all(tmp_path / "nowhere") == Progress()


def refuse(*given, **named):
    raise PermissionError(13, "Permission denied")


def test_a_read_only_folder_stops_nobody(tmp_path, monkeypatch):
    record_verdict(tmp_path, verdict("failed", 0))
    before = path_in(tmp_path).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        assert attempt_all(tmp_path).lessons == {}
    assert path_in(tmp_path).read_bytes() == before


def test_a_folder_that_cannot_be_made_stops_nobody(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", refuse)
        assert attempt_all(tmp_path) == Progress()
    assert not path_in(tmp_path).exists()


def test_a_damaged_file_that_cannot_be_moved_stops_nobody(tmp_path, monkeypatch):
    put(tmp_path, "{")
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refuse)
        patch.setattr(os, "replace", refuse)
        assert attempt_all(tmp_path) == Progress()
    assert path_in(tmp_path).read_text() == "{"


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    mark(tmp_path, "02", "run")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        record_verdict(tmp_path, verdict())
    assert read_progress(tmp_path).lessons == {"02": {"run": TODAY}}
    assert not list(path_in(tmp_path).parent.glob(".progress*"))


WRITER = """
import sys
from pathlib import Path
from course_utils.progress import record_recall
for number in range(25):
    record_recall(Path(sys.argv[1]), f"{sys.argv[2]}-{number}", True)
"""


def test_two_kernels_do_not_undo_each_others_records(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name])
        for name in ("00", "01")
    ]
    assert [writer.wait(100) for writer in writers] == [0, 0]
    assert len(read_progress(tmp_path).recall) == 50


def test_a_writer_that_hangs_holds_nobody_up(tmp_path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr(store, "LOCK_SECONDS", 0.05)
    mark(tmp_path, "02", "run")
    with FileLock(path_in(tmp_path).with_suffix(".lock")):
        mark(tmp_path, "03", "run")
    assert set(read_progress(tmp_path).lessons) == {"02", "03"}


def test_the_course_folder_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert course_root() == tmp_path
    monkeypatch.delenv("COURSE_ROOT")
    assert (course_root() / "course_utils" / "progress").is_dir()


# --- the panel ---------------------------------------------------------------------


def solve(root, number):
    for one in lesson(number).exercises:
        record_verdict(root, verdict(exercise=one.id, points=one.points))


def test_points_are_at_most_what_an_exercise_is_worth(tmp_path):
    record_verdict(tmp_path, verdict(points=100))
    record_verdict(tmp_path, verdict(exercise="02-dropped", points=5))
    assert points_of(read_progress(tmp_path), lesson("02")) == 2


def test_a_complete_lesson_is_said_in_one_line(tmp_path):
    whole = lesson("02")
    assert completion(read_progress(tmp_path), whole) == ""
    solve(tmp_path, "02")
    line = completion(read_progress(tmp_path), whole)
    most = whole.points
    assert line == f"Lesson 02, Attention, is complete: {most} of {most} points."
    assert line in repr(show_progress("02", tmp_path))
    assert line in show_progress("02", tmp_path).to_html()


def test_a_lesson_without_exercises_is_never_complete():
    bare = replace(lesson("00"), exercises=())
    assert completion(Progress(), bare) == ""
    assert "There are no exercises" in Panel(Progress(), [bare]).to_html()


def test_the_panel_says_how_each_exercise_stands(tmp_path, on_day):
    record_verdict(tmp_path, verdict())
    record_verdict(tmp_path, verdict("failed", 0, "02-attention", SLIP))
    record_verdict(tmp_path, verdict("passed", 3, "02-bias"))
    record_verdict(tmp_path, verdict("failed", 0, "02-bias"))
    states = [row[-1] for row in show_progress("02", tmp_path).rows(lesson("02"))]
    assert states[:4] == [
        "✓ passed, 1 attempt",
        f"not yet ({SLIP}), 1 attempt",
        "✓ passed before; the last attempt fell short",
        "not attempted",
    ]


def test_the_panel_is_a_table_with_headers_and_a_named_bar(tmp_path):
    record_verdict(tmp_path, verdict("failed", 0, slip="a < b"))
    bundle = show_progress("02", tmp_path)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    html = bundle["text/html"]
    rows = len(lesson("02").exercises)
    assert html.count('<th scope="row">') == rows
    assert html.count('<th scope="col">') == 4
    assert "<caption>" in html
    assert re.search(r'<progress value="0" max="\d+" aria-label="points">', html)
    assert "a &lt; b" in html
    assert bundle["text/plain"].startswith(f"0 of {lesson('02').points} points\n")


def test_the_panel_of_all_lessons_takes_the_course_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    solve(tmp_path, "02")
    assert "02-scores" in repr(show_progress())
    with pytest.raises(ValueError, match="no lesson '77'"):
        show_progress("77")


def test_reading_progress_imports_nothing_heavy():
    code = (
        "import sys, course_utils.progress\n"
        "heavy = {'torch', 'numpy', 'matplotlib', 'typer', 'nbformat', 'filelock'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "[]"
    assert package.__all__
