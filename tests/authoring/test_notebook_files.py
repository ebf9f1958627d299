"""Notebook files: written whole or not at all."""

import os

import pytest

from course_utils.authoring.notebooks import (
    NotebookError,
    as_text,
    defined_name,
    read_notebook,
)
from course_utils.files import replace_text
from tests.authoring.planted import FIRST, cell_of, notebook


def test_what_is_written_is_read_back(tmp_path):
    nb = notebook(FIRST)
    path = tmp_path / "x.ipynb"
    replace_text(path, as_text(nb))
    assert read_notebook(path) == nb
    assert path.read_text().endswith("}\n")
    assert oct(path.stat().st_mode)[-3:] == "644"
    assert os.listdir(tmp_path) == ["x.ipynb"]


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.ipynb"
    path.write_text("old")

    def fail(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        replace_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.ipynb"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NotebookError, match=r"none\.ipynb: there is no such file"):
        read_notebook(tmp_path / "none.ipynb")


def test_only_code_cells_define():
    nb = notebook(FIRST)
    assert defined_name(cell_of(nb, "def-scale")) == "parts.scale.scale"
    assert defined_name(cell_of(nb, "try-it")) is None
    cell_of(nb, "title").metadata.tags = ["defines:parts.scale.scale"]
    assert defined_name(cell_of(nb, "title")) is None
