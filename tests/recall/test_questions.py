"""The questions: each can be answered, and every choice is answered with a reason."""

import json

import pytest

from course_utils.authoring.prose import headings, uses
from course_utils.progress import course_root
from course_utils.recall import find_question, load_questions
from course_utils.recall.questions import lessons_with_questions, parse
from course_utils.syllabus import LESSONS, lesson, notebook_path

WRITTEN = lessons_with_questions()


def table(id="02-a", choices=("one", "two", "three"), answer="one", reason="because"):
    lines = ["[[question]]", f'id = "{id}"', 'text = "Which?"', f'answer = "{answer}"']
    lines += ["[question.choices]", *(f'"{one}" = "{reason}"' for one in choices)]
    return "\n".join(lines) + "\n"


FOUR = [table(f"02-{name}") for name in "abcd"]


def test_the_first_lessons_have_questions():
    assert WRITTEN[:3] == ("00", "01", "02")


@pytest.mark.parametrize("number", WRITTEN)
def test_questions_fit_a_minute(number):
    for one in load_questions(number):
        assert one.lesson == number
        assert len(one.text) <= 220, one.id
        assert all(len(choice) <= 60 for choice, _ in one.choices), one.id
        assert all(15 <= len(reason) <= 200 for _, reason in one.choices), one.id


@pytest.mark.parametrize("number", WRITTEN)
def test_the_place_of_the_answer_gives_nothing_away(number):
    questions = load_questions(number)
    places = {[c for c, _ in one.choices].index(one.answer) for one in questions}
    assert len(places) >= 2


@pytest.mark.parametrize("number", WRITTEN)
def test_the_section_to_reread_is_in_the_lesson(number):
    path = notebook_path(lesson(number), course_root())
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    prose = ["".join(one["source"]) for one in cells if one["cell_type"] == "markdown"]
    known = {text for source in prose for _, text in headings(source)}
    for one in load_questions(number):
        assert one.section in known or (number == "00" and not one.section), one.id


@pytest.mark.parametrize("number", WRITTEN)
def test_no_question_uses_a_term_of_a_later_lesson(number):
    later = [term for one in LESSONS if one.number > number for term in one.terms]
    early = [term for term in later if term not in lesson(number).announces]
    for one in load_questions(number):
        words = [one.text, *(text for pair in one.choices for text in pair)]
        assert [t for t in early if uses(t, " ".join(words))] == [], one.id


def test_four_sound_questions_are_read():
    questions = parse("".join(FOUR), "02.toml")
    assert [one.id for one in questions] == ["02-a", "02-b", "02-c", "02-d"]
    assert questions[0].choices[0] == ("one", "because")


REFUSED = {
    "3 questions; give 4 or more": FOUR[:3],
    "03-a must begin with 02-": [*FOUR, table("03-a")],
    "02-a must begin with 02- and be there once": [*FOUR, table("02-a")],
    "02-e has 2 choices": [*FOUR, table("02-e", choices=("one", "two"))],
    "the answer 'four' is not a choice": [*FOUR, table("02-e", answer="four")],
    "the choice 'one' has no reason": [*FOUR, table("02-e", reason=" ")],
    "KeyError: 'choices'": [*FOUR, "[[question]]\nid = '02-e'\n"],
    "TypeError": [*FOUR, table("02-e").replace("text", "txt")],
    "TOMLDecodeError": ["[[question"],
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_file_that_would_puzzle_a_reader_is_refused(message):
    with pytest.raises(ValueError, match=r"^02.toml: ") as refused:
        parse("".join(REFUSED[message]), "02.toml")
    assert message in str(refused.value)


def test_a_lesson_without_questions_is_named():
    for number in ("77", "../00"):
        with pytest.raises(ValueError, match=r"no questions about lesson .* 00, 01"):
            load_questions(number)


def test_a_question_is_found_by_its_id():
    assert find_question("01-shift").lesson == "01"
    assert find_question("01-dropped") is None
    assert find_question("77-x") is None
