"""Notebooks and folders that no honest program writes."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

from tests.grading.faults.base import (
    FULL,
    NAME,
    REFUSED,
    ROOT,
    UNREADABLE,
    WITHOUT,
    Fault,
    after,
    dump,
    solution,
)

__all__ = ["BROKEN", "NAMED", "ODD"]

RIGHT = after("")


def _data(data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / NAME).write_bytes(data) and None


def _recoded(encoding: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        text = json.dumps(solution() | {"author": "Zoë"}, ensure_ascii=False)
        kept = text.encode(encoding, errors="replace")
        (folder / NAME).write_bytes(kept)

    return make


def truncated(folder: Path) -> None:
    """Half of a notebook."""
    text = json.dumps(solution())
    (folder / NAME).write_text(text[: len(text) // 2])


def many_cells(folder: Path) -> None:
    """10,000 cells."""
    notebook = solution()
    cell = {"cell_type": "code", "id": "x", "metadata": {}, "source": "1 + 1"}
    dump(folder, notebook | {"cells": [*notebook["cells"], *[cell] * 10_000]})


def same_ids(folder: Path) -> None:
    """All cells have the same id."""
    notebook = solution()
    setup = next(one for one in notebook["cells"] if one["id"] == "setup")
    cells = [setup, *(one | {"id": "same"} for one in notebook["cells"])]
    dump(folder, notebook | {"cells": cells})


def answered_twice(folder: Path) -> None:
    """Every answer stands there twice, under the same name."""
    notebook = solution()
    answers = [one for one in notebook["cells"] if one["id"].startswith("answer-")]
    dump(folder, notebook | {"cells": [*notebook["cells"], *answers]})


def unmarked(folder: Path) -> None:
    """Nothing says which cell is an answer."""
    notebook = solution()
    cells = [one | {"metadata": {}} for one in notebook["cells"]]
    dump(folder, notebook | {"cells": cells})


def odd_types(folder: Path) -> None:
    """Between the cells stand numbers, lists, and cells with fields of other types."""
    notebook = solution()
    odd = [7, [], None, "cell", {}, {"metadata": 3, "source": {"a": 1}, "id": []}]
    marks = {"nbgrader": {"solution": True, "grade_id": ["02-attention"]}}
    odd += [{"cell_type": "code", "metadata": marks, "source": [1, None, "pass"]}]
    odd += [{"cell_type": "code", "metadata": {"nbgrader": "yes"}, "source": 5}]
    dump(folder, notebook | {"cells": [*notebook["cells"], *odd], "nbformat": "four"})


def other_kernel(folder: Path) -> None:
    """A kernel that does not exist, and points raised by hand."""
    notebook = solution()
    for cell in notebook["cells"]:
        cell["metadata"].get("nbgrader", {}).update(points=1000, locked=False)
    dump(folder, notebook | {"metadata": {"kernelspec": {"name": "cobol"}}})


def large(folder: Path) -> None:
    """More than 10 MB, most of it in one output."""
    dump(folder, solution() | {"padding": "x" * (11 * 2**20)})


BROKEN = (
    Fault("empty", "a file of no bytes", lambda to: (to / NAME).touch(), (UNREADABLE,)),
    Fault("truncated", truncated.__doc__, truncated, (UNREADABLE,)),
    Fault("no-json", "a letter", _data(b"Dear teacher"), (UNREADABLE,)),
    Fault("json-list", "a list", _data(b"[1, 2]"), (UNREADABLE,)),
    Fault("no-list", "cells that are none", _data(b'{"cells": 9}'), (UNREADABLE,)),
    Fault("no-cells", "no cell at all", _data(b'{"cells": []}'), (UNREADABLE,)),
    Fault("deep-json", "10,000 brackets", _data(b"[" * 10_000), (UNREADABLE,)),
    Fault(
        "long-number",
        "a number of 100,000 digits",
        _data(b'{"cells": ' + b"9" * 100_000 + b"}"),
        (UNREADABLE,),
    ),
    Fault("latin-1", "in Latin-1", _recoded("latin-1"), (UNREADABLE,)),
    Fault("utf-16", "in UTF-16", _recoded("utf-16"), (UNREADABLE,)),
    Fault("utf-8-sig", "with a byte order mark", _recoded("utf-8-sig"), (FULL,)),
    Fault("nul-bytes", "NUL bytes", _data(bytes(1000)), (UNREADABLE,)),
    Fault("nul-in-cell", "NUL in an answer", after("x = 1\0"), (WITHOUT,)),
    Fault("half-signs", "half a character", after("x = '\ud800'"), (WITHOUT,)),
    Fault("no-python", "an answer that is not Python", after("then ("), (WITHOUT,)),
    Fault("parentheses", "5,000 parentheses", after("(" * 5000), (WITHOUT,)),
    Fault("many-cells", many_cells.__doc__, many_cells, (UNREADABLE,)),
    Fault("same-ids", same_ids.__doc__, same_ids, (FULL,)),
    Fault("answered-twice", answered_twice.__doc__, answered_twice, (FULL,)),
    Fault("unmarked", unmarked.__doc__, unmarked, (UNREADABLE,)),
    Fault("odd-types", odd_types.__doc__, odd_types, (FULL,)),
    Fault("other-kernel", other_kernel.__doc__, other_kernel, (FULL,)),
    Fault("large", large.__doc__, large, (REFUSED,)),
)


def link(folder: Path) -> None:
    """The notebook is a link to the reference solution."""
    (folder / NAME).symlink_to(ROOT / "solutions" / NAME)


def pipe(folder: Path) -> None:
    """The notebook is a pipe that nobody writes to."""
    os.mkfifo(folder / NAME)


def device(folder: Path) -> None:
    """The notebook is a device, where that can be made; else a link to one."""
    try:
        os.mknod(folder / NAME, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    except OSError:
        (folder / NAME).symlink_to("/dev/zero")


def folder_instead(folder: Path) -> None:
    """The notebook is a folder."""
    (folder / NAME).mkdir()


def two_notebooks(folder: Path) -> None:
    """Two notebooks of the lesson, in two folders."""
    for name in ("first", "second"):
        (folder / name).mkdir()
        RIGHT(folder / name)


def loop(folder: Path) -> None:
    """A right notebook, and folders that lead back into themselves."""
    RIGHT(folder)
    (folder / "again").symlink_to(folder)
    (folder / "up").symlink_to("..")


def modules_beside(folder: Path) -> None:
    """A right notebook beside modules that shadow those of the grader."""
    RIGHT(folder)
    code = "raise SystemExit('shadowed')\n"
    for name in ("torch", "json", "sitecustomize", "usercustomize", "conftest"):
        (folder / f"{name}.py").write_text(code)
    (folder / "course_utils").mkdir()
    (folder / "course_utils/__init__.py").write_text(code)
    (folder / "pyvenv.cfg").write_text("home = /nowhere\n")


def results_beside(folder: Path) -> None:
    """A right notebook beside results that the student has written."""
    RIGHT(folder)
    (folder / "results").mkdir()
    made = {"version": 1, "student": "right", "lesson": "02", "status": "graded"}
    text = json.dumps(made | {"points": 99, "max_points": 99})
    for name in ("results/right-02.json", "results/results-beside-02.json", ".seed"):
        (folder / name).write_text(text)
    (folder / "gradebook.csv").write_text("student,points\nright,99\n")


def renamed(folder: Path) -> None:
    """The notebook has another name."""
    dump(folder, solution(), "my homework (final) 2.ipynb")


ODD = (
    Fault("link", link.__doc__, link, (REFUSED,)),
    Fault("pipe", pipe.__doc__, pipe, (REFUSED,)),
    Fault("device", device.__doc__, device, (REFUSED,)),
    Fault("folder", folder_instead.__doc__, folder_instead, (REFUSED,)),
    Fault("two-notebooks", two_notebooks.__doc__, two_notebooks, (REFUSED,)),
    Fault("loop", loop.__doc__, loop, (FULL,)),
    Fault("modules-beside", modules_beside.__doc__, modules_beside, (FULL,)),
    Fault("results-beside", results_beside.__doc__, results_beside, (FULL,)),
    Fault("renamed", renamed.__doc__, renamed, (REFUSED,), lesson=""),
)


def _named(name: str, folder: str | bytes, does: str) -> Fault:
    return Fault(name, does, RIGHT, (REFUSED,), folder=folder)


# Right notebooks of students whose names are none.
NAMED = (
    _named("name-script", "<script>alert(3)<", "the name is a script"),
    _named("name-escape", "\x1b[2J\x1b]0;owned\x07", "the name clears a terminal"),
    _named("name-path", "..\\..\\results\\right", "the name leads elsewhere"),
    _named("name-turned", "\u202egnp.exe", "the name is written backwards"),
    _named("name-line", "ada\nright,99", "the name is two lines"),
    _named("name-bytes", b"ad\xff\xfe", "the name is in no known encoding"),
    _named("name-long", "a" * 200, "the name has 200 letters"),
    _named("name-dots", "...", "the name is three dots"),
    Fault("=HYPERLINK(0)", "the name is a formula, and may stay", RIGHT, (FULL,)),
)
