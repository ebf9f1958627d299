"""`course list`: lessons, progress and routes."""

from datetime import date
from types import SimpleNamespace

from course_utils.progress import mark, record_verdict
from course_utils.syllabus import LESSONS, ROUTES, lesson

KEYS = {"lesson", "name", "title", "question", "minutes", "core", "extras"}
KEYS |= {"requires", "note", "opened", "run", "points", "points_possible"}


def test_every_lesson_is_listed(course, root):
    called = course("list")
    assert called.code == 0
    for one in LESSONS:
        assert f" {one.number} " in called.out
    assert "course lab 02" in called.out


def test_json_is_a_list_with_plain_keys(course, root):
    called = course("list", "--json")
    assert [set(one) for one in called.json] == [KEYS] * len(LESSONS)
    assert [one["lesson"] for one in called.json] == [one.number for one in LESSONS]


def test_a_route_has_its_own_minutes_and_order(course, root):
    route = ROUTES[0]
    called = course("list", "--route", route.name, "--json")
    assert called.json["route"] == route.name
    minutes = [one["minutes"] for one in called.json["lessons"]]
    assert minutes == [stop.minutes for stop in route.stops]
    shown = course("list", "--route", route.name).out
    assert f"{route.minutes} minutes" in shown
    assert route.later.split(" (")[0] in shown


def test_a_stop_without_minutes_shows_none(course, root):
    route = next(one for one in ROUTES if one.stops[0].minutes is None)
    assert course("list", "--route", route.name).code == 0


def test_an_unknown_route_is_answered_with_the_nearest(course, root):
    called = course("list", "--route", "halfday")
    assert called.code == 2
    assert called.err.startswith("There is no route 'halfday'; did you mean half-day?")
    assert "ten-weeks" in called.err


def test_progress_is_shown(course, root):
    mark(root, "02", "opened")
    mark(root, "02", "run")
    today = date.today().isoformat()
    entries = {one["lesson"]: one for one in course("list", "--json").json}
    assert (entries["02"]["opened"], entries["02"]["run"]) == (today, today)
    assert entries["00"]["opened"] is None


def test_points_are_shown(course, root):
    attention = lesson("02")
    first = attention.exercises[0]
    verdict = {"status": "passed", "points": first.points, "slip": ""}
    record_verdict(root, SimpleNamespace(exercise=first.id, **verdict))
    entries = {one["lesson"]: one for one in course("list", "--json").json}
    assert entries["02"]["points"] == first.points
    assert entries["02"]["points_possible"] == attention.points
    assert f"{first.points} of {attention.points}" in course("list").out


def test_damaged_progress_counts_as_none_and_keeps_json_pure(course, root):
    (root / ".course").mkdir()
    (root / ".course" / "progress.json").write_text("{")
    called = course("list", "--json")
    assert called.code == 0
    assert [one["opened"] for one in called.json] == [None] * len(LESSONS)
