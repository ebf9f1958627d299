"""Under nbgrader itself a blank scores nothing and the answers score in full."""

import os
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from course_utils.authoring.course import Course
from course_utils.authoring.exercise_build import with_solutions
from course_utils.authoring.exercises import learner_version
from course_utils.authoring.notebooks import as_text, read_notebook
from course_utils.grading.nbgrader import export_course
from course_utils.syllabus import solution_path
from tests.authoring.planted_exercises import LESSON, answered

COURSE = Course()
FIRST = "02"  # the one that every run grades; the others are slow

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
    """Grade notebooks in an exported course; return the scores, and the most there is.

    `submissions` maps a student to a notebook.
    """
    api = NbGraderAPI(config=config_of(root))
    demand(api.generate_assignment(lesson.name, force=True, create=True))
    for student, nb in submissions.items():
        path = root / "submitted" / student / lesson.name / f"{lesson.name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(as_text(nb), encoding="utf-8")
        demand(api.autograde(lesson.name, student, force=True, create=True))
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "transformers") as book:
        found = {one: book.find_submission(lesson.name, one) for one in submissions}
        most = book.find_assignment(lesson.name).max_score
        return {one: graded.score for one, graded in found.items()}, most


def config_of(root):
    """Return what nbgrader's own commands read in the folder of a course."""
    return PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()


def demand(result):
    assert result["success"], result.get("error") or result["log"]


def released(root, lesson):
    return read_notebook(root / "release" / lesson.name / f"{lesson.name}.ipynb")


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
    assert export_course(course.root, tmp_path / "class", [LESSON]) == 1
    found, most = scores(tmp_path / "class", LESSON, students)
    assert most == LESSON.points == 6
    assert found == {"blank": 0, "half": 1, "solved": 6}
    # What nbgrader itself hands out has our cells.
    for cell in released(tmp_path / "class", LESSON).cells:
        assert "### BEGIN" not in cell.source


def case(lesson):
    marks = () if lesson.number == FIRST else pytest.mark.slow
    return pytest.param(lesson, marks=marks, id=lesson.name)


@pytest.mark.usefixtures("_at_home")
@pytest.mark.parametrize("lesson", [case(lesson) for lesson in with_solutions(COURSE)])
def test_the_exercises_of_a_lesson_are_graded_right(lesson, tmp_path):
    solved = read_notebook(solution_path(lesson, COURSE.root))
    students = {"blank": learner_version(solved, lesson), "solved": solved}
    export_course(COURSE.root, tmp_path / "class")
    found, most = scores(tmp_path / "class", lesson, students)
    assert most == lesson.points
    assert found == {"blank": 0, "solved": lesson.points}


def test_the_whole_course_is_exported(tmp_path):
    out = tmp_path / "class"
    assert export_course(COURSE.root, out) == len(with_solutions(COURSE))
    assert sorted(path.name for path in out.iterdir()) == [
        "README.md",
        "nbgrader_config.py",
        "source",
    ]
    for lesson in with_solutions(COURSE):
        nb = read_notebook(out / "source" / lesson.name / f"{lesson.name}.ipynb")
        assert nb.cells == read_notebook(solution_path(lesson, COURSE.root)).cells


def test_an_export_overwrites_nothing_and_needs_solutions(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ValueError, match="is not empty"):
        export_course(COURSE.root, tmp_path)
    with pytest.raises(ValueError, match="has no solutions"):
        export_course(tmp_path, tmp_path / "class")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
