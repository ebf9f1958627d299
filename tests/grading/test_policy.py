"""Roster, lateness, overrides: what an instructor writes, and how it is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from course_utils.grading.policy import (
    LatePolicy,
    known_lesson,
    read_late_policy,
    same_name,
)
from course_utils.grading.sheets import read_overrides, read_roster, read_times

DUE = datetime(2026, 3, 1, 22, 59, tzinfo=UTC)
POLICY = """
time_zone = "Europe/Paris"
grace_minutes = 15
percent_off_per_day = 20
lowest_percent = 50

[deadline]
02 = 2026-03-01T23:59:00
"03_multi_head_attention" = 2026-03-08T23:59:00+02:00
"""


def written(tmp_path, text, name="file", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def test_a_policy_is_read_with_its_time_zone(tmp_path):
    policy = read_late_policy(written(tmp_path, POLICY))
    assert policy.deadlines["02"] == DUE
    assert policy.deadlines["03"] == datetime(2026, 3, 8, 21, 59, tzinfo=UTC)
    assert policy.grace == timedelta(minutes=15)
    assert policy.percent_a_day == 20
    assert policy.lowest_percent == 50


@pytest.mark.parametrize(
    ("minutes", "days", "percent"),
    [
        (-9999, 0, 100),
        (0, 0, 100),
        (15, 0, 100),
        (15.01, 1, 80),
        (1440, 1, 80),
        (1440.1, 2, 60),
        (3 * 1440, 3, 50),
        (30 * 1440, 30, 50),
    ],
)
def test_a_day_that_has_begun_counts_and_grace_does_not(
    tmp_path, minutes, days, percent
):
    policy = read_late_policy(written(tmp_path, POLICY))
    late = policy.days("02", DUE + timedelta(minutes=minutes))
    assert (late, policy.percent(late)) == (days, percent)


def test_a_lesson_without_a_deadline_is_never_late():
    assert LatePolicy({"02": DUE}).days("03", DUE + timedelta(days=99)) == 0


def test_a_share_never_falls_below_nothing():
    assert LatePolicy({}, percent_a_day=60).percent(9) == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("= 1", "is no TOML file"),
        ("grace = 1", "unknown key 'grace'; known: deadline"),
        ("grace_minutes = 1", "no \\[deadline\\]"),
        ("[deadline]\n02 = 2026-03-01T23:59:00", "no time in a time zone"),
        ("[deadline]\n02 = 2026-03-01", "no time in a time zone"),
        ("[deadline]\n77 = 2026-03-01T23:59:00Z", "no lesson '77'"),
        ('time_zone = "Mars"\n[deadline]\n02 = 2026-03-01T23:59:00', "is not known"),
        ('time_zone = "../x"\n[deadline]\n02 = 2026-03-01T23:59:00', "is not known"),
        (
            "percent_off_per_day = 101\n[deadline]\n02 = 2026-03-01T23:59:00Z",
            "no number from 0 to 100",
        ),
        (
            "lowest_percent = true\n[deadline]\n02 = 2026-03-01T23:59:00Z",
            "no number from 0 to 100",
        ),
        (
            "grace_minutes = nan\n[deadline]\n02 = 2026-03-01T23:59:00Z",
            "no number from 0",
        ),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_with_a_sentence(tmp_path, text, says):
    with pytest.raises(ValueError, match=says):
        read_late_policy(written(tmp_path, text))


def test_a_roster_is_read_as_a_spreadsheet_saves_it(tmp_path):
    text = 'Student,Name,section\r\nada,"Lovelace, Ada",B\r\n\r\nben,,\r\n'
    roster = read_roster(written(tmp_path, text, encoding="utf-8-sig"))
    assert list(roster) == ["ada", "ben"]
    assert roster["ada"].name == "Lovelace, Ada"
    assert (roster["ada"].section, roster["ada"].email) == ("B", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name\nada", "has no column 'student'"),
        ("", "has no column 'student'"),
        ("student\nada\nada", "line 3: 'ada' is listed twice"),
        ("student,name\n,Ada", "line 2: '' has no student"),
    ],
)
def test_a_roster_that_cannot_be_meant_is_refused(tmp_path, text, says):
    with pytest.raises(ValueError, match=says):
        read_roster(written(tmp_path, text))


def test_a_sheet_in_another_encoding_is_refused_by_name(tmp_path):
    path = written(tmp_path, "student\nchloé", "roster.csv", encoding="latin-1")
    with pytest.raises(ValueError, match=r"roster\.csv is not UTF-8"):
        read_roster(path)


def test_names_are_compared_in_one_spelling_of_accents(tmp_path):
    apart = "chloe\u0301"
    assert same_name(apart) == "chloé"
    assert list(read_roster(written(tmp_path, f"student\n{apart}"))) == ["chloé"]


def test_overrides_are_read(tmp_path):
    text = (
        "student,lesson,exercise,points,reason\nada,2,02-scores,1.5,why\nben,02,*,7,x"
    )
    first, second = read_overrides(written(tmp_path, text))
    assert (first.lesson, first.exercise, first.points) == ("02", "02-scores", 1.5)
    assert (second.student, second.exercise, second.reason) == ("ben", "*", "x")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ada,02,02-score,1,why", "did you mean '02-scores'"),
        ("ada,03,02-scores,1,why", "02-scores is no exercise of lesson 03"),
        ("ada,99,*,1,why", "line 2: no lesson '99'"),
        ("ada,02,*,many,why", "'many' is no number of points"),
        ("ada,02,*,-1,why", "'-1' is no number of points"),
        ("ada,02,*,nan,why", "'nan' is no number of points"),
        ("ada,02,*,inf,why", "'inf' is no number of points"),
        ("ada,02,*,1,", "needs a reason"),
        ("ada,02,*,1,a\nada,02,*,2,b", "line 3: ada, 02, \\* has an override already"),
    ],
)
def test_an_override_that_cannot_be_meant_is_refused(tmp_path, line, says):
    text = f"student,lesson,exercise,points,reason\n{line}"
    with pytest.raises(ValueError, match=says):
        read_overrides(written(tmp_path, text))


def test_times_of_a_list_carry_their_distance_from_utc(tmp_path):
    text = "student,lesson,submitted\nada,02,2026-03-01T23:59+01:00"
    times = read_times(written(tmp_path, text))
    assert times["ada", "02"].when == DUE
    assert times["ada", "02"].source == "list"


@pytest.mark.parametrize("when", ["2026-03-01T23:59", "yesterday", ""])
def test_a_time_without_its_distance_from_utc_is_refused(tmp_path, when):
    text = f"student,lesson,submitted\nada,02,{when}"
    with pytest.raises(ValueError, match="write it like 2026-03-01"):
        read_times(written(tmp_path, text))


def test_a_lesson_is_known_by_number_and_name():
    assert {known_lesson("x", name) for name in ("2", "02", "02_attention")} == {"02"}
