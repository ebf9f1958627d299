"""Under nbgrader itself a blank scores nothing and the answers score in full."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from course_utils.authoring.course import Course
from course_utils.authoring.exercise_build import with_solutions
from course_utils.authoring.exercises import learner_version
from course_utils.authoring.notebooks import as_text, read_notebook
from course_utils.syllabus import solution_path
from tests.authoring.planted_exercises import LESSON, answered

COURSE = Course()
FIRST = "02"  # the one that every run grades; the others are slow
TASK = "exercises"

pytestmark = [
    pytest.mark.timeout(600),
    # nbgrader's own use of its database.
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
]


@pytest.fixture
def _at_home(tmp_path, monkeypatch):
    """Keep nbgrader's and the course's traces in the folder of the test."""
    # nbgrader calls `alembic` by name.
    programs = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)


def scores(root, lesson, submissions):
    """Grade notebooks by nbgrader; return each student's score, and the most there is.

    `submissions` maps a student to a notebook.
    """
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "course"
    config.Execute.timeout = 120
    folder = root / "source" / TASK
    folder.mkdir(parents=True)
    shutil.copy(solution_path(lesson, root), folder)
    api = NbGraderAPI(config=config)
    demand(api.generate_assignment(TASK, force=True, create=True))
    for student, nb in submissions.items():
        path = root / "submitted" / student / TASK / f"{lesson.name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(as_text(nb), encoding="utf-8")
        demand(api.autograde(TASK, student, force=True, create=True))
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "course") as book:
        found = {one: book.find_submission(TASK, one) for one in submissions}
        most = book.find_assignment(TASK).max_score
        return {one: graded.score for one, graded in found.items()}, most


def demand(result):
    assert result["success"], result.get("error") or result["log"]


def released(root, lesson):
    return read_notebook(root / "release" / TASK / f"{lesson.name}.ipynb")


@pytest.mark.usefixtures("_at_home")
def test_a_small_lesson_is_graded_right(tmp_path, monkeypatch):
    course = answered(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(course.root))
    solved = read_notebook(solution_path(LESSON, course.root))
    blank = learner_version(solved, LESSON)
    half = learner_version(solved, LESSON)
    for cell in half.cells:
        if cell.id == "answer-letter":
            cell.source = 'letter = "b"'
    students = {"blank": blank, "half": half, "solved": solved}
    found, most = scores(course.root, LESSON, students)
    assert most == LESSON.points == 6
    assert found == {"blank": 0, "half": 1, "solved": 6}
    # What nbgrader itself hands out has our cells.
    for cell in released(course.root, LESSON).cells:
        assert "### BEGIN" not in cell.source


def case(lesson):
    marks = () if lesson.number == FIRST else pytest.mark.slow
    return pytest.param(lesson, marks=marks, id=lesson.name)


@pytest.mark.usefixtures("_at_home")
@pytest.mark.parametrize("lesson", [case(lesson) for lesson in with_solutions(COURSE)])
def test_the_exercises_of_a_lesson_are_graded_right(lesson, tmp_path):
    path = solution_path(lesson, tmp_path)
    path.parent.mkdir()
    shutil.copy(solution_path(lesson, COURSE.root), path)
    solved = read_notebook(path)
    students = {"blank": learner_version(solved, lesson), "solved": solved}
    found, most = scores(tmp_path, lesson, students)
    assert most == lesson.points
    assert found == {"blank": 0, "solved": lesson.points}
