"""The rules for the form of a lesson; each rule is a function of its own."""

import ast
import re
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise

from nbformat import NotebookNode

from course_utils.authoring.findings import Finding
from course_utils.authoring.notebooks import (
    CHECKED,
    DEFINES,
    code_cells,
    defined_name,
    parse_cell,
    tags,
)
from course_utils.authoring.outputs import check_outputs, images
from course_utils.authoring.prose import check_spelling, headings, without_fences
from course_utils.authoring.reading import core_minutes
from course_utils.syllabus import Lesson

__all__ = ["RULES", "SECTIONS", "lint"]

SECTIONS = (
    "Checks",
    "Deeper",
    "When this does not help",
    "What the package gained",
    "Sources",
)
OPTIONAL = {"Deeper"}
MAX_LINES, MAX_DEFINITION, MAX_SETUP = 40, 60, 22
Problems = Iterator[tuple[str, str]]


def lint(nb: NotebookNode, lesson: Lesson, name: str) -> list[Finding]:
    """Return everything about the form of a lesson that falls short."""
    findings = [
        Finding(rule, name, message, cell)
        for rule, check in RULES.items()
        for cell, message in check(nb, lesson)
    ]
    return [*findings, *check_spelling(nb, name), *check_outputs(nb, name)]


def title(nb: NotebookNode, lesson: Lesson) -> Problems:
    """One H1, at the very top, followed by the promise of the lesson."""
    all_headings = _headings(nb)
    if [level for _, level, _ in all_headings].count(1) != 1:
        yield "", "a lesson has exactly one heading of level 1"
    first = nb.cells[0] if nb.cells else None
    if first is None or not first.source.startswith("# "):
        yield "", "the first cell opens with the heading of level 1"
    elif len(first.source.split()) < 12:
        yield first.id, "the title is followed by a promise of one sentence"


def heading_levels(nb: NotebookNode, lesson: Lesson) -> Problems:
    """No level is skipped on the way down."""
    for (_, above, _), (cell, level, text) in pairwise(_headings(nb)):
        if level > above + 1:
            yield cell, f"{text!r} skips from level {above} to {level}"


def sections(nb: NotebookNode, lesson: Lesson) -> Problems:
    """Objectives and minutes, then one short set-up cell, and the closing sections."""
    kinds = [cell.cell_type for cell in nb.cells]
    first_code = kinds.index("code") if "code" in kinds else len(kinds)
    opening = "\n".join(cell.source for cell in nb.cells[:first_code]).lower()
    for words in ("be able to", f"{lesson.minutes} minutes"):
        if words not in opening:
            yield "", f"the opening does not say {words!r} before the first code"
    reading = core_minutes(nb)
    if reading > lesson.minutes:
        yield "", f"reading takes {reading:.0f} minutes, more than {lesson.minutes}"
    for cell in code_cells(nb)[:1]:
        count = _count_lines(cell.source)
        if count > MAX_SETUP and defined_name(cell) is None:
            yield cell.id, f"the set-up cell has {count} lines, over {MAX_SETUP}"
    texts = [text for _, level, text in _headings(nb) if level == 2]
    present = []
    for section in SECTIONS:
        places = [i for i, text in enumerate(texts) if _is_section(text, section)]
        present += places[:1]
        if not places and section not in {*OPTIONAL, *lesson.omits}:
            yield "", f"there is no section '## {section}'"
    if present != sorted(present):
        yield (
            "",
            "the closing sections stand in another order than " + ", ".join(SECTIONS),
        )


def length(nb: NotebookNode, lesson: Lesson) -> Problems:
    """A lesson is neither a stub nor a book."""
    least, most = lesson.cells
    if not least <= len(nb.cells) <= most:
        yield "", f"{len(nb.cells)} cells; a lesson like this has {least} to {most}"


def rhythm(nb: NotebookNode, lesson: Lesson) -> Problems:
    """At most two code cells in a row without prose."""
    for kind, group in groupby(nb.cells, key=lambda cell: cell.cell_type):
        cells = list(group)
        if kind == "code" and len(cells) > 2:
            yield cells[2].id, f"{len(cells)} code cells in a row without prose"


def cell_size(nb: NotebookNode, lesson: Lesson) -> Problems:
    """A code cell is short; a definition that the package shares may be longer."""
    for cell in code_cells(nb):
        count = _count_lines(cell.source)
        most = MAX_DEFINITION if defined_name(cell) else MAX_LINES
        if count > most:
            yield cell.id, f"{count} lines of code, over {most}"
        if not count:
            yield cell.id, "an empty code cell"


def plain_code(nb: NotebookNode, lesson: Lesson) -> Problems:
    """Code is plain Python, imports by name, and silences no warning wholesale."""
    for cell in code_cells(nb):
        tree = parse_cell(cell)
        if tree is None:
            yield cell.id, "not plain Python (a magic, a shell line, a slip?)"
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                yield cell.id, f"a star import from {node.module}; name what is used"
        if re.search(r"\b(?:filterwarnings|simplefilter)\(\s*[\"']ignore", cell.source):
            yield cell.id, "silences warnings; fix what they warn of"


def ids(nb: NotebookNode, lesson: Lesson) -> Problems:
    """Every cell has a stable id that a person chose."""
    for identity in (cell.id for cell in nb.cells):
        random = re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]+)?", identity)
        if random or not re.fullmatch(r"[a-z][a-z0-9_-]*", identity):
            yield identity, f"the id {identity!r} is no slug such as 'by-hand'"


def known_tags(nb: NotebookNode, lesson: Lesson) -> Problems:
    """No cell escapes its test, no tag is misspelled, one cell at least is checked."""
    for cell in nb.cells:
        for tag in tags(cell):
            ours = tag == CHECKED or tag.startswith(DEFINES)
            if not ours and re.match(r"(?i)nbval|skip|raises|defin", tag):
                yield cell.id, f"the tag {tag!r} is not used here"
        if sum(tag.startswith(DEFINES) for tag in tags(cell)) > 1:
            yield cell.id, "one cell defines one name"
    if not any(CHECKED in tags(cell) for cell in code_cells(nb)):
        yield "", f"no cell is tagged {CHECKED}"


def local_images(nb: NotebookNode, lesson: Lesson) -> Problems:
    """Nothing is fetched from the network to show a page; pictures have a text."""
    for cell in (cell for cell in nb.cells if cell.cell_type == "markdown"):
        source = without_fences(cell.source)
        pairs = [(alt, url) for alt, url in re.findall(r"!\[(.*?)\]\((\S+?)\)", source)]
        pairs += [(tag.get("alt", ""), tag.get("src", "")) for tag in images(source)]
        for alt, url in pairs:
            if re.match(r"(?i)(https?:)?//", url):
                yield cell.id, f"the image {url} comes from the network"
            if not alt.strip():
                yield cell.id, f"the image {url[:60]} has no alt text"


RULES: dict[str, Callable[[NotebookNode, Lesson], Problems]] = {
    "title": title,
    "heading-levels": heading_levels,
    "sections": sections,
    "length": length,
    "rhythm": rhythm,
    "cell-size": cell_size,
    "plain-code": plain_code,
    "ids": ids,
    "tags": known_tags,
    "local-images": local_images,
}


def _headings(nb: NotebookNode) -> list[tuple[str, int, str]]:
    """Return (cell, level, text) of every heading of the lesson."""
    return [
        (cell.id, level, text)
        for cell in nb.cells
        if cell.cell_type == "markdown"
        for level, text in headings(cell.source)
    ]


def _count_lines(source: str) -> int:
    return sum(1 for line in source.splitlines() if line.strip())


def _is_section(text: str, section: str) -> bool:
    return re.match(rf"{re.escape(section)}\b", text, re.IGNORECASE) is not None
