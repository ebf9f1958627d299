"""The gradebook: right sums, nothing silent, and no cell that a spreadsheet runs."""

import csv
import dataclasses
import io
import random
from datetime import UTC, datetime, timedelta

import pytest

from course_utils.grading import gradebook
from course_utils.grading.gradebook import (
    settle,
    totals,
    unused_overrides,
    with_rules,
    write_gradebook,
)
from course_utils.grading.policy import LatePolicy, Override, Person, Rules, Submitted
from course_utils.grading.safe import csv_cell, page_name
from tests.grading.made import HOSTILE, result, whole_class

DUE = datetime(2026, 3, 1, tzinfo=UTC)
LATE = LatePolicy({"02": DUE}, timedelta(minutes=15), 10, 50)


def two_days_late(*students, source="list"):
    when = Submitted(DUE + timedelta(hours=30), source)
    return {(student, "02"): when for student in students}


def rows_of(path):
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def only(results, **rules):
    (found,) = settle(results, Rules(**rules))
    return found


def test_a_line_has_what_was_asked_for(tmp_path):
    path = write_gradebook(tmp_path, [result(slips={"bias": "bias-ignored"})])
    assert rows_of(path) == [
        {
            "student": "ada",
            "lesson": "02",
            "points": "10",
            "max_points": "13",
            "status": "graded",
            "sandbox": "bubblewrap",
            "seconds": "1.4",
            "fingerprint": "print of ada",
            "late_days": "0",
            "override": "",
            "counted": "10",
            "notes": "",
        }
    ]


def test_the_file_is_what_spreadsheets_read(tmp_path):
    raw = write_gradebook(tmp_path, whole_class()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfstudent,lesson,points")
    assert raw.count(b"\r\n") == len(whole_class()) + 1
    assert raw.count(b"\n") == raw.count(b"\r\n")


def test_the_order_of_the_results_does_not_matter(tmp_path):
    results = whole_class()
    before = write_gradebook(tmp_path, results).read_bytes()
    random.Random(0).shuffle(results)
    assert write_gradebook(tmp_path, results).read_bytes() == before


def test_a_write_that_fails_leaves_the_old_gradebook(tmp_path, monkeypatch):
    before = write_gradebook(tmp_path, [result()]).read_bytes()

    def full_disk(path, text):
        raise OSError("no space left")

    monkeypatch.setattr(gradebook, "replace_text", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_gradebook(tmp_path, whole_class())
    assert (tmp_path / "gradebook.csv").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["gradebook.csv"]


@pytest.mark.parametrize(
    "begin", [*"=+-@\t\r\n", " =", "\uff1d", "\x1b[1m=", "\u200e="]
)
def test_no_cell_begins_a_formula(begin):
    cell = csv_cell(f"{begin}cmd|' /C calc'!A0")
    assert cell.lstrip("'")[:1] not in "\t\r\n"
    assert cell[0] == "'"


def test_hostile_names_stay_one_cell_of_plain_text(tmp_path):
    results = [result(name) for name in HOSTILE]
    path = write_gradebook(tmp_path, results)
    rows = rows_of(path)
    assert len(rows) == len(HOSTILE)
    for row in rows:
        assert row["student"].isprintable()
        assert row["student"][0] not in "=+-@"
    assert "\x1b" not in path.read_text(encoding="utf-8")


def test_numbers_are_not_quoted_as_text():
    assert [csv_cell(value) for value in (1.5, 3, None, "")] == [1.5, 3, "", ""]


def test_a_status_other_than_graded_has_no_points(tmp_path):
    results = [result(status="timeout"), result("ben", slips=dict(scores=None))]
    first, second = rows_of(write_gradebook(tmp_path, results))
    assert (first["status"], first["points"], first["counted"]) == ("timeout", "", "")
    assert second["points"] == "11"


def test_who_handed_in_nothing_is_missing_and_strangers_are_kept(tmp_path):
    roster = {"ada": Person("ada", "Ada L."), "ben": Person("ben")}
    results = [result("ada"), result("zoe")]
    rows = rows_of(write_gradebook(tmp_path, results, roster))
    assert [(row["student"], row["status"]) for row in rows] == [
        ("ada", "graded"),
        ("ben", "missing"),
        ("zoe", "graded"),
    ]
    assert [row["notes"] for row in rows] == ["", "", "not on the roster"]
    assert rows[0]["name"] == "Ada L."
    assert (rows[1]["points"], rows[1]["max_points"]) == ("", "13")


def test_a_lesson_that_nobody_handed_in_is_missing_for_all():
    roster = {"ada": Person("ada")}
    found = settle([], Rules(roster, lessons=("02", "03")))
    assert [(one.lesson, one.status) for one in found] == [
        ("02", "missing"),
        ("03", "missing"),
    ]


def test_a_name_in_another_spelling_of_its_accents_is_the_same_person():
    roster = {"chloé": Person("chloé", "Chloé")}
    (found,) = settle([result("chloe\u0301")], Rules(roster))
    assert found.name == "Chloé"
    assert found.notes == ()


def test_lateness_stands_beside_the_computed_points():
    one = only([result()], late=LATE, times=two_days_late("ada"))
    assert (one.points, one.late_days, one.counted) == (13, 2, 10.4)
    assert one.notes == ("2 days late: 80 % count",)


def test_a_date_that_its_owner_can_change_is_called_so():
    one = only([result()], late=LATE, times=two_days_late("ada", source="file"))
    assert "its owner can change" in one.notes[0]


def test_an_unknown_time_is_not_late_and_not_silent():
    one = only([result()], late=LATE)
    assert (one.late_days, one.counted) == (None, 13)
    assert "nobody knows" in one.notes[0]


def test_overrides_come_before_lateness_and_the_whole_lesson_after():
    some = Override("ada", "02", "02-bias", 3, "right after all")
    late = {"late": LATE, "times": two_days_late("ada")}
    results = [result(slips={"bias": ""})]
    one = only(results, overrides=(some,), **late)
    assert (one.points, one.counted) == (10, round(13 * 0.8, 2))
    whole = Override("ada", "02", "*", 12, "shown to me")
    one = only(results, overrides=(some, whole), **late)
    assert (one.points, one.counted) == (10, 12)
    assert [note.partition(":")[0] for note in one.notes] == [
        "2 days late",
        "override of 02-bias to 3",
        "override of the whole lesson to 12",
    ]


def test_an_override_gives_points_where_nothing_was_graded():
    given = Override("ada", "02", "02-bias", 3, "shown to me")
    one = only([result(status="died")], overrides=(given,))
    assert (one.status, one.points, one.counted) == ("died", None, 3)


def test_an_override_shows_in_the_file(tmp_path):
    given = (Override("ada", "02", "*", 12.5, "=SUM(1)"),)
    (row,) = rows_of(write_gradebook(tmp_path, [result()], overrides=given))
    assert (row["points"], row["counted"], row["override"]) == ("13", "12.5", "*: 12.5")
    assert "=SUM(1)" in row["notes"]


def test_an_override_that_matches_nobody_is_found():
    lost = Override("nobody", "02", "*", 1, "typing error")
    rules = Rules(overrides=(lost,))
    assert unused_overrides(settle([result()], rules), rules) == [lost]


def test_results_take_over_what_the_rules_say():
    given = (Override("ada", "02", "*", 5, "why"),)
    rules = Rules(late=LATE, times=two_days_late("ada"), overrides=given)
    (filled,) = with_rules([result()], rules)
    assert (filled.points, filled.late_days, filled.override) == (13, 2, 5)
    (plain,) = with_rules([result()], Rules())
    assert plain == result()


def test_the_total_adds_what_counts_in_all_lessons(tmp_path):
    results = [result(), result(number="03"), result("ben", status="timeout")]
    path = write_gradebook(tmp_path, results, total=True)
    assert [row["total"] for row in rows_of(path)] == ["27", "27", "0"]
    assert totals(settle(results)) == {"ada": 27, "ben": 0}


def test_equal_results_differ_only_by_their_seconds(tmp_path):
    slower = [dataclasses.replace(one, seconds=9) for one in whole_class()]
    first = rows_of(write_gradebook(tmp_path, whole_class()))
    second = rows_of(write_gradebook(tmp_path, slower))
    for one, other in zip(first, second, strict=True):
        assert one | {"seconds": ""} == other | {"seconds": ""}


def test_every_student_has_a_page_of_their_own():
    names = ["ada", "Ada", "ADA", "a da", "a-da", "chloé", "..", "", "/", *HOSTILE]
    pages = [page_name(name) for name in names]
    assert len(set(map(str.lower, pages))) == len(names)
    assert page_name("ada") == "ada"
    assert all(page.isascii() and "/" not in page and page[0] != "." for page in pages)


def test_nobody_can_take_the_page_of_another():
    taken = page_name("Ada")
    assert page_name(taken) != taken
    assert len(page_name("z" * 5000)) < 100
