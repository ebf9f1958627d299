"""A small course, clean by every rule, in which tests plant their faults."""

from pathlib import Path

import nbformat

from course_utils.authoring.course import Course
from course_utils.authoring.notebooks import as_text, read_notebook
from course_utils.syllabus import Lesson

SCALE = '''"""Scale numbers."""

from collections.abc import Sequence

__all__ = ["FACTOR", "Scaler", "scale"]

# How much larger everything becomes.
FACTOR = 2.0


def scale(values: Sequence[float], factor: float = FACTOR) -> list[float]:
    """Multiply every value by the factor.

    What follows the first line is for the reader of the package.
    """
    # Why: a list, so that the result prints.
    return [factor * value for value in values]


class Scaler:
    """Remember a factor.

    More about it.
    """

    def __init__(self, factor: float):
        self.factor = factor

    def __call__(self, values: Sequence[float]) -> list[float]:
        """Scale the values.

        More about it.
        """
        return scale(values, self.factor)
'''

TOTAL = '''"""Add numbers."""

__all__ = ["total"]


def total(values):
    """Add the values."""
    return sum(values)
'''

ALT = "Two bars, one twice as high as the other: scaling doubles what it is given."

LESSONS = (
    Lesson(
        "01",
        "scale",
        "Scale",
        "How large?",
        10,
        introduces=("parts.scale.FACTOR", "parts.scale.scale", "parts.scale.Scaler"),
        terms=("factor",),
        cells=(5, 30),
    ),
    Lesson(
        "02",
        "total",
        "Total",
        "How much?",
        10,
        requires=("01",),
        introduces=("parts.total.total",),
        terms=("grand total",),
        cells=(5, 30),
    ),
)

MARKED = ["nbval-check-output"]

FIRST = [
    (
        "title",
        "# 01 · Scale\n\nIn this lesson you make all numbers larger at once.",
        0,
    ),
    ("objectives", "You will be able to scale. **Time** 10 minutes.", 0),
    ("setup", "from collections.abc import Sequence", []),
    ("build", "## Build it\n\nThe *factor* says how much.", 0),
    ("def-factor", "", ["defines:parts.scale.FACTOR"]),
    ("def-scale", "", ["defines:parts.scale.scale"]),
    ("class", "It can be remembered.", 0),
    ("def-scaler", "", ["defines:parts.scale.Scaler"]),
    ("try-it", "print(scale([1, 2]))\nprint(Scaler(3)([1]))", MARKED),
    ("look", "The picture says the same.", 0),
    (
        "picture",
        "from IPython.display import HTML\n\n"
        f'HTML(\'<img alt="{ALT}" src="data:image/png;base64,iVBORw0KGgo=">\')',
        [],
    ),
    ("checks", "## Checks", 0),
    ("equal", "assert scale([1.5]) == [3.0]", []),
    ("limits", "## When this does not help\n\nZero stays zero.", 0),
    ("gained", "## What the package gained\n\n`scale`.", 0),
    ("sources", "## Sources\n\nNone.", 0),
]

SECOND = [
    ("title", "# 02 · Total\n\nIn this lesson you add numbers up, all of them.", 0),
    ("objectives", "You will be able to add a grand total. **Time** 10 minutes.", 0),
    ("setup", "from parts.scale import scale", []),
    ("build", "## Build it", 0),
    ("def-total", "", ["defines:parts.total.total"]),
    ("try-it", "print(total(scale([1, 2])))", MARKED),
    ("checks", "## Checks", 0),
    ("equal", "assert total([1, 2]) == 3", []),
    ("limits", "## When this does not help\n\nNever.", 0),
    ("gained", "## What the package gained\n\n`total`.", 0),
    ("sources", "## Sources\n\nNone.", 0),
]


def notebook(cells):
    """Make a notebook from (id, source, tags) triples; tags 0 means Markdown."""
    made = []
    for identity, source, tags in cells:
        if tags == 0:
            cell = nbformat.v4.new_markdown_cell(source, id=identity)
        else:
            cell = nbformat.v4.new_code_cell(source, id=identity)
            cell.metadata.update({"tags": tags} if tags else {})
        made.append(cell)
    return nbformat.v4.new_notebook(cells=made)


def checkout(root: Path) -> Course:
    """Write the small course below `root`, unbuilt."""
    for name, text in {"__init__": "", "scale": SCALE, "total": TOTAL}.items():
        path = root / "parts" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    course = again(root)
    (root / "notebooks").mkdir()
    for lesson, cells in zip(LESSONS, (FIRST, SECOND), strict=True):
        course.path(lesson).write_text(as_text(notebook(cells)))
    return course


def again(root: Path, lessons=LESSONS) -> Course:
    """Return the course below `root`, with nothing remembered of its package."""
    return Course(root, lessons, "parts")


def edit(course: Course, change, number: int = 0) -> None:
    """Apply `change` to the notebook of a lesson, in its file."""
    path = course.path(LESSONS[number])
    nb = read_notebook(path)
    change(nb)
    path.write_text(as_text(nb))


def cell_of(nb, identity):
    """Return the cell with this id."""
    return next(cell for cell in nb.cells if cell.id == identity)


def rules(findings):
    """Return the rules that the findings break, with the cell of each."""
    return {(finding.rule, finding.cell) for finding in findings}
