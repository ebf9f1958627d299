"""`recall` and `review`: which questions, how they look, what is noted."""

from datetime import date, timedelta

import pytest

from course_utils.progress import read_progress, record_recall, records
from course_utils.recall import load_questions, recall, review
from course_utils.recall.ask import Recall, sources
from course_utils.widgets import VIEW

ALL = [f"{number:02}" for number in range(10)]


def ids(asked):
    return [one.id for one in asked.questions]


@pytest.fixture
def on_day(monkeypatch):
    def move(days):
        class Day(date):
            @classmethod
            def today(cls):
                return date.today() + timedelta(days)

        monkeypatch.setattr(records, "date", Day)

    return move


@pytest.fixture
def one(tmp_path):
    """A recall of one question about lesson 01, and its three parts."""
    return Recall([load_questions("01")[0]], tmp_path, "Ready?")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("00", ["00", "00", "00"]),
        ("01", ["00", "00", "00"]),
        ("02", ["01", "00", "01"]),
        ("03", ["02", "00", "01"]),
        ("04", ["03", "01", "02"]),
        ("05", ["04", "02", "03"]),
        ("06", ["05", "03", "00"]),
        ("09", ["08", "06", "03"]),
    ],
)
def test_questions_come_from_one_three_and_six_lessons_back(number, expected):
    assert sources(number, ALL) == expected


def test_lessons_without_questions_are_passed_over():
    assert sources("09", ["00", "01", "02"]) == ["02", "00", "01"]


@pytest.mark.parametrize("number", ["00", "01", "02", "03", "09", "02_attention"])
def test_three_different_questions_are_asked(number, tmp_path):
    assert len(set(ids(recall(number, tmp_path)))) == 3
    assert ids(recall(number, tmp_path)) == ids(recall(number, tmp_path))


def test_an_unknown_lesson_is_said(tmp_path):
    with pytest.raises(ValueError, match="no lesson '77'"):
        recall("77", tmp_path)


def test_a_question_that_was_missed_and_is_due_comes_first(tmp_path, on_day):
    usual = ids(recall("02", tmp_path))[0]
    other = next(q.id for q in load_questions("01") if q.id != usual)
    on_day(-5)
    record_recall(tmp_path, other, True)
    on_day(0)
    assert ids(recall("02", tmp_path))[0] == usual
    on_day(-1)
    record_recall(tmp_path, other, False)
    on_day(0)
    assert ids(recall("02", tmp_path))[0] == other


def test_the_static_part_folds_the_answers(one):
    html = one.to_html()
    shown, folded = html.split("<details>")
    question = one.questions[0]
    assert "<p>Ready?</p>" in shown
    assert "<b>From lesson 01.</b>" in shown
    assert all(reason not in shown for _, reason in question.choices)
    assert "Right." in folded
    assert "To reread: lesson 01, “2 · Numbers become a guess”." in folded


def test_the_bundle_is_live_folded_and_plain(one, monkeypatch):
    assert set(one._repr_mimebundle_()) == {VIEW, "text/html", "text/plain"}
    assert repr(one).startswith("Ready?\nFrom lesson 01: You add 5")
    monkeypatch.setenv("COURSE_STATIC", "1")
    assert VIEW not in one._repr_mimebundle_()


def test_the_first_answer_is_noted_and_later_ones_are_not(one, tmp_path):
    _, asked = one.widget.children
    _, buttons, heard = asked.children
    question = one.questions[0]
    wrong = next(c for c, _ in question.choices if c != question.answer)
    buttons.value = wrong
    assert "Not quite." in heard.value
    assert "To reread: lesson 01" in heard.value
    buttons.value = question.answer
    assert "Right." in heard.value
    assert "reread" not in heard.value
    noted = read_progress(tmp_path).recall[question.id]
    assert (noted["seen"], noted["missed"], noted["box"]) == (1, 1, 1)


def test_a_question_of_no_lesson_has_nothing_to_reread(tmp_path):
    asked = Recall(load_questions("00")[:1], tmp_path, "Ready?")
    question = asked.questions[0]
    wrong = next(c for c, _ in question.choices if c != question.answer)
    assert not asked.asked[0].respond(wrong).endswith(" ")
    assert "reread" not in asked.to_html()


def test_review_asks_what_is_due(tmp_path, on_day):
    on_day(-5)
    for id in ("01-shift", "00-dot", "01-dropped"):
        record_recall(tmp_path, id, False)
    on_day(0)
    assert ids(review(tmp_path)) == ["00-dot", "01-shift"]
    assert "Due today: 2." in review(tmp_path).to_html()


def test_review_says_when_nothing_is_due(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert "You have answered no question yet." in repr(review())
    assert VIEW not in review()._repr_mimebundle_()
    record_recall(tmp_path, "00-dot", False)
    tomorrow = date.today() + timedelta(1)
    assert f"The next question returns on {tomorrow}." in review().to_html()


def test_a_place_that_cannot_be_written_to_stops_nobody(tmp_path):
    (tmp_path / ".course").write_text("in the way")
    asked = recall("02", tmp_path)
    assert "Right." in asked.asked[0].respond(asked.questions[0].answer)
