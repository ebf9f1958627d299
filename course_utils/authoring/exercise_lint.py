"""The rules for a solutions notebook; each rule is a function of its own."""

import ast
import re
from collections.abc import Callable, Iterator

from nbformat import NotebookNode

from course_utils.authoring.exercises import (
    HIDDEN,
    SOLUTION,
    MarkerError,
    blank,
    card_opening,
    find_blocks,
    grader_metadata,
    title_opening,
)
from course_utils.authoring.findings import Finding
from course_utils.authoring.lint import RULES
from course_utils.authoring.notebooks import code_cells, parse_cell
from course_utils.authoring.package import bound_names
from course_utils.authoring.prose import check_spelling, plain_prose
from course_utils.syllabus import Exercise, Lesson

__all__ = ["check_solution_notebook"]

OPENING = {
    "title": "markdown",
    "setup": "code",
    "recall-text": "markdown",
    "recall": "code",
}
PARTS = {"card": "markdown", "given": "code", "answer": "code", "check": "code"}
OPTIONAL = "given"
SHARED = ("title", "heading-levels", "plain-code", "ids", "local-images")
IMPORT_CHECK = "from course_utils.checks import check"
CHECK_CELL = """\
### BEGIN HIDDEN TESTS
assert check("{id}").passed
### END HIDDEN TESTS
check("{id}")"""
HINTS = 3
MIN_GOAL = 5
_DETAILS = re.compile(r"<details\b.*?</details>", re.DOTALL)
_SUMMARY = re.compile(r"<summary>\s*\S.*?</summary>", re.DOTALL)
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)
Problems = Iterator[tuple[str, str]]


def check_solution_notebook(
    nb: NotebookNode, lesson: Lesson, name: str
) -> list[Finding]:
    """Return everything about a solutions notebook that falls short."""
    rules = {rule: RULES[rule] for rule in SHARED} | OWN_RULES
    findings = [
        Finding(rule, name, message, cell)
        for rule, check in rules.items()
        for cell, message in check(nb, lesson)
    ]
    return [*findings, *check_spelling(nb, name)]


def cells(nb: NotebookNode, lesson: Lesson) -> Problems:
    """The cells of the format are there, once each and in order."""
    ids = [cell.id for cell in nb.cells]
    runs = [_run(exercise, ids) for exercise in lesson.exercises]
    known = OPENING | {identity: kind for run in runs for identity, kind in run.items()}
    known["end"] = "markdown"
    yield from _unknown(nb, known)
    missing = [identity for identity in known if ids.count(identity) != 1]
    for identity in missing:
        yield "", f"{ids.count(identity)} cells have the id {identity!r}, not one"
    if missing:
        return
    if ids[: len(OPENING)] != list(OPENING):
        yield "", f"the notebook does not open with the cells {', '.join(OPENING)}"
    if [identity for identity in ids if identity in known] != list(known):
        yield "", f"the cells stand in another order than {', '.join(known)}"
    for run in map(list, runs):
        start = ids.index(run[0])
        if ids[start : start + len(run)] != run:
            yield run[0], f"{', '.join(run)} do not follow each other directly"


def _run(exercise: Exercise, ids: list[str]) -> dict[str, str]:
    """Return the cells of an exercise, in order: id → cell type."""
    named = {f"{part}-{exercise.name}": kind for part, kind in PARTS.items()}
    if f"{OPTIONAL}-{exercise.name}" not in ids:
        del named[f"{OPTIONAL}-{exercise.name}"]
    return named


def _unknown(nb: NotebookNode, known: dict[str, str]) -> Problems:
    for cell in nb.cells:
        kind = known.get(cell.id, cell.cell_type)
        if cell.cell_type != kind:
            yield cell.id, f"a {cell.cell_type} cell, where a {kind} cell belongs"
        if cell.id.partition("-")[0] in PARTS and cell.id not in known:
            yield cell.id, "belongs to no exercise of the syllabus"


def grading(nb: NotebookNode, lesson: Lesson) -> Problems:
    """What nbgrader reads is what the syllabus says, and no other cell is graded."""
    wanted = {}
    for exercise in lesson.exercises:
        wanted |= grader_metadata(exercise)
    for cell in nb.cells:
        if cell.metadata.get("nbgrader") != wanted.get(cell.id):
            yield cell.id, f"its nbgrader metadata is stale; {_todo(lesson)}"


def cards(nb: NotebookNode, lesson: Lesson) -> Problems:
    """A card has its facts from the syllabus, a goal, a signature and three hints."""
    for number, exercise in enumerate(lesson.exercises, start=1):
        for cell in (c for c in nb.cells if c.id == f"card-{exercise.name}"):
            opening = card_opening(exercise, number)
            if not f"{cell.source}\n\n".startswith(f"{opening}\n\n"):
                yield cell.id, f"its heading or facts are stale; {_todo(lesson)}"
            body = cell.source.removeprefix(opening)
            for problem in _card_problems(body, exercise):
                yield cell.id, problem


def _card_problems(body: str, exercise: Exercise) -> Iterator[str]:
    hints = _DETAILS.findall(body)
    if len(hints) != HINTS or body.count("<details") != HINTS:
        yield f"{len(hints)} hints in <details>…</details>, not {HINTS}"
    if not all(_SUMMARY.search(hint) for hint in hints):
        yield "a hint has no <summary>"
    task = _DETAILS.sub("", body)
    if len(plain_prose(task).split()) < MIN_GOAL:
        yield "no goal: say in a sentence what is to be done"
    code = "\n".join(_CODE.findall(task))
    for name in exercise.answers:
        if not re.search(rf"\b{re.escape(name)}\b", code):
            yield f"no signature: {name} does not appear as code, with its shapes"


def answers(nb: NotebookNode, lesson: Lesson) -> Problems:
    """An answer cell answers: with a marked block, and every name that is asked."""
    for exercise in lesson.exercises:
        for cell in (c for c in code_cells(nb) if c.id == f"answer-{exercise.name}"):
            if f"### BEGIN {SOLUTION}" not in cell.source:
                yield cell.id, f"no block '### BEGIN {SOLUTION}'"
            tree = parse_cell(cell) or ast.Module([], [])
            bound = {name for node in tree.body for name in bound_names(node)}
            for name in sorted(set(exercise.answers) - bound):
                yield cell.id, f"does not define {name}, which the syllabus asks for"


def checks(nb: NotebookNode, lesson: Lesson) -> Problems:
    """A check cell is the same four lines everywhere."""
    for exercise in lesson.exercises:
        text = CHECK_CELL.format(id=exercise.id)
        for cell in (c for c in code_cells(nb) if c.id == f"check-{exercise.name}"):
            if cell.source != text:
                yield cell.id, f"its lines are not:\n{text}"


def markers(nb: NotebookNode, lesson: Lesson) -> Problems:
    """Markers pair, answers stand in answer cells, hidden tests in check cells."""
    places = {SOLUTION: "answer", HIDDEN: "check"}
    for cell in nb.cells:
        try:
            blocks = find_blocks(cell.source)
            if cell.cell_type == "code":
                blank(cell.source)
        except MarkerError as error:
            yield cell.id, str(error)
            continue
        for block in blocks:
            if cell.id.partition("-")[0] != places[block.kind]:
                place = places[block.kind]
                yield cell.id, f"a block {block.kind} outside an {place}-… cell"


def setup(nb: NotebookNode, lesson: Lesson) -> Problems:
    """The set-up cell imports, `check` among others, and does nothing else."""
    for cell in (cell for cell in code_cells(nb) if cell.id == "setup"):
        body = (parse_cell(cell) or ast.Module([], [])).body
        if not all(isinstance(node, ast.Import | ast.ImportFrom) for node in body):
            yield cell.id, "does more than import"
        if IMPORT_CHECK not in [ast.unparse(node) for node in body]:
            yield cell.id, f"lacks the line {IMPORT_CHECK!r}"


def opening(nb: NotebookNode, lesson: Lesson) -> Problems:
    """The title has its facts from the syllabus, a promise, and a link."""
    link = f"(../notebooks/{lesson.name}.ipynb)"
    for cell in (cell for cell in nb.cells if cell.id == "title"):
        if not cell.source.startswith(f"{title_opening(lesson)}\n\n"):
            yield cell.id, f"its heading or facts are stale; {_todo(lesson)}"
        if link not in cell.source:
            yield cell.id, f"does not link to its lesson, {link}"


def outputs(nb: NotebookNode, lesson: Lesson) -> Problems:
    """Exercises and solutions are stored without outputs."""
    for cell in code_cells(nb):
        if cell.outputs or cell.execution_count is not None:
            yield cell.id, f"holds outputs; {_todo(lesson)}"


def _todo(lesson: Lesson) -> str:
    return f"run `course build {lesson.number}`"


OWN_RULES: dict[str, Callable[[NotebookNode, Lesson], Problems]] = {
    "cells": cells,
    "grading": grading,
    "cards": cards,
    "answers": answers,
    "checks": checks,
    "markers": markers,
    "setup": setup,
    "opening": opening,
    "outputs": outputs,
}
