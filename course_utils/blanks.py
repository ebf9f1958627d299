"""The blank answer cells of the exercises: keep them, and put one back.

The package carries one small JSON file a lesson, `checks/blanks/NN_topic.json`, from
the id of an exercise to the source of its blank answer cell. `course build` writes it
together with the exercises; `course reset` reads it, so that a reader needs neither
git nor a second copy.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from course_utils.files import replace_text
from course_utils.syllabus import Exercise, exercise_path, lesson

__all__ = [
    "ResetError",
    "blanks_path",
    "blanks_text",
    "read_blank",
    "reset_answer",
    "write_blanks",
]


PACKAGE = Path(__file__).parent


class ResetError(Exception):
    """An answer cell cannot be put back; the message says why and what to do."""


def blanks_path(name: str, package: Path = PACKAGE) -> Path:
    """Return where a package folder keeps the blanks of a lesson: "02_attention"."""
    return package / "checks" / "blanks" / f"{name}.json"


def blanks_text(notebook: Mapping) -> str:
    """Return the file of blanks for a generated (unanswered) exercise notebook."""
    found = {
        grade_id: _source(cell)
        for cell in notebook["cells"]
        if (grade_id := _answer_id(cell))
    }
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_blanks(notebook: Mapping, path: Path) -> bool:
    """Write the blanks of a generated exercise notebook; say whether they changed."""
    text = blanks_text(notebook)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, text)
    return True


def read_blank(exercise: Exercise) -> str:
    """Return the source of an exercise's blank answer cell.

    Raises:
        ResetError: the package does not have it.
    """
    path = blanks_path(lesson(exercise.lesson).name)
    try:
        blanks = json.loads(path.read_text(encoding="utf-8"))
        return blanks[exercise.id]
    except (OSError, ValueError, KeyError, TypeError):
        raise ResetError(
            f"The package has no blank cell for {exercise.id}. Restore it: "
            f"git checkout -- course_utils/checks/blanks, or install the course anew"
        ) from None


def reset_answer(exercise: Exercise, root: Path) -> Path:
    """Put the blank answer cell back into the reader's notebook; return its backup.

    Where an answer was spread over several cells, the first gets the blank and the
    others are emptied. All other cells stay as they are. The backup comes first.

    Raises:
        ResetError: the notebook is missing or unreadable, or the cell is gone.
    """
    path = exercise_path(lesson(exercise.lesson), root)
    blank, notebook = read_blank(exercise), _read(path)
    cells = [one for one in notebook["cells"] if _answer_id(one) == exercise.id]
    if not cells:
        raise ResetError(
            f"{path.name} has no answer cell for {exercise.id} any more. {_back(path)}"
        )
    for cell in cells:
        cell.update(source=[], outputs=[], execution_count=None)
    cells[0]["source"] = blank.splitlines(keepends=True)
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    try:
        backup = _back_up(path)
        replace_text(path, text)
    except OSError as error:
        raise ResetError(
            f"{path} was left as it is, for writing failed: {error.strerror or error}."
        ) from None
    return backup


def _read(path: Path) -> dict:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"))
        if not all(isinstance(cell, dict) for cell in notebook["cells"]):
            raise TypeError
    except FileNotFoundError:
        raise ResetError(f"There is no notebook at {path}. {_back(path)}") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ResetError(f"{path} is no usable notebook. {_back(path)}") from None
    return notebook


def _back(path: Path) -> str:
    return (
        f"Get a fresh one: git checkout -- exercises/{path.name}, or copy it from a "
        f"new download of the course. Earlier backups are in exercises/.backup"
    )


def _back_up(path: Path) -> Path:
    """Copy the notebook, byte by byte, under a name that is still free."""
    folder = path.parent / ".backup"
    folder.mkdir(exist_ok=True)
    stem = f"{path.stem}.{datetime.now():%Y-%m-%d-%H%M%S}"
    backup, number = folder / f"{stem}.ipynb", 1
    while backup.exists():
        number += 1
        backup = folder / f"{stem}-{number}.ipynb"
    backup.write_bytes(path.read_bytes())
    return backup


def _answer_id(cell: Mapping) -> str | None:
    """Return the exercise that a cell answers, or None."""
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    if cell.get("cell_type") != "code" or not isinstance(grading, Mapping):
        return None
    return grading.get("grade_id") if grading.get("solution") else None


def _source(cell: Mapping) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
