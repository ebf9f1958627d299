"""The benchmark of the grader runs, and sees what it must see."""

import json
from dataclasses import replace

import pytest

from benchmarks import grade
from course_utils.authoring.notebooks import read_notebook
from course_utils.grading.results import Result

pytestmark = pytest.mark.timeout(600)

KEYS = {
    "submissions_per_minute",
    "seconds_each",
    "ratio_to_nbgrader",
    "sandbox",
    "worker_mb",
}


def test_a_few_submissions_are_measured(monkeypatch, capsys):
    monkeypatch.setattr(grade, "REQUIRED", 0)  # a start costs more than so few
    report = grade.main(json=True, count=3, rivals=1, processes=1)
    assert json.loads(capsys.readouterr().out) == report
    assert KEYS < report.keys()
    assert report["submissions"] == 3
    assert all(report[key] > 0 for key in KEYS - {"sandbox"})
    assert "| **" in "\n".join(grade.lines(report))


def test_the_notebooks_differ_as_their_names_say(tmp_path):
    paths = grade.hand_in(tmp_path, 6)
    assert [name.split("-")[1] for name in paths] == [*grade.KINDS, *grade.KINDS]
    right, wrong, blank, again, other, _ = map(read_notebook, paths.values())
    assert right.cells == again.cells
    assert len({str(one.cells) for one in (right, wrong, blank, other)}) == 4
    assert not any("BEGIN SOLUTION" in cell.source for cell in right.cells)


def test_unequal_scores_and_wrong_ones_are_found():
    right = Result("000-right", "02", "graded", points=grade.LESSON.points)
    wrong = Result("001-wrong", "02", "graded", points=3)
    grade.demand_equal([right, wrong], {"001-wrong": 3})
    with pytest.raises(AssertionError, match="3 points, 4 by nbgrader"):
        grade.demand_equal([right, wrong], {"001-wrong": 4})
    with pytest.raises(AssertionError, match="has 1 points"):
        grade.demand_equal([replace(right, points=1)], {})
    with pytest.raises(AssertionError, match="has None points"):
        grade.demand_equal([Result("000-right", "02", "died")], {})
