"""Exercises: made from the answers without an answer in them, by rule and by build."""

import dataclasses
import re

import nbformat
import pytest

from course_utils.authoring.course import Course
from course_utils.authoring.exercise_build import build_exercises, with_solutions
from course_utils.authoring.exercises import (
    MarkerError,
    blank,
    learner_version,
    solution_blocks,
    sync_cards,
)
from course_utils.authoring.notebooks import NotebookError, as_text, read_notebook
from course_utils.syllabus import LESSONS, exercise_path, solution_path
from tests.authoring.planted import cell_of
from tests.authoring.planted_exercises import (
    DOUBLE,
    EXERCISES,
    HINTS,
    LESSON,
    solutions,
)

COURSE = Course()
REAL = with_solutions(COURSE)


# --- the course itself -------------------------------------------------------------


def test_every_exercise_notebook_comes_from_answers():
    made = {f"{lesson.name}.ipynb" for lesson in REAL}
    for folder in ("exercises", "solutions"):
        assert {path.name for path in COURSE.root.glob(f"{folder}/*.ipynb")} == made
    for lesson in (lesson for lesson in LESSONS if lesson.exercises):
        assert lesson in REAL, f"lesson {lesson.number} has no solutions notebook"


@pytest.mark.parametrize("lesson", REAL, ids=lambda lesson: lesson.name)
def test_solutions_keep_the_form_and_exercises_are_what_they_make(lesson):
    (report,) = build_exercises([lesson.number], check=True, course=COURSE)
    assert [str(finding) for finding in report.findings] == []


@pytest.mark.parametrize("lesson", REAL, ids=lambda lesson: lesson.name)
def test_an_exercise_notebook_holds_no_answer(lesson):
    text = sources(read_notebook(exercise_path(lesson, COURSE.root)))
    blocks = solution_blocks(read_notebook(solution_path(lesson, COURSE.root)))
    assert blocks
    assert [block for block in blocks if flat(block) in flat(text)] == []
    assert not re.search("BEGIN|END|HIDDEN", text)


def sources(nb):
    return "\n\n".join(cell.source for cell in nb.cells)


def flat(text):
    return " ".join(text.split())


# --- the markers -------------------------------------------------------------------

BLANKS = {
    "a function": (
        "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION",
        "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    ),
    "a method, between lines": (
        "class A:\n    def f(self):\n        y = 1\n        ### BEGIN SOLUTION\n"
        "        y = 2\n        ### END SOLUTION\n        return y",
        "class A:\n    def f(self):\n        y = 1\n        # YOUR CODE HERE\n"
        "        raise NotImplementedError()\n        return y",
    ),
    "an empty block in a function": (
        "def f(x):\n    ### BEGIN SOLUTION\n    ### END SOLUTION\n    return x",
        "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"
        "    return x",
    ),
    "a comment before the code": (
        "def f(x):\n    ### BEGIN SOLUTION\n# why\n\n    return x\n"
        "    ### END SOLUTION",
        "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    ),
    "top level": (
        "x = None\n### BEGIN SOLUTION\nx = 3\n### END SOLUTION",
        "x = None",
    ),
    "a whole function": (
        "x = 1\n\n\n### BEGIN SOLUTION\ndef f():\n    return 2\n\n\n### END SOLUTION\n"
        "def g():\n    return 3",
        "x = 1\n\n\ndef g():\n    return 3",
    ),
    "nothing else": (
        "### BEGIN SOLUTION\nx = 3\n### END SOLUTION",
        "# YOUR CODE HERE",
    ),
    "two blocks": (
        "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n\n\n"
        "y = None\n### BEGIN SOLUTION\ny = 2\n### END SOLUTION",
        "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()\n\n\ny = None",
    ),
    "a hidden test": (
        "### BEGIN HIDDEN TESTS\nassert f()\n### END HIDDEN TESTS\nf()",
        "f()",
    ),
    "a hidden test in a function": (
        "def f():\n    ### BEGIN HIDDEN TESTS\n    assert g()\n"
        "    ### END HIDDEN TESTS\n    return 1",
        "def f():\n    return 1",
    ),
    "no marker": ("x = 1\n\n# the beginning of a solution", None),
}


@pytest.mark.parametrize(("source", "left"), BLANKS.values(), ids=BLANKS)
def test_what_a_learner_gets(source, left):
    assert blank(source) == (source if left is None else left)


BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
WRONG = {
    "never ends": (f"{BEGIN}\nx = 1", "line 1 begins a block that never ends"),
    "never began": (f"x = 1\n{END}", "line 2 ends a block that no line has begun"),
    "ends twice": (f"{BEGIN}\nx = 1\n{END}\n{END}", "line 4 ends a block that no line"),
    "nested": (
        f"{BEGIN}\n{BEGIN}\nx = 1\n{END}\n{END}",
        "line 2 begins a block inside the one of line 1; end that one first",
    ),
    "nested in another kind": (
        f"{BEGIN}\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n{END}",
        "line 2 begins a block inside the one of line 1",
    ),
    "another kind ends": (f"{BEGIN}\n### END HIDDEN TESTS", "line 2 ends a block that"),
    "one sign": ("# BEGIN SOLUTION\nx = 1", "line 1 is '# BEGIN SOLUTION'; write a"),
    "no space": ("###BEGIN SOLUTION", "alone on its line, as in '### BEGIN SOLUTION'"),
    "lower case": ("### begin solution", "line 1 is '### begin solution'"),
    "plural": ("### BEGIN SOLUTIONS", "line 1 is '### BEGIN SOLUTIONS'"),
    "singular": ("### BEGIN HIDDEN TEST", "line 1 is '### BEGIN HIDDEN TEST'"),
    "after code": (f"x = 1  {BEGIN}", "line 1 is 'x = 1  ### BEGIN SOLUTION'"),
    "more words": (f"{BEGIN} (two lines)", "write a marker alone on its line"),
    "broken code": (f"{BEGIN}\nx =\n{END}", "the cell is not plain Python: invalid"),
    "nothing left of a statement": (
        f"if x:\n    {BEGIN}\n    x = 1\n    {END}",
        "what remains without the marked blocks is not plain Python: expected an",
    ),
}


@pytest.mark.parametrize(("source", "words"), WRONG.values(), ids=WRONG)
def test_markers_that_do_not_pair_are_refused_with_their_line(source, words):
    with pytest.raises(MarkerError, match=re.escape(words)):
        blank(source)


# --- the learner's version ---------------------------------------------------------


def test_the_exercise_has_no_answers_outputs_or_hidden_tests():
    nb = solutions()
    cell_of(nb, "recall").outputs = [nbformat.v4.new_output("stream", text="recall\n")]
    cell_of(nb, "recall").execution_count = 7
    nb.metadata.course = {"sources": "of the answers"}
    before = as_text(nb)
    made = learner_version(nb, LESSON)
    assert as_text(nb) == before
    assert [cell.id for cell in made.cells] == [cell.id for cell in nb.cells]
    assert cell_of(made, "answer-letter").source == 'letter = None  # "a" or "b"'
    assert "math.fsum" not in sources(made)
    assert cell_of(made, "check-double").source == 'check("01-double")'
    assert cell_of(made, "card-double") == cell_of(nb, "card-double")
    assert cell_of(made, "recall").outputs == []
    assert cell_of(made, "recall").execution_count is None
    assert set(made.metadata) == {"kernelspec", "language_info"}
    nbformat.validate(made)


def test_cells_that_grading_needs_stay_where_they_are():
    made = learner_version(solutions(), LESSON)
    fixed = {c.id for c in made.cells if c.metadata.get("deletable") is False}
    names = [exercise.name for exercise in EXERCISES]
    cells = {f"{part}-{name}" for name in names for part in ("answer", "check")}
    assert fixed == {*cells, "given-mend"}
    locked = {c.id for c in made.cells if c.metadata.get("editable") is False}
    assert locked == {"given-mend", *(f"check-{name}" for name in names)}


@pytest.mark.parametrize("identity", ["answer-double", "card-double"])
def test_a_wrong_marker_names_notebook_and_cell(identity):
    nb = solutions()
    cell_of(nb, identity).source += "\n\n### BEGIN SOLUTION\n"
    where = re.escape(f"solutions/01_scale.ipynb[{identity}]: ")
    with pytest.raises(NotebookError, match=where):
        learner_version(nb, LESSON)


# --- the cards ---------------------------------------------------------------------


def test_cards_and_points_follow_the_syllabus():
    more = dataclasses.replace(DOUBLE, title="Twice", points=1, minutes=1)
    lesson = dataclasses.replace(LESSON, exercises=(EXERCISES[1], more, EXERCISES[2]))
    nb = solutions()
    changed = sync_cards(nb, lesson)
    assert changed == ["title", "card-double", "check-double", "card-letter"]
    facts = "*3 exercises · 5 points · about 8 minutes*"
    title = f"# Exercises 01 · Scale\n\n{facts}\n\nYou make numbers"
    assert cell_of(nb, "title").source.startswith(title)
    text = cell_of(nb, "card-double").source
    assert text.startswith(
        "## 2 · Twice\n\n*complete · 1 point · difficulty 1 of 5 · about 1 minute*\n\n"
        "Return twice the number"
    )
    assert text.endswith(HINTS)
    assert cell_of(nb, "check-double").metadata.nbgrader.points == 1
    assert sync_cards(nb, lesson) == []


@pytest.mark.parametrize("opening", ["", "## Old heading\n\n", "## Old\n*7 points*\n"])
def test_a_card_without_its_first_lines_gets_them_and_loses_nothing(opening):
    nb = solutions()
    card = cell_of(nb, "card-double")
    expected = card.source
    card.source = opening + expected.split("\n\n", 2)[2]
    assert sync_cards(nb, LESSON) == ["card-double"]
    assert card.source == expected
