"""How long it takes to read the core of a lesson, at a steady pace."""

import re

from nbformat import NotebookNode

from course_utils.authoring.prose import headings

__all__ = ["core_minutes"]

WORDS, LINES = 180, 15  # read in a minute: words of prose, lines of code
BESIDE = ("Checks", "Deeper", "What the package gained", "Sources")
_WORD = re.compile(r"\w[\w'’-]*")
_DESCRIPTION = re.compile(r"\s*(alt=|\")")  # for those who cannot see the picture


def core_minutes(nb: NotebookNode) -> float:
    """Return the minutes for prose and code, the set-up and optional sections aside.

    Pauses, widgets and running cells come on top, so a lesson takes longer than this.
    """
    words = lines = 0
    beside = False
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            for part in re.split(r"(?m)^(?=## )", cell.source):
                found = [text for level, text in headings(part) if level == 2]
                beside = found[0].startswith(BESIDE) if found else beside
                words += 0 if beside else len(_WORD.findall(part))
        elif not beside and not cell.id.startswith("setup"):
            lines += sum(map(_is_read, cell.source.splitlines()))
    return words / WORDS + lines / LINES


def _is_read(line: str) -> bool:
    return bool(line.strip()) and not _DESCRIPTION.match(line)
