"""`course review`: due questions in the terminal."""

from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from course_utils.cli import app
from course_utils.progress import read_progress, record_recall, records
from course_utils.recall import find_question

ASKED = ["00-dot", "01-shift"]
KEYS = {"question", "lesson", "text", "choices", "section"}


@pytest.fixture
def due(root, monkeypatch):
    """Let two questions be due today."""

    class Earlier(date):
        @classmethod
        def today(cls):
            return date.today() - timedelta(5)

    with monkeypatch.context() as patch:
        patch.setattr(records, "date", Earlier)
        for id in ASKED:
            record_recall(root, id, False)
    return root


def answers(*numbers):
    return CliRunner().invoke(app, ["review"], input="".join(f"{n}\n" for n in numbers))


def place(id, right=True):
    question = find_question(id)
    choices = [choice == question.answer for choice, _ in question.choices]
    return choices.index(right) + 1


def test_before_the_first_answer_it_says_where_questions_are(course, root):
    called = course("review")
    assert called.code == 0
    assert "Every exercise notebook opens with three" in called.out
    assert course("review", "--json").json == []


def test_json_lists_what_is_due_without_the_answers(course, due):
    called = course("review", "--json")
    assert called.code == 0
    assert [one["question"] for one in called.json] == ASKED
    assert [set(one) for one in called.json] == [KEYS, KEYS]
    assert called.err == ""


def test_each_answer_gets_its_reason_and_is_noted(due):
    done = answers(place(ASKED[0]), place(ASKED[1], right=False))
    assert done.exit_code == 0
    assert "1 of 2 · lesson 00" in done.stdout
    assert "Right." in done.stdout
    assert "Not quite." in done.stdout
    assert f"It is: {find_question(ASKED[1]).answer}." in done.stdout
    assert "To reread: lesson 01, “2 · Numbers become a guess”." in done.stdout
    assert "1 of 2 right." in done.stdout
    noted = read_progress(due).recall
    assert [noted[id]["missed"] for id in ASKED] == [1, 2]
    assert [noted[id]["box"] for id in ASKED] == [2, 1]


def test_an_answer_that_is_no_number_is_asked_again(due):
    done = answers("x", 9, place(ASKED[0]), place(ASKED[1]))
    assert done.exit_code == 0
    assert done.stdout.count("Type a number from 1 to 4.") == 2
    assert "2 of 2 right." in done.stdout


def test_stopping_keeps_what_was_answered(course, due):
    done = answers(place(ASKED[0]))
    assert done.exit_code == 0
    assert "Stopped: 1 of 2 answered." in done.stdout
    left = course("review", "--json").json
    assert [one["question"] for one in left] == ASKED[1:]


def test_afterwards_nothing_is_due(course, due):
    answers(place(ASKED[0]), place(ASKED[1]))
    assert "Nothing is due today. The next question returns on" in course("review").out
