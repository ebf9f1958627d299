"""The predict cell: every choice gets its reason, with and without a kernel."""

import pytest

from course_utils.predict import predict
from course_utils.widgets import VIEW

QUESTION = "Is 1 < 2?"
CHOICES = {
    "no": "Count again.",
    "yes": "One comes first.",
    "maybe": "Numbers are sure.",
}


@pytest.fixture
def question():
    return predict(QUESTION, CHOICES, answer="yes")


def test_each_choice_is_answered_with_its_reason(question):
    assert question.reply("yes") == "Right. One comes first."
    assert question.reply("no") == "Not quite. Count again."


def test_static_part_folds_the_answer_behind_the_choices(question):
    html = question._repr_mimebundle_()["text/html"]
    shown, folded = html.split("<details>")
    assert "Is 1 &lt; 2?" in shown
    assert [shown.index(c) for c in CHOICES] == sorted(shown.index(c) for c in CHOICES)
    assert "One comes first." not in shown
    assert folded.index("Right. One comes first.") < folded.index("Not quite.")
    assert "Numbers are sure." in folded


def test_bundle_and_plain_text(question, monkeypatch):
    assert set(question._repr_mimebundle_()) == {VIEW, "text/html", "text/plain"}
    assert repr(question) == "Predict: Is 1 < 2?  [no / yes / maybe]"
    monkeypatch.setenv("COURSE_STATIC", "1")
    assert VIEW not in question._repr_mimebundle_()


def test_live_part_starts_open_and_replies(question):
    _, buttons, heard = question.widget.children
    assert buttons.value is None
    buttons.value = "maybe"
    assert "Not quite. Numbers are sure." in heard.value
    buttons.value = "yes"
    assert "Right. One comes first." in heard.value
    assert 'aria-live="polite"' in heard.value


def test_incomplete_questions_are_refused():
    with pytest.raises(ValueError, match=r"answer='perhaps' is not among .*: no, yes"):
        predict(QUESTION, CHOICES, answer="perhaps")
    with pytest.raises(ValueError, match="choice 'no' has no reason"):
        predict(QUESTION, {**CHOICES, "no": " "}, answer="yes")
    with pytest.raises(ValueError, match="two choices or more"):
        predict(QUESTION, {"yes": "One comes first."}, answer="yes")
