"""The list of lessons is whole: no gaps, no doubles, nothing that cannot be found."""

import dataclasses

import pytest

from course_utils.syllabus import (
    LESSONS,
    ROUTES,
    Lesson,
    lesson,
    lesson_modules,
    notebook_path,
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
