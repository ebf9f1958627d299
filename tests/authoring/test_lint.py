"""Every rule for the form of a lesson, each with a planted fault."""

from dataclasses import replace

import nbformat
import pytest

from course_utils.authoring.lint import MAX_SETUP, lint
from course_utils.authoring.notebooks import read_notebook
from course_utils.authoring.prose import check_terms, plain_prose, uses
from tests.authoring.planted import ALT, LESSONS, cell_of, rules

LESSON = LESSONS[0]
NAME = "01_scale.ipynb"


@pytest.fixture
def nb(built_once):
    course, _ = built_once
    return read_notebook(course.path(LESSON))


def md(identity, source):
    return nbformat.v4.new_markdown_cell(source, id=identity)


def code(identity, source="x = 1"):
    return nbformat.v4.new_code_cell(source, id=identity)


def source(identity, text):
    return lambda nb: cell_of(nb, identity).update(source=text)


def output(identity, **data):
    def change(nb):
        made = nbformat.v4.new_output("display_data", data=data)
        cell_of(nb, identity).outputs.append(made)

    return change


def html(text):
    return output("equal", **{"text/html": text})


def drop(*identities):
    def change(nb):
        nb.cells = [cell for cell in nb.cells if cell.id not in identities]

    return change


def move_last(identity):
    def change(nb):
        cell = cell_of(nb, identity)
        nb.cells.remove(cell)
        nb.cells.append(cell)

    return change


def insert(*cells):
    return lambda nb: nb.cells.__setitem__(slice(4, 4), cells)


def tag(identity, *names):
    return lambda nb: cell_of(nb, identity).metadata.update(tags=list(names))


FAULTS = {
    "two H1": (source("look", "# Another title"), "title", "exactly one heading"),
    "no H1 on top": (move_last("title"), "title", "first cell opens"),
    "no promise": (source("title", "# 01 · Scale"), "title", "promise"),
    "skipped level": (source("look", "#### Deep"), "heading-levels", "from level 2 to"),
    "no objectives": (drop("objectives"), "sections", "'be able to'"),
    "other minutes": (
        source("objectives", "You will be able to scale. **Time** 15 minutes."),
        "sections",
        "does not say '10 minutes'",
    ),
    "long set-up": (
        source("setup", "x = 1\n" * (MAX_SETUP + 1)),
        "sections",
        f"lines, over {MAX_SETUP}",
    ),
    "much to read": (
        source("limits", "## When this does not help\n\n" + "word " * 1900),
        "sections",
        "minutes, more than 10",
    ),
    "no sources": (drop("sources"), "sections", "there is no section '## Sources'"),
    "no checks": (drop("checks"), "sections", "'## Checks'"),
    "wrong order": (move_last("checks"), "sections", "another order"),
    "a stub": (lambda nb: nb.cells.__delitem__(slice(4, 16)), "length", "5 to 30"),
    "code after code": (
        insert(code("a"), code("b"), code("c")),
        "rhythm",
        "5 code cells in a row",
    ),
    "long cell": (source("equal", "x = 1\n" * 41), "cell-size", "41 lines"),
    "long definition": (source("def-scale", "x = 1\n" * 61), "cell-size", "over 60"),
    "empty cell": (source("equal", " \n"), "cell-size", "empty"),
    "magic": (source("equal", "%timeit 1"), "plain-code", "not plain Python"),
    "star import": (source("equal", "from math import *"), "plain-code", "star import"),
    "silenced": (
        source("equal", "import warnings\nwarnings.simplefilter('ignore')"),
        "plain-code",
        "silences warnings",
    ),
    "random id": (insert(md("b3f10c2a", "x")), "ids", "is no slug"),
    "skipped cell": (tag("equal", "nbval-skip"), "tags", "'nbval-skip' is not used"),
    "misspelled tag": (tag("equal", "define:x.y"), "tags", "'define:x.y'"),
    "two names a cell": (
        tag("def-scale", "defines:parts.scale.scale", "defines:parts.scale.Scaler"),
        "tags",
        "one cell defines one name",
    ),
    "no checked cell": (tag("try-it"), "tags", "nbval-check-output"),
    "remote picture": (
        source("look", "![two bars](https://example.org/x.png)"),
        "local-images",
        "comes from the network",
    ),
    "picture without text": (
        source("look", '<img src="x.png">'),
        "local-images",
        "no alt text",
    ),
    "British": (source("look", "The Colour of it"), "spelling", "color"),
    "bare figure": (
        output("equal", **{"image/png": "iVBORw0KGgo="}),
        "bare-figure",
        "show(fig, alt=...)",
    ),
    "short alt": (html('<img alt="two bars" src="data:,">'), "short-alt", "of 8 char"),
    "remote output": (
        html(f'<img alt="{ALT}" src="//example.org/x.png">'),
        "remote-image",
        "network",
    ),
    "bare widget": (
        output("equal", **{"application/vnd.jupyter.widget-view+json": {}}),
        "bare-widget",
        "static picture",
    ),
    "widget state": (
        lambda nb: nb.metadata.update(widgets={}),
        "widget-state",
        "course build",
    ),
    "error": (
        lambda nb: cell_of(nb, "equal").outputs.append(
            nbformat.v4.new_output("error", ename="E", evalue="v", traceback=[])
        ),
        "error-output",
        "E: v",
    ),
    "home folder": (html("/home/ann/x"), "not-reproducible", "machine path"),
    "time": (html("on 2031-05-06 07:08"), "not-reproducible", "time stamp"),
    "too large": (html("<p>" + "x" * 400_000), "too-large", "over 400"),
}


def test_a_clean_lesson_has_no_findings(nb):
    assert lint(nb, LESSON, NAME) == []


@pytest.mark.parametrize(("change", "rule", "words"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(nb, change, rule, words):
    change(nb)
    found = [finding for finding in lint(nb, LESSON, NAME) if finding.rule == rule]
    assert found, f"the rule {rule} saw nothing"
    assert any(words in str(finding) for finding in found)
    assert all(str(finding).startswith(NAME) for finding in found)


def test_a_path_inside_picture_data_is_no_finding(nb):
    html(f'<img alt="{ALT}" src="data:image/png;base64,a/tmp/home/abc+/root/=">')(nb)
    assert lint(nb, LESSON, NAME) == []


def test_a_lesson_may_omit_sections_and_have_its_own_length(nb):
    drop("checks")(nb)
    assert lint(nb, replace(LESSON, omits=("Checks",)), NAME) == []
    assert {rule for rule, _ in rules(lint(nb, replace(LESSON, cells=(1, 3)), NAME))}


def test_headings_and_pictures_inside_code_fences_do_not_count(nb):
    source("look", "```\n# no heading\n![](http://x)\n```")(nb)
    assert lint(nb, LESSON, NAME) == []


@pytest.mark.parametrize(
    "text",
    [
        "a grand total",
        "A *Grand Total*.",
        "grand-totals",
        "see [the grand total](https://example.org)",
        "see [the grand total](00_start.ipynb)",
    ],
)
def test_a_term_of_a_later_lesson_is_found(nb, text):
    source("look", text)(nb)
    assert rules(check_terms(nb, LESSON, LESSONS, NAME)) == {("term-too-early", "look")}


@pytest.mark.parametrize(
    "text",
    [
        "a grander total",
        "`grand total`",
        "$grand total$",
        "```\ngrand total\n```",
        "[later: the grand total]",
        "[the grand total](02_total.ipynb)",
        "[the grand total](../notebooks/02_total.ipynb#build)",
    ],
)
def test_code_and_announcements_may_name_a_later_term(nb, text):
    source("look", text)(nb)
    assert check_terms(nb, LESSON, LESSONS, NAME) == []


def test_the_syllabus_may_allow_a_term(nb):
    source("look", "a grand total")(nb)
    allowed = replace(LESSON, announces=("grand total",))
    assert check_terms(nb, allowed, LESSONS, NAME) == []


def test_a_listed_term_that_is_never_used_is_found(nb):
    unused = replace(LESSON, terms=("zeitgeist",))
    (finding,) = check_terms(nb, unused, LESSONS, NAME)
    assert "'zeitgeist'" in str(finding)


def test_prose_is_words_only():
    text = "Say `x` and $y$ <b>bold</b> [link](http://a.b/c)"
    assert plain_prose(text).split() == ["Say", "and", "bold", "[link]"]
    assert uses("warm-up", "the warm up of a run")
    assert not uses("head", "a headline")
