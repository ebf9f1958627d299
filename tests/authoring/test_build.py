"""The build: what it writes, what it leaves alone, what it refuses to store."""

import json

import pytest

from course_utils.authoring.build import Step, build
from course_utils.authoring.notebooks import NotebookError, read_notebook
from tests.authoring.planted import LESSONS, again, cell_of, edit, rules

FIRST = LESSONS[0]


def text_of(course, lesson=FIRST):
    return course.path(lesson).read_text()


def test_a_clean_course_builds_without_findings(built_once):
    _, reports = built_once
    assert [str(f) for report in reports for f in report.findings] == []
    assert [report.lesson for report in reports] == ["01", "02"]
    assert all(report.executed and report.written for report in reports)
    assert reports[0].rewritten == ["def-factor", "def-scale", "def-scaler"]
    assert reports[0].seconds > 0
    assert 10 < reports[0].peak_mb < 1000


def test_outputs_are_stored_and_nothing_of_the_machine(built_once):
    course, _ = built_once
    nb = read_notebook(course.path(FIRST))
    assert cell_of(nb, "try-it").outputs[0].text == "[2.0, 4.0]\n[3]\n"
    codes = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in codes] == list(range(1, len(codes) + 1))
    assert set(nb.metadata) == {"kernelspec", "language_info", "course"}
    assert set(nb.metadata.course) == {"outputs", "package", "sources"}
    assert str(course.root) not in text_of(course)
    assert '"execution"' not in text_of(course)


def test_a_second_build_executes_and_writes_nothing(built):
    before = text_of(built)
    reports = build(course=built)
    assert not any(report.executed or report.written for report in reports)
    assert text_of(built) == before


def test_prose_may_change_without_a_new_execution(built):
    edit(built, lambda nb: cell_of(nb, "look").update(source="The picture shows it."))
    (report, _) = build(course=built)
    assert not report.executed
    assert report.findings == []


def test_changed_code_is_executed_and_progress_is_told(built):
    edit(built, lambda nb: cell_of(nb, "try-it").update(source="print(scale([5]))"))
    steps = []
    (report,) = build(["01"], course=built, progress=steps.append)
    assert report.executed
    assert report.findings == []
    assert "[10.0]" in text_of(built)
    assert steps[0] == Step("01_scale.ipynb", "setup", 0, 7)
    assert steps[-1] == Step("01_scale.ipynb", "", 7, 7)


def test_a_changed_package_module_makes_its_lessons_run_again(built):
    module = built.root / "parts" / "scale.py"
    module.write_text(module.read_text().replace("factor * value", "value * factor"))
    reports = build(course=again(built.root))
    assert [report.rewritten for report in reports] == [["def-scale"], []]
    assert [report.executed for report in reports] == [True, True]
    assert "value * factor" in text_of(built)


def test_a_changed_comment_rewrites_the_cell_but_check_only_reports(built):
    module = built.root / "parts" / "scale.py"
    module.write_text(module.read_text().replace("so that the", "because the"))
    before = text_of(built)
    (report, _) = build(course=again(built.root), check=True)
    assert rules(report.findings) == {("drift", "def-scale")}
    assert text_of(built) == before
    (report, _) = build(course=again(built.root), execute=False)
    assert report.rewritten == ["def-scale"]
    assert rules(report.findings) == {("stale", "")}
    assert "because the" in text_of(built)


REFUSED = {
    "error": ("1 / 0", "failed", "ZeroDivisionError: division by zero (line 1: 1 / 0)"),
    "stderr": ("import sys\nprint('oh', file=sys.stderr)", "stderr", "'oh'"),
    "warning": ("import warnings\nwarnings.warn('odd')", "stderr", "odd"),
    "path": ("import os\nprint(os.getcwd())", "not-reproducible", "machine path"),
    "address": ("object()", "not-reproducible", "memory address"),
}


@pytest.mark.parametrize(("source", "rule", "words"), REFUSED.values(), ids=REFUSED)
def test_outputs_that_cannot_be_stored_fail_and_the_old_ones_stay(
    built, source, rule, words
):
    edit(built, lambda nb: cell_of(nb, "equal").update(source=source))
    (report,) = build(["01"], course=built, threads=1)
    assert (rule, "equal") in rules(report.findings)
    assert ("stale", "") in rules(report.findings)
    message = next(str(f) for f in report.findings if f.rule == rule)
    assert words in message
    assert message.startswith("01_scale.ipynb[equal]")
    outputs = cell_of(read_notebook(built.path(FIRST)), "equal").outputs
    assert outputs == []


def test_an_unknown_lesson_is_refused_by_name(built):
    with pytest.raises(NotebookError, match="no lesson '77'; choose from 01, 02"):
        build(["77"], course=built)


def test_a_lesson_without_notebook_is_refused(built):
    built.path(FIRST).unlink()
    with pytest.raises(NotebookError, match=r"01_scale\.ipynb does not exist"):
        build(["01"], course=built)
    assert [report.lesson for report in build(course=built)] == ["02"]


def with_ids(*ids):
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "x"} for _ in ids]
    for cell, identity in zip(cells, ids, strict=True):
        cell.update({"id": identity} if identity else {})
    nb = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(nb)


BROKEN = {
    "empty": ("", "Expecting value"),
    "not JSON": ("{not json", "Expecting property name"),
    "another format": (json.dumps({"cells": 3}), "does not have format 4"),
    "nothing inside": (json.dumps({"nbformat": 4}), "required property"),
    "no id": (with_ids("a", None), "a cell has no id"),
    "an id twice": (with_ids("a", "b", "a"), "two cells have the id 'a'; rename one"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_notebook_is_named(built, text, words):
    built.path(FIRST).write_text(text)
    with pytest.raises(NotebookError) as caught:
        build(["01"], course=built)
    assert "01_scale.ipynb is no usable notebook" in str(caught.value)
    assert words in str(caught.value)
    assert text_of(built) == text


def test_a_tag_of_an_unknown_name_is_a_finding(built):
    tags = ["defines:parts.scale.shrink"]
    edit(built, lambda nb: cell_of(nb, "def-scale").metadata.update(tags=tags))
    (report,) = build(["01"], course=built, execute=False)
    message = next(str(f) for f in report.findings if f.rule == "unknown-name")
    assert "parts.scale does not define shrink" in message
