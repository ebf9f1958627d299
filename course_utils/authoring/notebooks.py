"""Read and write notebook files, and name the parts of a cell."""

import ast
import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode

__all__ = [
    "CHECKED",
    "DEFINES",
    "NotebookError",
    "as_text",
    "code_cells",
    "defined_name",
    "parse_cell",
    "read_notebook",
    "tags",
]

DEFINES = "defines:"
CHECKED = "nbval-check-output"


class NotebookError(ValueError):
    """A notebook cannot be read, executed or stored; the message says which one."""


def read_notebook(path: Path) -> NotebookNode:
    """Return the notebook in this file.

    Raises:
        NotebookError: the file is missing or is no notebook.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("nbformat") != 4:
            raise ValueError("it does not have format 4")
        _demand_ids(data)
        nbformat.validate(data)
        return nbformat.v4.reads(json.dumps(data))
    except FileNotFoundError:
        raise NotebookError(f"{path.name}: there is no such file") from None
    except (ValueError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0][:120]
        message = f"{path.name} is no usable notebook: {reason}; or restore it with git"
        raise NotebookError(message) from None


def _demand_ids(data: dict) -> None:
    """Refuse what nbformat would mend in silence: new ids would come and go."""
    ids = [cell.get("id") for cell in data.get("cells", ())]
    for identity in ids:
        if identity is None:
            raise ValueError("a cell has no id; give each a short name, unlike others")
        if ids.count(identity) > 1:
            raise ValueError(f"two cells have the id {identity!r}; rename one")


def as_text(nb: NotebookNode) -> str:
    """Return the notebook as the text of its file: sorted keys, one final newline."""
    return nbformat.writes(nb, version=4) + "\n"


def tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def defined_name(cell: NotebookNode) -> str | None:
    """Return the dotted name that the cell is tagged to define, or None."""
    found = [tag.removeprefix(DEFINES) for tag in tags(cell) if tag.startswith(DEFINES)]
    return found[0] if found and cell.cell_type == "code" else None


def code_cells(nb: NotebookNode) -> list[NotebookNode]:
    """Return the code cells in order."""
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def parse_cell(cell: NotebookNode) -> ast.Module | None:
    """Return the syntax tree of a code cell, or None when it is not plain Python."""
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return None
