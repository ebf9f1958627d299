"""A small course folder for the commands, and a way to call them."""

import json

import nbformat
import pytest
from typer.testing import CliRunner

from course_utils.cli import app


class Called:
    """What a command printed and its exit code."""

    def __init__(self, result):
        self.code = result.exit_code
        self.out = result.stdout
        self.err = result.stderr
        self.exception = result.exception

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def course():
    """Return a function that runs `course` with arguments, in this process."""

    def call(*arguments):
        called = Called(CliRunner().invoke(app, list(arguments)))
        assert isinstance(called.exception, SystemExit | None), called.exception
        return called

    return call


def write_notebook(root, name, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    path = root / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A course folder with two tiny lessons: 00 and 02."""
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    write_notebook(tmp_path, "00_welcome", "print(1 + 1)")
    write_notebook(tmp_path, "02_attention", "x = 1", "assert x == 1")
    return tmp_path
