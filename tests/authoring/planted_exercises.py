"""A lesson with three small exercises, clean by every rule, and a stand-in grader."""

from pathlib import Path

import nbformat

from course_utils.authoring.course import Course
from course_utils.authoring.exercises import card_opening, grader_metadata
from course_utils.authoring.notebooks import as_text
from course_utils.syllabus import Exercise, Lesson, solution_path
from tests.authoring.planted import cell_of

DOUBLE = Exercise(
    "01-double", "complete", "Double it", 2, 1, 5, ("double",), "Build it"
)
LETTER = Exercise("01-letter", "predict", "Choose", 1, 2, 1, ("letter",), "Build it")
MEND = Exercise("01-mend", "debug", "Mend it", 3, 3, 6, ("Halver",), "Build it")
EXERCISES = (DOUBLE, LETTER, MEND)
LESSON = Lesson("01", "scale", "Scale", "How large?", 10, exercises=EXERCISES)

# Judges by results alone; an answer that raises is not attempted.
CHECKS = '''"""Judge answers."""

import __main__

__all__ = ["check"]

TESTS = {
    "01-double": lambda: __main__.double(3) == 6,
    "01-letter": lambda: __main__.letter == "b",
    "01-mend": lambda: __main__.Halver().halve(6) == 3,
}


class Verdict:
    """Say whether an answer passed."""

    def __init__(self, passed):
        self.passed = passed

    def __repr__(self):
        return "passed" if self.passed else "not attempted"


def check(id):
    """Judge the answer in the running notebook."""
    try:
        return Verdict(TESTS[id]())
    except Exception:
        return Verdict(False)
'''

TITLE = """\
# Exercises 01 · Scale

*3 exercises · 6 points · about 12 minutes*

You make numbers larger, and smaller, by yourself. Read the
[lesson](../notebooks/01_scale.ipynb) first."""

SETUP = "import math\n\nfrom course_utils.checks import check"

TASKS = {
    "double": "Return twice the number that you are given.\n\n`double(value: float)`",
    "letter": 'Say which letter follows the first one: `letter` is `"a"` or `"b"`.',
    "mend": "Find what is wrong with this class.\n\n```python\nclass Halver\n```",
}

HINTS = "\n\n".join(
    f"<details><summary>Hint {n}</summary>\n\nThink {n} times.\n\n</details>"
    for n in (1, 2, 3)
)

ANSWERS = {
    "double": '''\
def double(value):
    """Return twice the value."""
    ### BEGIN SOLUTION
    twice = math.fsum([value, value])
    return twice
    ### END SOLUTION''',
    "letter": """\
letter = None  # "a" or "b"
### BEGIN SOLUTION
letter = "b"
### END SOLUTION""",
    "mend": """\
class Halver:
    def halve(self, value):
        half = value / 2
        ### BEGIN SOLUTION
        assert half <= value
        ### END SOLUTION
        return half""",
}

CHECK = """\
### BEGIN HIDDEN TESTS
assert check("{id}").passed
### END HIDDEN TESTS
check("{id}")"""


def markdown(identity, source):
    return nbformat.v4.new_markdown_cell(source, id=identity)


def code(identity, source, **metadata):
    return nbformat.v4.new_code_cell(source, id=identity, metadata=metadata)


def exercise_cells(exercise, number):
    """Return the cells of one exercise, with its answer."""
    name, graded = exercise.name, grader_metadata(exercise)
    opening = card_opening(exercise, number)
    sources = {f"answer-{name}": ANSWERS[name]}
    if exercise.kind == "debug":
        given = "def halve_badly(value):\n    return value / 3"
        sources = {f"given-{name}": given} | sources
    sources[f"check-{name}"] = CHECK.format(id=exercise.id)
    return [
        markdown(f"card-{name}", f"{opening}\n\n{TASKS[name]}\n\n{HINTS}"),
        *(code(one, text, nbgrader=graded[one]) for one, text in sources.items()),
    ]


def solutions():
    """Return the notebook with the answers."""
    cells = [
        markdown("title", TITLE),
        code("setup", SETUP),
        markdown("recall-text", "Do you remember?"),
        code("recall", 'print("recall")'),
    ]
    for number, exercise in enumerate(EXERCISES, start=1):
        cells += exercise_cells(exercise, number)
    cells.append(markdown("end", "That was it. Next comes lesson 02."))
    return nbformat.v4.new_notebook(cells=cells)


def edited(identity, old, new):
    """Return a change of a notebook: replace text in a cell that must have it."""

    def change(nb):
        cell = cell_of(nb, identity)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def answered(root: Path) -> Course:
    """Write a course below `root` that has nothing but these exercises."""
    checks = root / "course_utils" / "checks" / "__init__.py"
    checks.parent.mkdir(parents=True)
    (root / "course_utils" / "__init__.py").touch()
    checks.write_text(CHECKS)
    (root / "notebooks").mkdir()
    path = solution_path(LESSON, root)
    path.parent.mkdir()
    path.write_text(as_text(solutions()))
    return Course(root, (LESSON,))
