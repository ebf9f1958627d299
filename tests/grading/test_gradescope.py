"""Results for Gradescope: the numbers that count, in the form that it accepts."""

import json

import pytest

from course_utils.grading.gradebook import settle
from course_utils.grading.gradescope import gradescope_results, write_gradescope
from course_utils.grading.policy import Override, Person, Rules
from tests.grading.made import HOSTILE, result


def told(made, **rules):
    (standing,) = settle([made], Rules(**rules))
    return gradescope_results(standing)


def test_each_exercise_is_a_test_with_its_points():
    found = told(result(slips={"bias": "bias-ignored", "leaks": None}))
    assert found["score"] == 9
    assert [one["score"] for one in found["tests"]] == [2, 4, 0, 3, 0]
    assert [one["max_score"] for one in found["tests"]] == [2, 4, 3, 3, 1]
    assert found["tests"][0]["name"] == "02-scores: Score every pair"
    assert found["tests"][0]["output"] == "right"
    states = [one["status"] for one in found["tests"]]
    assert states == ["passed", "passed", "failed", "passed", "failed"]


def test_a_failed_test_says_what_the_feedback_page_says():
    found = told(result(slips={"bias": "bias-ignored", "leaks": None}))
    lines = found["tests"][2]["output"].split("\n")
    assert lines[0] == "not yet"
    assert [line.partition(":")[0] for line in lines[3:]] == [
        "called",
        "came back",
        "expected",
        "Likely slip",
        "Reread",
        "Next step",
    ]
    assert found["tests"][4]["output"].startswith("not attempted")


def test_everything_is_plain_text_and_visible():
    found = told(result(slips={"bias": ""}))
    for one in [found, *found["tests"]]:
        assert one["output_format"] == "text"
        assert one["visibility"] == "visible"


@pytest.mark.parametrize("status", ["timeout", "refused", "missing", "grader_error"])
def test_what_was_not_graded_has_a_zero_and_its_reason(status):
    found = told(result(status=status))
    assert found["score"] == 0
    assert found["tests"] == []
    assert found["extra_data"]["computed_points"] is None
    assert len(found["output"]) > 40


def test_an_override_counts_and_both_numbers_are_said():
    given = (Override("ada", "02", "*", 4, "a reason"),)
    found = told(result(), overrides=given)
    assert found["score"] == 4
    assert sum(one["score"] for one in found["tests"]) == 13
    assert "4 of 13 points count; 13 were computed" in found["output"]
    assert "a reason" in found["output"]


def test_the_files_are_json_one_for_each_student_and_lesson(tmp_path):
    results = [result(), result(number="03"), *map(result, HOSTILE)]
    roster = {"ben": Person("ben")}
    paths = write_gradescope(tmp_path, results, Rules(roster))
    assert len(set(paths)) == len(results) + 2
    for path in paths:
        assert path.name == "results.json"
        found = json.loads(path.read_text(encoding="ascii"))
        assert set(found) >= {"score", "tests", "output", "visibility"}
    assert (tmp_path / "gradescope" / "ada-02" / "results.json") in paths


@pytest.mark.parametrize("hostile", HOSTILE)
def test_values_of_students_are_one_line_without_escapes(hostile):
    made = result(slips={"scores": ""})
    made.exercises[0].update(returned=hostile, advice=hostile)
    for line in told(made)["tests"][0]["output"].split("\n"):
        assert line.isprintable()
