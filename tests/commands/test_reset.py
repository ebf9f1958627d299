"""`course reset`: the answer cell is blank again, and nothing is lost."""

import json
import os

import nbformat
import pytest

from course_utils import blanks
from course_utils.blanks import blanks_path, blanks_text, write_blanks
from course_utils.syllabus import find_exercise

NAME = "02_attention"
BLANK = "def scores(q, k):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
MINE = "def scores(q, k):\n    return q @ k.T  # «mine»"


def answer(id, source, cell_id):
    marks = {"nbgrader": {"grade_id": id, "solution": True, "grade": False}}
    cell = nbformat.v4.new_code_cell(source, metadata=marks)
    cell.update(id=cell_id, execution_count=3)
    cell.outputs = [nbformat.v4.new_output("stream", text="old")]
    return cell


def notebook(source):
    check = nbformat.v4.new_code_cell('check("02-scores")')
    check.metadata["nbgrader"] = {"grade_id": "check-02-scores", "grade": True}
    note = nbformat.v4.new_markdown_cell("my own note")
    cells = [note, answer("02-scores", source, "answer-scores"), check]
    cells.append(answer("02-bias", "mine too", "answer-bias"))
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def path(root, tmp_path, monkeypatch):
    """The reader's notebook, with answers; the package knows the blanks."""
    package = tmp_path / "package"
    monkeypatch.setattr(blanks_path, "__defaults__", (package,))
    write_blanks(notebook(BLANK), blanks_path(NAME))
    path = root / "exercises" / f"{NAME}.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook(MINE), path)
    return path


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def backups(path):
    return sorted((path.parent / ".backup").glob("*"))


def test_the_answer_is_blank_and_the_rest_stays(course, path):
    before, old = path.read_bytes(), cells(path)
    called = course("reset", "02-scores")
    assert called.code == 0
    assert "02-scores, Score every pair: the answer cell is blank again." in called.out
    new = cells(path)
    assert "".join(new[1]["source"]) == BLANK
    assert (new[1]["outputs"], new[1]["execution_count"]) == ([], None)
    assert new[1]["metadata"] == old[1]["metadata"]
    assert [new[0], *new[2:]] == [old[0], *old[2:]]
    [backup] = backups(path)
    assert backup.read_bytes() == before
    assert f"exercises/.backup/{backup.name}" in called.out
    nbformat.validate(nbformat.read(path, as_version=4))


def test_every_reset_keeps_its_own_backup(course, path):
    for _ in range(3):
        assert course("reset", "02-scores").code == 0
    assert len(backups(path)) == 3


def test_parts_of_an_answer_are_emptied(course, path):
    nb = notebook(MINE)
    nb.cells.append(answer("02-scores", "scores = None", "more"))
    nbformat.write(nb, path)
    course("reset", "02-scores")
    assert "".join(cells(path)[1]["source"]) == BLANK
    assert cells(path)[-1]["source"] == []


def test_an_unknown_exercise_is_answered_with_the_nearest(course, path):
    called = course("reset", "02-scorse")
    assert called.code == 2
    assert "There is no exercise '02-scorse'; did you mean '02-scores'?" in called.err
    assert backups(path) == []


def test_a_missing_notebook_says_how_to_get_it_back(course, path):
    path.unlink()
    called = course("reset", "02-scores")
    assert called.code == 1
    assert "There is no notebook at" in called.err
    assert f"git checkout -- exercises/{NAME}.ipynb" in called.err


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": [1]}', '{"cells": 3}'])
def test_a_damaged_notebook_is_left_alone(course, path, text):
    path.write_text(text)
    called = course("reset", "02-scores")
    assert called.code == 1
    assert "is no usable notebook" in called.err
    assert path.read_text() == text


def test_a_cell_that_is_gone_is_said(course, path):
    nb = notebook(MINE)
    del nb.cells[1]
    nbformat.write(nb, path)
    called = course("reset", "02-scores")
    assert called.code == 1
    assert "has no answer cell for 02-scores any more." in called.err
    assert backups(path) == []


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_a_package_without_the_blank_says_so(course, path, text):
    stored = blanks_path(NAME)
    stored.unlink()
    if text is not None:
        stored.write_text(text)
    before = path.read_bytes()
    called = course("reset", "02-scores")
    assert called.code == 1
    assert "The package has no blank cell for 02-scores." in called.err
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_to_keeps_the_notebook(
    course, path, monkeypatch
):
    def refuse(*given):
        raise PermissionError(13, "Permission denied")

    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        called = course("reset", "02-scores")
    assert called.code == 1
    assert "left as it is, for writing failed: Permission denied." in called.err
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".02*"))


def test_blanks_hold_the_answer_cells_alone(tmp_path):
    held = json.loads(blanks_text(notebook(BLANK)))
    assert held == {"02-scores": BLANK, "02-bias": "mine too"}
    path = tmp_path / "blanks" / "x.json"
    assert write_blanks(notebook(BLANK), path)
    assert not write_blanks(notebook(BLANK), path)
    assert write_blanks(notebook(MINE), path)
    assert "«mine»" in path.read_text(encoding="utf-8")


def test_cells_of_any_shape_are_passed_over():
    odd = [{}, {"metadata": None}, {"cell_type": "code", "metadata": {"nbgrader": 1}}]
    assert blanks_text({"cells": odd}) == "{}\n"


def test_a_blank_is_read_by_exercise(path):
    assert blanks.read_blank(find_exercise("02-scores")) == BLANK
