"""Notebooks of lesson 02 to spoil, and the form of an entry in the table."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = [
    "ATTENTION",
    "DIED",
    "FULL",
    "MEMORY",
    "NAME",
    "NONE",
    "REFUSED",
    "SLEEP",
    "TIMEOUT",
    "TRACE",
    "UNREADABLE",
    "WITHOUT",
    "Fault",
    "after",
    "blank",
    "dump",
    "instead",
    "solution",
]

NAME = "02_attention.ipynb"
ROOT = Path(__file__).resolve().parents[3]
SLEEP = "86397"  # seconds; nobody else sleeps so long, so that a process is found by it
TRACE = "course-fault-trace"  # how every file begins that a fault leaves outside

# Outcomes: a status with its points. The lesson has 13 points, `attention` 4 of them.
Outcome = tuple[str, float | None]
FULL, WITHOUT, NONE = ("graded", 13), ("graded", 9), ("graded", 0)
TIMEOUT, DIED, MEMORY = ("timeout", None), ("died", None), ("out_of_memory", None)
UNREADABLE, REFUSED = ("unreadable", None), ("refused", None)

# The first line of a wrong answer; what follows must not make it right.
ATTENTION = "def attention(q, k, v, mask=None):\n"


@dataclass(frozen=True)
class Fault:
    """A submission: its maker fills the folder of the student who is called `name`.

    `right` holds the outcomes that are right in a sandbox, `weak` those at the level
    of limits alone where they differ. `student` is the name in the results where
    the grader may not use the one that was given; `folder` the name as given.
    """

    name: str
    does: str
    make: Callable[[Path], None]
    right: tuple[Outcome, ...]
    weak: tuple[Outcome, ...] = ()
    folder: str | bytes = ""
    lesson: str = "02"

    def at(self, level: str) -> tuple[Outcome, ...]:
        """Return the outcomes that are right at a level."""
        return self.weak if level == "rlimits" and self.weak else self.right


@cache
def _text() -> str:
    return (ROOT / "solutions" / NAME).read_text(encoding="utf-8")


def solution() -> dict:
    """Return a fresh copy of the notebook with all answers right."""
    return json.loads(_text())


def dump(folder: Path, notebook: dict, name: str = NAME) -> None:
    """Write a notebook."""
    (folder / name).write_text(json.dumps(notebook), encoding="utf-8")


def after(code: str, answer: str = "attention") -> Callable[[Path], None]:
    """Return a maker: all answers right, with `code` below one of them."""
    return lambda folder: dump(folder, _changed(answer, lambda old: f"{old}\n{code}"))


def instead(code: str, answer: str = "attention") -> Callable[[Path], None]:
    """Return a maker: all answers right but one, which is `code`."""
    return lambda folder: dump(folder, _changed(answer, lambda old: code))


def blank(code: str = "") -> Callable[[Path], None]:
    """Return a maker: no answer at all, and `code` in the place of the last."""
    return lambda folder: dump(folder, _blank(code))


def _changed(answer: str, change: Callable[[str], str]) -> dict:
    notebook = copy.deepcopy(solution())
    [cell] = [one for one in notebook["cells"] if one["id"] == f"answer-{answer}"]
    cell["source"] = change("".join(cell["source"]))
    return notebook


def _blank(code: str) -> dict:
    notebook = solution()
    answers = [one for one in notebook["cells"] if one["id"].startswith("answer-")]
    for cell in answers:
        cell["source"] = "pass"
    answers[-1]["source"] = code or "pass"
    return notebook
