"""Every answer gets the points that it deserves, in every lesson.

A notebook of the suite carries, for each exercise of a lesson, one of the answers that
are kept for it, right or wrong; so few notebooks hold all of them.
"""

import json
import re
from pathlib import Path

import pytest

from course_utils.authoring.exercises import learner_version
from course_utils.authoring.mutants import Mutant, read_mutants
from course_utils.authoring.notebooks import as_text, read_notebook
from course_utils.checks.check import check_notebook
from course_utils.grading.grade import grade_here
from course_utils.grading.intake import find_submissions
from course_utils.grading.job import Job
from course_utils.grading.limits import Limits
from course_utils.grading.sandbox import probe
from course_utils.syllabus import LESSONS, solution_path
from tests.grading.folders import hand_in

ROOT = Path(__file__).parents[2]
JOB = Job(11, probe(), Limits(seconds=240))
ANSWERED = [one for one in LESSONS if one.exercises]
SLOW = ("hangs", "prints-much", "one-call-hangs")  # seconds each: kept for the full run


def kept(lesson, quick):
    """Return the kept answers of each exercise of a lesson; `quick` leaves out some."""
    found = {one.id: [] for one in lesson.exercises}
    for mutant in read_mutants(ROOT, (lesson,)):
        if not (quick and mutant.slip in SLOW):
            found[mutant.exercise].append(mutant)
    return found


def mixed(lesson, choice: dict[str, Mutant]) -> str:
    """Return the solutions notebook of a lesson with other answers."""
    book = json.loads(solution_path(lesson, ROOT).read_text())
    for cell in book["cells"]:
        name = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
        if name in choice:
            cell["source"] = choice[name].code
    return json.dumps(book)


def deserved(lesson, choice: dict[str, Mutant]) -> dict[str, int]:
    """Return the points of each exercise whose answer stands on its own feet."""
    points, wrong_names = {}, set()
    for one in lesson.exercises:
        mutant = choice[one.id]
        if not any(re.search(rf"\b{name}\b", mutant.code) for name in wrong_names):
            points[one.id] = one.points * mutant.right
        if not mutant.right:
            wrong_names |= set(one.answers)
    return points


def graded(folder, lesson, texts: dict[str, str]):
    for student, text in texts.items():
        hand_in(folder, student, text, f"{lesson.name}.ipynb")
    return {one.student: one for one in grade_here(JOB, find_submissions(folder))}


@pytest.mark.parametrize("lesson", ANSWERED, ids=lambda one: one.number)
def test_solutions_get_all_points_blanks_none_and_all_as_course_check(lesson, tmp_path):
    solutions = read_notebook(solution_path(lesson, ROOT))
    options = kept(lesson, quick=True)
    choice = {name: found[len(found) // 2] for name, found in options.items()}
    texts = {
        "solved": as_text(solutions),
        "blank": as_text(learner_version(solutions, lesson)),
        "mixed": mixed(lesson, choice),
    }
    results = graded(tmp_path, lesson, texts)
    assert {one.status for one in results.values()} == {"graded"}
    assert results["solved"].points == results["solved"].max_points == lesson.points
    assert results["blank"].points == 0
    found = {one["exercise"]: one["points"] for one in results["mixed"].exercises}
    assert found | deserved(lesson, choice) == found
    path = tmp_path / "mixed" / f"{lesson.name}.ipynb"
    told = [one.as_json() for one in check_notebook(path, seed=JOB.seed)]
    assert results["mixed"].exercises == told


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ANSWERED, ids=lambda one: one.number)
def test_every_kept_answer_gets_the_points_that_it_deserves(lesson, tmp_path):
    options = kept(lesson, quick=False)
    choices = [
        {name: found[i % len(found)] for name, found in options.items()}
        for i in range(max(map(len, options.values())))
    ]
    texts = {f"mixed{i:03d}": mixed(lesson, one) for i, one in enumerate(choices)}
    results = graded(tmp_path, lesson, texts)
    short = []
    for student, choice in zip(texts, choices, strict=True):
        assert results[student].status == "graded", results[student].message
        points = {x["exercise"]: x["points"] for x in results[student].exercises}
        for name, right in deserved(lesson, choice).items():
            if points[name] != right:
                short.append((student, name, choice[name].slip, points[name], right))
    assert short == []
