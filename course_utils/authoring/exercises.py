"""Make the exercises of a lesson from the notebook with the answers.

    nb = read_notebook(solution_path(lesson, root))
    changed = sync_cards(nb, lesson)        # cards and points follow the syllabus
    exercise = learner_version(nb, lesson)  # no answers, hidden tests or outputs

An answer stands between `### BEGIN SOLUTION` and `### END SOLUTION`, a hidden test
between `### BEGIN HIDDEN TESTS` and `### END HIDDEN TESTS`, as nbgrader has it.
"""

import ast
import re
from copy import deepcopy
from dataclasses import dataclass
from textwrap import dedent

from nbformat import NotebookNode, from_dict

from course_utils.authoring.notebooks import NotebookError, code_cells
from course_utils.authoring.outputs import clear_outputs
from course_utils.syllabus import Exercise, Lesson

__all__ = [
    "HIDDEN",
    "SOLUTION",
    "MarkerError",
    "blank",
    "card_opening",
    "find_blocks",
    "grader_metadata",
    "learner_version",
    "solution_blocks",
    "sync_cards",
    "title_opening",
]

SOLUTION, HIDDEN = "SOLUTION", "HIDDEN TESTS"
HERE = "# YOUR CODE HERE"
UNANSWERED = "raise NotImplementedError()"
# Also what was meant as a marker: a misspelled one would give the answer away.
_MARKER = re.compile(r"#+\s*(BEGIN|END)[\s_]+(SOLUTION|HIDDEN[\s_]+TEST)S?\b", re.I)
_EXACT = re.compile(rf"### (BEGIN|END) ({SOLUTION}|{HIDDEN})")
_HEADING = re.compile(r"#+ [^\n]*\n*")
_FACTS = re.compile(r"\*[^*\n]*\bpoints?\b[^*\n]*\*\n*")


class MarkerError(ValueError):
    """The markers of a cell do not pair, or what they leave is not Python."""


@dataclass(frozen=True)
class Block:
    """A marked block: its kind, and the indices of its two lines of markers."""

    kind: str
    first: int
    last: int


def find_blocks(source: str) -> list[Block]:
    """Return the marked blocks of a cell, from top to bottom.

    Raises:
        MarkerError: a marker is misspelled, or a block is nested or unbalanced.
    """
    blocks, begun = [], None
    for index, line in enumerate(source.split("\n")):
        if not _MARKER.search(line):
            continue
        word, kind = _marker(line, index)
        if word == "BEGIN":
            if begun:
                raise MarkerError(f"{_nth(index)} begins a block {_inside(begun)}")
            begun = (kind, index)
            continue
        if begun is None or begun[0] != kind:
            raise MarkerError(f"{_nth(index)} ends a block that no line has begun")
        blocks.append(Block(kind, begun[1], index))
        begun = None
    if begun:
        raise MarkerError(f"{_nth(begun[1])} begins a block that never ends")
    return blocks


def _marker(line: str, index: int) -> tuple[str, str]:
    exact = _EXACT.fullmatch(line.strip())
    if exact is None:
        right = f"alone on its line, as in '### BEGIN {SOLUTION}'"
        raise MarkerError(f"{_nth(index)} is {line.strip()!r}; write a marker {right}")
    return exact[1], exact[2]


def _nth(index: int) -> str:
    return f"line {index + 1}"


def _inside(begun: tuple[str, int]) -> str:
    return f"inside the one of {_nth(begun[1])}; end that one first"


def blank(source: str) -> str:
    """Return the source of a code cell as a learner gets it.

    In a function an answer becomes `raise NotImplementedError()`; elsewhere, like a
    hidden test, it is left out.

    Raises:
        MarkerError: the markers do not pair, or what remains is not Python.
    """
    blocks, lines = find_blocks(source), source.split("\n")
    if not blocks:
        return source
    functions = _functions(source, "the cell")
    for block in reversed(blocks):
        before, after = lines[: block.first], lines[block.last + 1 :]
        if block.kind == SOLUTION and _in_function(block, lines, functions):
            marker = lines[block.first]
            indent = marker[: len(marker) - len(marker.lstrip())]
            lines = [*before, indent + HERE, indent + UNANSWERED, *after]
        else:
            lines = _joined(before, after)
    left = "\n".join(lines) or HERE
    _functions(left, "what remains without the marked blocks")
    return left


def _functions(source: str, what: str) -> list[ast.AST]:
    """Return the functions of a cell; refuse a cell that is not Python."""
    try:
        nodes = ast.walk(ast.parse(source))
    except SyntaxError as error:
        where = f"{error.msg} in line {error.lineno}"
        raise MarkerError(f"{what} is not plain Python: {where}") from None
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node for node in nodes if isinstance(node, kinds)]


def _in_function(block: Block, lines: list[str], functions: list[ast.AST]) -> bool:
    """Say whether a block stands below the `def` line of a function."""
    inner = range(block.first + 1, block.last)
    filled = [i for i in inner if lines[i].strip() and lines[i].strip()[0] != "#"]
    first = (filled or [block.first])[0] + 1
    return any(
        node.lineno <= block.first and first <= node.end_lineno for node in functions
    )


def _joined(before: list[str], after: list[str]) -> list[str]:
    """Join what surrounds a block, with the larger of the two gaps between."""
    head, tail = list(before), list(after)
    while head and not head[-1].strip():
        head.pop()
    while tail and not tail[0].strip():
        tail.pop(0)
    if not (head and tail):
        return head or tail
    gap = max(len(before) - len(head), len(after) - len(tail))
    return [*head, *[""] * gap, *tail]


def solution_blocks(nb: NotebookNode) -> list[str]:
    """Return the text of every answer in a solutions notebook, without indentation."""
    found = []
    for cell in code_cells(nb):
        lines = cell.source.split("\n")
        for block in find_blocks(cell.source):
            if block.kind == SOLUTION:
                found.append(dedent("\n".join(lines[block.first + 1 : block.last])))
    return found


def learner_version(solution: NotebookNode, lesson: Lesson) -> NotebookNode:
    """Return the exercise notebook that a solutions notebook describes.

    Cells that grading relies on cannot be deleted, locked ones not edited.

    Raises:
        NotebookError: markers are misspelled, nested, unbalanced or out of place.
    """
    nb = deepcopy(solution)
    clear_outputs(nb)
    nb.metadata.pop("course", None)
    for cell in nb.cells:
        try:
            if cell.cell_type == "code":
                cell.source = blank(cell.source)
            elif find_blocks(cell.source):
                raise MarkerError("a marked block in a text cell")
        except MarkerError as error:
            name = f"solutions/{lesson.name}.ipynb"
            raise NotebookError(f"{name}[{cell.id}]: {error}") from None
        if "nbgrader" in cell.metadata:
            cell.metadata.deletable = False
            if cell.metadata.nbgrader.get("locked"):
                cell.metadata.editable = False
    return nb


def grader_metadata(exercise: Exercise) -> dict[str, dict]:
    """Return what nbgrader must know of the cells of an exercise, by cell id."""
    kinds = {
        "given": {"grade": False, "solution": False, "locked": True},
        "answer": {"grade": False, "solution": True, "locked": False},
        "check": {"grade": True, "solution": False, "locked": True},
    }
    kinds["check"]["points"] = exercise.points
    common = {"schema_version": 3, "task": False, "cell_type": "code"}
    return {
        f"{kind}-{exercise.name}": {
            "grade_id": exercise.id if kind == "answer" else f"{kind}-{exercise.id}",
            **flags,
            **common,
        }
        for kind, flags in kinds.items()
    }


def title_opening(lesson: Lesson) -> str:
    """Return the first two blocks of an exercise notebook."""
    minutes = sum(exercise.minutes for exercise in lesson.exercises)
    facts = (
        _count(len(lesson.exercises), "exercise"),
        _count(lesson.points, "point"),
        f"about {_count(minutes, 'minute')}",
    )
    return f"# Exercises {lesson.number} · {lesson.title}\n\n*{' · '.join(facts)}*"


def card_opening(exercise: Exercise, number: int) -> str:
    """Return the first two blocks of a card: the heading, and what it takes."""
    facts = (
        exercise.kind,
        _count(exercise.points, "point"),
        f"difficulty {exercise.difficulty} of 5",
        f"about {_count(exercise.minutes, 'minute')}",
    )
    return f"## {number} · {exercise.title}\n\n*{' · '.join(facts)}*"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def sync_cards(nb: NotebookNode, lesson: Lesson) -> list[str]:
    """Bring title, cards and grading metadata up to the syllabus.

    Returns the ids of the changed cells.
    """
    before = {cell.id: deepcopy(cell) for cell in nb.cells}
    for cell in (cell for cell in nb.cells if cell.id == "title"):
        cell.source = _with_opening(cell.source, title_opening(lesson))
    for number, exercise in enumerate(lesson.exercises, start=1):
        metadata = grader_metadata(exercise)
        for cell in nb.cells:
            if cell.id == f"card-{exercise.name}":
                cell.source = _with_opening(cell.source, card_opening(exercise, number))
            elif cell.id in metadata:
                cell.metadata["nbgrader"] = from_dict(metadata[cell.id])
    return [cell.id for cell in nb.cells if cell != before[cell.id]]


def _with_opening(source: str, opening: str) -> str:
    """Replace the heading and the line of facts; what is neither of them stays."""
    body = source.lstrip()
    for part in (_HEADING, _FACTS):
        body = part.sub("", body, count=1) if part.match(body) else body
    return f"{opening}\n\n{body}".rstrip()
