"""The build of the exercises, and the edition for learners."""

import re
import subprocess

import pytest

from course_utils.authoring.course import Course
from course_utils.authoring.exercise_build import build_exercises, with_solutions
from course_utils.authoring.exercises import (
    learner_version,
)
from course_utils.authoring.learner import FILES, make_learner_tree
from course_utils.authoring.notebooks import NotebookError, as_text, read_notebook
from course_utils.syllabus import exercise_path, solution_path
from tests.authoring.planted import cell_of, rules
from tests.authoring.planted_exercises import (
    LESSON,
    answered,
    edited,
    solutions,
)

COURSE = Course()
REAL = with_solutions(COURSE)


# --- the build ---------------------------------------------------------------------


@pytest.fixture
def course(tmp_path):
    return answered(tmp_path)


def change_solutions(course, change):
    path = solution_path(LESSON, course.root)
    nb = read_notebook(path)
    change(nb)
    path.write_text(as_text(nb))


def test_a_build_executes_the_answers_and_makes_the_exercises(course):
    change_solutions(course, edited("card-double", "2 points", "8 points"))
    change_solutions(course, lambda nb: cell_of(nb, "recall").update(execution_count=1))
    steps = []
    (report,) = build_exercises(course=course, threads=1, progress=steps.append)
    assert [str(finding) for finding in report.findings] == []
    assert (report.executed, report.written) == (True, True)
    assert report.rewritten == ["card-double"]
    assert steps[-1].done == steps[-1].total == 9
    made = exercise_path(LESSON, course.root)
    stored = read_notebook(solution_path(LESSON, course.root))
    assert made.read_text() == as_text(learner_version(stored, LESSON))
    blanks = course.root / "course_utils" / "checks" / "blanks" / "01_scale.json"
    assert '"01-letter": "letter = None' in blanks.read_text()
    assert not (course.root / ".course").exists()
    (again,) = build_exercises(course=course)
    assert (again.executed, again.written, again.findings) == (False, False, [])
    made.unlink()
    (checked,) = build_exercises(["01"], course=course, check=True)
    assert [str(finding) for finding in checked.findings] == [
        "exercises/01_scale.ipynb: differs from what solutions/01_scale.ipynb makes; "
        "run `course build 01` (drift)"
    ]
    assert not made.exists()


def test_a_check_that_the_answer_does_not_pass_is_a_finding(course):
    change_solutions(course, edited("answer-letter", '"b"\n#', '"c"\n#'))
    (report,) = build_exercises(course=course, threads=1)
    assert rules(report.findings) == {("failed", "check-letter"), ("stale", "")}
    assert "AssertionError" in str(report.findings[0])


def test_wrong_markers_leave_the_exercises_as_they_are(course):
    build_exercises(course=course, execute=False)
    before = exercise_path(LESSON, course.root).read_text()
    change_solutions(course, edited("answer-double", "### END", "## END"))
    (report,) = build_exercises(course=course, execute=False)
    assert ("markers", "answer-double") in rules(report.findings)
    assert exercise_path(LESSON, course.root).read_text() == before


def test_lessons_without_answers_are_passed_over(course):
    assert with_solutions(course, ["02"]) == []
    solution_path(LESSON, course.root).unlink()
    assert build_exercises(course=course) == []


# --- the learners' edition ---------------------------------------------------------

README = """\
# Course
<!-- authors -->
Tests.
<!-- /authors -->
Text. <!-- authors -->More.<!-- /authors -->

| `notebooks/` | lessons |
| `tests/`, `benchmarks/` | proofs |
| `tests/`, `exercises/` | yours |
| a | b |
"""


def test_the_learners_edition_has_no_answers(course, tmp_path_factory):
    (course.root / "README.md").write_text(README)
    (course.root / "tests").mkdir()
    (course.root / "notebooks" / ".ipynb_checkpoints").mkdir()
    exercise_path(LESSON, course.root).parent.mkdir()
    exercise_path(LESSON, course.root).write_text(as_text(solutions()))
    out, parts = tmp_path_factory.mktemp("out"), []
    count = make_learner_tree(course, out, parts.append)
    files = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert len(files) == count
    assert files == {
        "README.md",
        "course_utils/__init__.py",
        "course_utils/checks/__init__.py",
        "exercises/01_scale.ipynb",
    }
    assert parts[:3] == ["notebooks", "course_utils", "exercises"]
    made = exercise_path(LESSON, out).read_text()
    assert made == as_text(learner_version(solutions(), LESSON))
    assert (out / "README.md").read_text() == (
        "# Course\nText.\n| `notebooks/` | lessons |\n"
        "| `tests/`, `exercises/` | yours |\n| a | b |\n"
    ).replace("Text.\n", "Text.\n\n")


def test_a_folder_with_something_in_it_is_refused(course, tmp_path):
    (tmp_path / "full" / "x").mkdir(parents=True)
    (tmp_path / "file").touch()
    for name, words in {
        "full": "is not empty: it holds x; name a new or an empty folder",
        "file": "is a file; name a new or an empty folder",
        "notebooks/out": "lies in notebooks; name a folder outside it",
    }.items():
        with pytest.raises(NotebookError, match=words):
            make_learner_tree(course, tmp_path / name)
    assert list((tmp_path / "full").iterdir()) == [tmp_path / "full" / "x"]


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """Return the learners' edition of the course itself."""
    out = tmp_path_factory.mktemp("edition") / "course"
    make_learner_tree(COURSE, out)
    return out


def test_the_real_edition_is_whole_and_holds_nothing_for_authors(edition):
    expected = {"notebooks", "exercises", "course_utils", *FILES}
    assert {path.name for path in edition.iterdir()} == expected
    exercises = {path.name for path in (edition / "exercises").iterdir()}
    assert exercises == {f"{lesson.name}.ipynb" for lesson in REAL}
    for path in edition.rglob("*.ipynb"):
        assert "### BEGIN" not in path.read_text(encoding="utf-8"), path


def test_what_the_readme_of_the_edition_names_is_there(edition):
    text = (edition / "README.md").read_text(encoding="utf-8")
    assert "authors" not in text
    assert "make test" not in text
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    folders = re.findall(r"^\| `([\w/]+)/`", text, re.MULTILINE)
    assert links
    assert [one for one in links + folders if not (edition / one).exists()] == []


def test_make_in_the_edition_says_what_it_has(edition):
    shown = subprocess.run(["make"], cwd=edition, capture_output=True, text=True)
    assert "make lab" in shown.stdout
    assert "make test" not in shown.stdout
    tested = subprocess.run(
        ["make", "test"], cwd=edition, capture_output=True, text=True
    )
    assert tested.returncode != 0
    assert "edition for learners: here is nothing to test" in tested.stderr
