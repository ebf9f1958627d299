"""`course check`: what it finds, says and returns; the checks themselves stand in."""

from types import SimpleNamespace

import nbformat
import pytest

from course_utils import checks
from course_utils.progress import record_verdict
from course_utils.syllabus import lesson

EXERCISES = lesson("02").exercises
KEYS = {"exercise", "title", "kind", "status", "passed", "points"}
KEYS |= {"points_possible", "slip", "text"}


def write_exercises(path, ids):
    cells = []
    for id in ids:
        marks = {"nbgrader": {"grade_id": id, "solution": True}}
        cells.append(nbformat.v4.new_code_cell("x = 1", metadata=marks))
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def notebook(root):
    path = root / "exercises" / "02_attention.ipynb"
    return write_exercises(path, [one.id for one in EXERCISES])


@pytest.fixture
def found(monkeypatch):
    """Let the checks find these states, by exercise; remember what was asked."""
    asked = []

    def give(**states):
        def stand_in(path, only=None, on_progress=None):
            asked.append((path, only))
            chosen = [one for one in EXERCISES if only in (None, one.id)]
            for done, one in enumerate(chosen, 1):
                on_progress(one.id, done, len(chosen))
            return [verdict(one, states.get(one.name, "passed")) for one in chosen]

        monkeypatch.setattr(checks, "check_notebook", stand_in)

    give.asked = asked
    return give


def verdict(exercise, status):
    right = status == "passed"
    return SimpleNamespace(
        exercise=exercise.id,
        status=status,
        passed=right,
        points=exercise.points if right else 0,
        slip="forgot the scale" if status == "failed" else "",
        text=f"{exercise.id}: divide by √D\x1b[2J",
    )


def test_all_passed_is_zero(course, notebook, found):
    found()
    called = course("check", "02")
    assert called.code == 0
    assert found.asked == [(notebook, None)]
    most = lesson("02").points
    assert f"{most} of {most} points" in called.out
    for one in EXERCISES:
        assert one.id in called.out
        assert f"{one.points} of {one.points}" in called.out


@pytest.mark.parametrize("status", ["failed", "not attempted"])
def test_one_that_falls_short_is_one(course, notebook, found, status):
    found(scores=status)
    called = course("check", "2")
    assert called.code == 1
    assert status in called.out
    assert ("divide by √D" in called.out) is (status == "failed")
    assert ("forgot the scale" in called.out) is (status == "failed")


def test_json_is_pure_and_plain(course, notebook, found):
    found(scores="failed")
    called = course("check", "02", "--json")
    assert called.code == 1
    assert called.err == ""
    told = called.json
    assert set(told) == {
        *("notebook", "exercises", "points", "points_possible"),
        *("seconds", "passed"),
    }
    assert [set(one) for one in told["exercises"]] == [KEYS] * len(EXERCISES)
    assert told["exercises"][0]["slip"] == "forgot the scale"
    assert told["exercises"][1]["slip"] is None
    assert told["points"] == lesson("02").points - EXERCISES[0].points
    assert told["passed"] is False


def test_text_of_an_answer_cannot_steer_the_terminal(course, notebook, found):
    found(scores="failed")
    assert "\x1b" not in course("check", "02").out
    assert "\x1b" not in course("check", "02", "--json").json["exercises"][0]["text"]


def test_one_exercise_can_be_chosen(course, notebook, found):
    found()
    called = course("check", "02", "--only", EXERCISES[1].id, "--json")
    assert found.asked == [(notebook, EXERCISES[1].id)]
    assert [one["exercise"] for one in called.json["exercises"]] == [EXERCISES[1].id]


def test_an_unknown_exercise_is_answered_with_the_nearest(course, notebook, found):
    found()
    called = course("check", "02", "--only", "02-scorse")
    assert called.code == 2
    assert "no exercise '02-scorse'; did you mean '02-scores'?" in called.err
    assert not found.asked


def test_an_exercise_that_the_file_lacks_is_said(course, root, found):
    found()
    path = write_exercises(root / "exercises" / "mine.ipynb", ["02-scores"])
    called = course("check", str(path), "--only", EXERCISES[1].id)
    assert called.code == 2
    assert f"mine.ipynb has no answer cell for {EXERCISES[1].id}." in called.err


def test_a_file_is_found_from_any_folder(course, root, notebook, found, monkeypatch):
    monkeypatch.chdir(root / "notebooks")
    found()
    assert course("check", "exercises/02_attention.ipynb").code == 0
    assert course("check", str(notebook)).code == 0
    assert found.asked == [(notebook, None)] * 2


def test_an_unknown_lesson_is_answered_with_the_nearest(course, root):
    called = course("check", "atention")
    assert called.code == 2
    assert "did you mean attention?" in called.err


def test_missing_and_unusable_files_are_sentences(course, root):
    (root / "notes.ipynb").write_text("{")
    write_exercises(root / "empty.ipynb", [])
    expected = {
        "02": "Lesson 02 has no exercises at",
        "lost.ipynb": "There is no file lost.ipynb.",
        "notes.ipynb": "notes.ipynb is no notebook",
        "empty.ipynb": "empty.ipynb holds no exercise of this course.",
    }
    for name, sentence in expected.items():
        called = course("check", name)
        assert called.code == 2
        assert sentence in called.err


def test_answers_that_end_the_process_fall_short(course, notebook, monkeypatch):
    def stand_in(path, only=None, on_progress=None):
        raise ValueError("the answers ended the process that ran them")

    monkeypatch.setattr(checks, "check_notebook", stand_in)
    called = course("check", "02")
    assert called.code == 1
    assert "could not be checked: the answers ended the process" in called.err


def test_a_complete_lesson_gets_one_line(course, notebook, root, found):
    found()
    for one in EXERCISES:
        record_verdict(root, verdict(one, "passed"))
    line = "Lesson 02, Attention, is complete"
    assert course("check", "02").out.count(line) == 1
    ids = [one.id for one in EXERCISES]
    other = write_exercises(root / "notebooks" / "theirs.ipynb", ids)
    assert line not in course("check", str(other)).out
    found(scores="failed")
    assert line not in course("check", "02").out
