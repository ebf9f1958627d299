"""Read the prose of a lesson: its headings, its words, the terms it may use."""

import re
from collections.abc import Sequence

from nbformat import NotebookNode

from course_utils.authoring.findings import Finding
from course_utils.syllabus import Lesson

__all__ = ["check_spelling", "check_terms", "headings", "plain_prose", "uses"]

_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?)#*$", re.MULTILINE)
_LATER = re.compile(r"\[later:[^\]]*\](\([^)]*\))?", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]]*)\]\((?:[^)]*/)?(\d\d)_\w+\.ipynb[^)]*\)")
_NOISE = re.compile(r"`[^`]*`|\$\$.*?\$\$|\$[^$\n]+\$|https?://\S+|<[^>]+>", re.DOTALL)
_TARGET = re.compile(r"\]\([^)]*\)")

# British stem → American spelling; a word that begins with the stem is a finding.
BRITISH = {
    "behaviour": "behavior",
    "colour": "color",
    "favour": "favor",
    "neighbour": "neighbor",
    "centre": "center",
    "labelled": "labeled",
    "labelling": "labeling",
    "modelling": "modeling",
    "normalis": "normaliz",
    "optimis": "optimiz",
    "initialis": "initializ",
    "generalis": "generaliz",
    "tokenis": "tokeniz",
    "quantis": "quantiz",
    "summaris": "summariz",
    "visualis": "visualiz",
    "memoris": "memoriz",
    "penalis": "penaliz",
    "analyse": "analyze",
    "licence": "license",
}
_BRITISH = re.compile(rf"\b(?:{'|'.join(BRITISH)})", re.IGNORECASE)


def without_fences(source: str) -> str:
    """Return Markdown without its fenced code."""
    return _FENCE.sub("", source)


def headings(source: str) -> list[tuple[int, str]]:
    """Return the (level, text) of the headings of a Markdown cell."""
    found = _HEADING.findall(without_fences(source))
    return [(len(marks), text.strip()) for marks, text in found]


def plain_prose(source: str, number: str = "99") -> str:
    """Return the words of a Markdown cell, without code, formulas and addresses.

    The text of a link to the notebook of a lesson after `number` is dropped, and so
    is `[later: ...]`: that is how prose announces what is to come.
    """

    def keep(match: re.Match) -> str:
        return "" if match[2] > number else match[1]

    text = _LATER.sub("", without_fences(source))
    return _NOISE.sub(" ", _TARGET.sub("]", _LINK.sub(keep, text)))


def uses(term: str, prose: str) -> bool:
    """Say whether prose has the term as whole words, plural and hyphen aside."""
    words = r"[-\s]+".join(re.escape(word) for word in re.split(r"[-\s]+", term))
    return re.search(rf"\b{words}(?:s|es)?\b", prose, re.IGNORECASE) is not None


def check_terms(
    nb: NotebookNode, lesson: Lesson, lessons: Sequence[Lesson], name: str
) -> list[Finding]:
    """Find terms of later lessons that this one uses, and its own that it does not."""
    cells = [cell for cell in nb.cells if cell.cell_type == "markdown"]
    prose = [(cell.id, plain_prose(cell.source, lesson.number)) for cell in cells]
    findings = []
    for later in (other for other in lessons if other.number > lesson.number):
        for term in (t for t in later.terms if t not in lesson.announces):
            where = next((cell for cell, text in prose if uses(term, text)), None)
            if where is not None:
                message = (
                    f"{term!r} is defined in lesson {later.number}; say it in plain "
                    f"words or link to that lesson"
                )
                findings.append(Finding("term-too-early", name, message, where))
    for term in lesson.terms:
        if not any(uses(term, text) for _, text in prose):
            message = (
                f"the syllabus says that this lesson defines {term!r}; it does not"
            )
            findings.append(Finding("term-missing", name, message))
    return findings


def check_spelling(nb: NotebookNode, name: str) -> list[Finding]:
    """Find British spellings in the prose."""
    findings = []
    for cell in (cell for cell in nb.cells if cell.cell_type == "markdown"):
        for stem in {m.lower() for m in _BRITISH.findall(plain_prose(cell.source))}:
            message = f"write {BRITISH[stem]}…, not {stem}…"
            findings.append(Finding("spelling", name, message, cell.id))
    return findings
