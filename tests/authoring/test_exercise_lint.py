"""Every rule for a solutions notebook, each with a planted fault."""

import pytest

from course_utils.authoring.exercise_lint import check_solution_notebook
from tests.authoring.planted import cell_of, rules
from tests.authoring.planted_exercises import (
    CHECK,
    HINTS,
    LESSON,
    code,
    edited,
    markdown,
    solutions,
)


def test_the_planted_solutions_are_clean():
    assert check_solution_notebook(solutions(), LESSON, "x") == []


def drop(identity):
    return lambda nb: nb.cells.remove(cell_of(nb, identity))


def move_last(identity):
    return lambda nb: nb.cells.append(
        nb.cells.pop(nb.cells.index(cell_of(nb, identity)))
    )


def insert(place, cell):
    return lambda nb: nb.cells.insert(nb.cells.index(cell_of(nb, place)), cell)


def grade(identity, **metadata):
    return lambda nb: cell_of(nb, identity).metadata.update(nbgrader=metadata)


def run(nb):
    cell_of(nb, "recall").execution_count = 1


FAULTS = {
    "no check": (drop("check-letter"), {("cells", "")}),
    "no recall": (drop("recall"), {("cells", "")}),
    "no end": (drop("end"), {("cells", "")}),
    "two answers": (
        insert("end", code("answer-double", "double = 1")),
        {("cells", ""), ("grading", "answer-double"), ("answers", "answer-double")},
    ),
    "another order": (
        move_last("card-letter"),
        {("cells", ""), ("cells", "card-letter")},
    ),
    "something between": (
        insert("check-double", markdown("aside", "By the way.")),
        {("cells", "card-double")},
    ),
    "something before": (
        insert("setup", markdown("aside", "By the way.")),
        {("cells", "")},
    ),
    "an unknown exercise": (
        insert("end", code("answer-more", "more = 1")),
        {("cells", "answer-more")},
    ),
    "another kind of cell": (
        lambda nb: cell_of(nb, "end").update(cell_type="raw"),
        {("cells", "end")},
    ),
    "points by hand": (
        lambda nb: cell_of(nb, "check-double").metadata.nbgrader.update(points=9),
        {("grading", "check-double")},
    ),
    "a graded extra": (grade("recall", grade=True), {("grading", "recall")}),
    "facts by hand": (
        edited("card-double", "2 points", "3 points"),
        {("cards", "card-double")},
    ),
    "two hints": (
        edited("card-double", HINTS, HINTS.rpartition("\n\n<details>")[0]),
        {("cards", "card-double")},
    ),
    "a hint without end": (
        lambda nb: edited("card-double", HINTS, HINTS + "\n<details>")(nb),
        {("cards", "card-double")},
    ),
    "a hint without title": (
        edited("card-double", "<summary>Hint 2</summary>", ""),
        {("cards", "card-double")},
    ),
    "no goal": (
        edited("card-double", "Return twice the number that you are given.", "Do it."),
        {("cards", "card-double")},
    ),
    "no signature": (
        edited("card-double", "`double(value: float)`", "As you like it."),
        {("cards", "card-double")},
    ),
    "another name": (
        edited("answer-double", "def double", "def twice"),
        {("answers", "answer-double")},
    ),
    "no answer": (
        lambda nb: cell_of(nb, "answer-letter").update(source='letter = "b"'),
        {("answers", "answer-letter")},
    ),
    "a check of its own": (
        edited("check-mend", 'check("01-mend")', 'print(check("01-mend"))'),
        {("checks", "check-mend")},
    ),
    "an answer outside": (
        edited("recall", "print", "### BEGIN SOLUTION\n1\n### END SOLUTION\nprint"),
        {("markers", "recall")},
    ),
    "a broken marker": (
        edited("answer-double", "### END", "## END"),
        {("markers", "answer-double")},
    ),
    "a broken marker in text": (
        edited("end", "That", "### END SOLUTION\n\nThat"),
        {("markers", "end")},
    ),
    "a busy set-up": (
        edited("setup", "import math", "import math\n\nx = math.pi"),
        {("setup", "setup")},
    ),
    "no check imported": (
        edited("setup", "import check", "import check as c"),
        {("setup", "setup")},
    ),
    "another lesson": (edited("title", "01_scale", "02_x"), {("opening", "title")}),
    "other points": (edited("title", "6 points", "7 points"), {("opening", "title")}),
    "no promise": (
        lambda nb: cell_of(nb, "title").update(source="# Exercises 01 · Scale"),
        {("title", "title"), ("opening", "title")},
    ),
    "another title": (
        edited("title", "01 · Scale\n", "1 Scale\n"),
        {("opening", "title")},
    ),
    "outputs": (run, {("outputs", "recall")}),
    "a star import": (
        edited("setup", "import math", "from math import *"),
        {("plain-code", "setup")},
    ),
    "British": (edited("end", "That", "The Colour"), {("spelling", "end")}),
}


@pytest.mark.parametrize(("change", "found"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(change, found):
    nb = solutions()
    change(nb)
    assert rules(check_solution_notebook(nb, LESSON, "x")) == found


def test_extra_cells_may_follow_an_exercise():
    nb = solutions()
    insert("card-letter", code("play", "print(double)"))(nb)
    nb.cells.append(markdown("more", "And more."))
    assert check_solution_notebook(nb, LESSON, "x") == []


def test_a_message_names_the_notebook_and_what_to_do():
    nb = solutions()
    edited("check-mend", "assert ", "")(nb)
    edited("card-double", "2 points", "3 points")(nb)
    card, check = map(str, check_solution_notebook(nb, LESSON, "solutions/x"))
    assert card == (
        "solutions/x[card-double]: its heading or facts are stale; run `course build "
        "01` (cards)"
    )
    assert check.endswith(f"its lines are not:\n{CHECK.format(id='01-mend')} (checks)")
