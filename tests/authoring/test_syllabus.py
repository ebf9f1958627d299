"""The list of lessons is whole: no gaps, no doubles, nothing that cannot be found."""

import dataclasses
import re

import pytest

from course_utils.authoring.course import Course
from course_utils.authoring.notebooks import read_notebook
from course_utils.authoring.prose import headings
from course_utils.syllabus import (
    LESSONS,
    ROUTES,
    Exercise,
    Lesson,
    exercise_path,
    find_exercise,
    lesson,
    lesson_modules,
    notebook_path,
    solution_path,
)


def test_lessons_are_in_order_and_named_once():
    numbers = [one.number for one in LESSONS]
    assert numbers == sorted(set(numbers))
    assert all(len(number) == 2 and number.isdigit() for number in numbers)
    assert len({one.topic for one in LESSONS}) == len(LESSONS)


@pytest.mark.parametrize("one", LESSONS, ids=lambda one: one.number)
def test_a_lesson_needs_only_earlier_ones_and_fits_its_time(one):
    known = [other.number for other in LESSONS if other.number < one.number]
    assert set(one.requires) <= set(known)
    assert 10 <= one.minutes <= 45
    assert one.question.endswith("?")
    assert one.cells[0] < one.cells[1]


def test_every_field_has_its_declared_kind():
    for one in LESSONS:
        for field in dataclasses.fields(Lesson):
            kind = getattr(field.type, "__origin__", field.type)
            assert isinstance(getattr(one, field.name), kind), field.name


def test_names_are_dotted_and_previews_belong_to_later_lessons():
    owner = {name: one for one in LESSONS for name in one.gains}
    assert all(name.startswith("course_utils.") for name in owner)
    for one in LESSONS:
        for name in one.previews:
            assert owner[name].number > one.number, name


def test_terms_belong_to_one_lesson():
    terms = [term.lower() for one in LESSONS for term in one.terms]
    assert len(terms) == len(set(terms))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_routes_stop_at_lessons_and_keep_their_time(route):
    stops = [lesson(stop.lesson) for stop in route.stops]
    assert stops == sorted(stops, key=lambda one: one.number)
    assert sum(stop.minutes or 0 for stop in route.stops) <= route.minutes


def test_a_lesson_is_found_by_number_name_or_topic(tmp_path):
    assert lesson("02") is lesson("02_attention") is lesson("attention")
    path = notebook_path(lesson("02"), tmp_path)
    assert path == tmp_path / "notebooks" / "02_attention.ipynb"
    with pytest.raises(ValueError, match="no lesson '99'; choose one of 00, 01"):
        lesson("99")


def test_lesson_modules_come_once_each():
    two = lesson_modules([lesson("02"), lesson("03")])
    assert two == ("course_utils.attention", "course_utils.multihead")


EXERCISES = [(one, exercise) for one in LESSONS for exercise in one.exercises]
KINDS = {"complete", "rebuild", "transfer", "debug", "predict"}


def test_exercises_are_named_once_and_after_their_lesson():
    ids = [exercise.id for _, exercise in EXERCISES]
    assert len(ids) == len(set(ids))
    for one, exercise in EXERCISES:
        assert exercise.lesson == one.number
        assert re.fullmatch(r"[a-z][a-z0-9-]*", exercise.name), exercise.id


@pytest.mark.parametrize(("one", "exercise"), EXERCISES, ids=lambda one: one.title)
def test_an_exercise_is_of_a_known_kind_and_its_section_exists(one, exercise):
    assert exercise.kind in KINDS
    assert exercise.points >= 1
    assert exercise.difficulty in range(1, 6)
    assert exercise.minutes >= 1
    assert exercise.answers
    assert all(name.isidentifier() for name in exercise.answers)
    nb = read_notebook(Course().path(one))
    prose = [cell.source for cell in nb.cells if cell.cell_type == "markdown"]
    found = [text for source in prose for _, text in headings(source)]
    assert exercise.section in found, f"{exercise.id}: no heading {exercise.section!r}"


def test_points_are_the_sum_and_paths_bear_the_name_of_the_lesson(tmp_path):
    parts = ("complete", "T", 2, 1, 5, ("a",), "S")
    exercises = (Exercise("02-a", *parts), Exercise("02-b-c", *parts))
    one = Lesson("02", "attention", "A", "Q?", 10, exercises=exercises)
    assert one.points == 4
    assert [exercise.name for exercise in exercises] == ["a", "b-c"]
    for make, folder in ((exercise_path, "exercises"), (solution_path, "solutions")):
        assert make(one, tmp_path) == tmp_path / folder / "02_attention.ipynb"


def test_an_exercise_is_found_by_its_id():
    assert find_exercise("02-scores").answers == ("scores",)
    wrong = "no exercise '02-score'; did you mean '02-scores'"
    with pytest.raises(ValueError, match=wrong):
        find_exercise("02-score")
