"""The reading time counts prose and code of the core, and nothing beside it."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_utils.authoring.reading import LINES, WORDS, core_minutes


def minutes(*cells):
    return core_minutes(nbformat.v4.new_notebook(cells=cells))


def prose(text):
    return new_markdown_cell(text)


def test_words_and_lines_at_a_steady_pace():
    assert minutes(prose("word " * WORDS)) == 1
    assert minutes(new_code_cell("x = 1\n\n" * LINES)) == 1
    both = prose("# A title\n\n" + "word " * (WORDS - 2)), new_code_cell("y\n" * LINES)
    assert minutes(*both) == 2


def test_optional_sections_set_up_and_descriptions_do_not_count():
    beside = prose("## Deeper: why\n\n" + "word " * WORDS), new_code_cell("x\n" * LINES)
    assert minutes(*beside) == 0
    back = prose("## When this does not help\n\n" + "word " * (WORDS - 5))
    assert minutes(*beside, back) == 1
    set_up = new_code_cell("import torch\n" * LINES, id="setup")
    assert minutes(set_up) == 0
    assert (
        minutes(new_code_cell('show(\n    alt="A map."\n    " More."\n)')) == 2 / LINES
    )
