import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_utils.authoring.readme import fill, headline, lesson_map, render, write
from course_utils.commands.places import root
from course_utils.syllabus import LESSONS

README = root() / "README.md"


def notebook(tmp_path, *tags, text="measured: 3\nmore\n"):
    cell = new_code_cell("print()", metadata={"tags": list(tags)})
    cell.outputs = [new_output("stream", name="stdout", text=text)]
    path = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[cell]), path)
    return path


def test_lesson_map_in_the_readme_is_current():
    assert render(root()) == README.read_text(encoding="utf-8")


def test_every_lesson_says_what_it_measured():
    table = lesson_map(root() / "notebooks")
    rows = table.splitlines()[2:]
    assert len(rows) == len(LESSONS)
    assert [row for row in rows if row.endswith("|  |")] == []


def test_readme_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_headline_is_the_first_line_of_the_tagged_cell(tmp_path):
    assert headline(notebook(tmp_path, "headline")) == "measured: 3"


def test_a_lesson_without_headline_has_none(tmp_path):
    assert headline(notebook(tmp_path)) == ""


def test_fill_replaces_what_stands_between_the_marks():
    text = "a\n<!-- x -->\nold\n<!-- /x -->\nb"
    assert fill(text, "x", "new\n") == "a\n<!-- x -->\nnew\n<!-- /x -->\nb"


def test_fill_names_the_marks_that_are_missing():
    with pytest.raises(ValueError, match="lacks the marks <!-- x --> and <!-- /x -->"):
        fill("nothing here", "x", "new")


def test_write_changes_only_what_is_out_of_date(tmp_path):
    (tmp_path / "notebooks").mkdir()
    for lesson in LESSONS:
        name = f"{lesson.number}_{lesson.topic}.ipynb"
        notebook(tmp_path, "headline").rename(tmp_path / "notebooks" / name)
    (tmp_path / "README.md").write_text("<!-- lessons -->\nold\n<!-- /lessons -->\n")
    assert write(tmp_path)
    assert not write(tmp_path)
    assert "measured: 3" in (tmp_path / "README.md").read_text()
