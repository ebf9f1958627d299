"""The lessons show the package as it is, each name once and none too early."""

import ast
from dataclasses import replace

import pytest

from course_utils.authoring.course import Course
from course_utils.authoring.mirror import check_lesson, check_syllabus
from course_utils.authoring.notebooks import read_notebook
from tests.authoring.planted import LESSONS, cell_of, checkout, rules

COURSE = Course()
PRESENT = COURSE.present()


def mirrored(course, lesson, nb=None, lessons=None):
    path = course.path(lesson)
    nb = nb or read_notebook(path)
    lessons = lessons or course.lessons
    return check_lesson(nb, lesson, lessons, course.package, path.name)


# --- the course itself -------------------------------------------------------------


@pytest.mark.parametrize("lesson", PRESENT, ids=lambda lesson: lesson.name)
def test_a_lesson_mirrors_the_package(lesson):
    assert [str(finding) for finding in mirrored(COURSE, lesson)] == []


def test_the_syllabus_and_the_package_have_the_same_names():
    planned = {one for one in COURSE.lessons if one not in PRESENT}
    waiting = {name for one in planned for name in one.gains}
    found = [
        str(finding)
        for finding in check_syllabus(COURSE.lessons, COURSE.package)
        if not (
            finding.rule == "missing-module"
            and any(name.rpartition(".")[0] in finding.message for name in waiting)
        )
    ]
    assert found == []


# --- planted drifts ----------------------------------------------------------------


@pytest.fixture
def small(built_once, tmp_path):
    """The small course, its first lesson, and a notebook to spoil."""
    course, _ = built_once
    return course, read_notebook(course.path(LESSONS[0]))


def test_the_small_course_is_clean(built_once):
    course, _ = built_once
    assert check_syllabus(LESSONS, course.package) == []
    assert [f for lesson in LESSONS for f in mirrored(course, lesson)] == []


def edited(identity, old, new):
    def change(nb):
        cell = cell_of(nb, identity)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def untag(identity):
    return lambda nb: cell_of(nb, identity).metadata.pop("tags")


def retag(identity, name):
    tags = [f"defines:{name}"]
    return lambda nb: cell_of(nb, identity).metadata.update(tags=tags)


def code(text):
    return lambda nb: cell_of(nb, "equal").update(source=text)


DRIFTS = {
    "another body": (
        edited("def-scale", "factor * value", "value + factor"),
        {("drift", "def-scale")},
    ),
    "another annotation": (
        edited("def-scale", "factor: float", "factor: int"),
        {("drift", "def-scale")},
    ),
    "another default": (
        edited("def-scale", "= FACTOR", "= 2.0"),
        {("drift", "def-scale")},
    ),
    "another method": (
        edited("def-scaler", "self.factor = factor", "self.factor = -factor"),
        {("drift", "def-scaler")},
    ),
    "another constant": (
        edited("def-factor", "2.0", "3.0"),
        {("drift", "def-factor")},
    ),
    "code beside the definition": (
        edited("def-factor", "FACTOR = 2.0", "FACTOR = 2.0\nx = 1"),
        {("drift", "def-factor")},
    ),
    "a broken cell": (
        edited("def-factor", "FACTOR = 2.0", "FACTOR ="),
        {("drift", "def-factor")},
    ),
    "an unknown name": (
        retag("def-scale", "parts.scale.shrink"),
        {("drift", "def-scale"), ("not-introduced", "")},
    ),
    "an untagged definition": (
        untag("def-scale"),
        {("not-introduced", ""), ("redefinition", "def-scale")},
    ),
    "two introductions": (
        retag("equal", "parts.scale.scale"),
        {("introduced-twice", ""), ("drift", "equal")},
    ),
    "a name of another lesson": (
        retag("equal", "parts.total.total"),
        {("wrong-lesson", "equal"), ("drift", "equal")},
    ),
    "an import too early": (
        code("from parts.total import total"),
        {("too-early", "equal")},
    ),
    "an early module": (code("import parts.total"), {("too-early", "equal")}),
    "an early module by name": (
        code("from parts import total as t"),
        {("too-early", "equal")},
    ),
    "an early import in a function": (
        code("def f():\n    from parts.total import total\n    return total"),
        {("too-early", "equal")},
    ),
}

BINDINGS = [
    "def scale(x): return x",
    "class Scaler: pass",
    "total = 3",
    "total: int = 3",
    "a, (total, b) = 1, (2, 3)",
    "for total in []: pass",
    "with open('x') as total: pass",
    "if True:\n    total = 1",
    "try:\n    pass\nexcept OSError as total:\n    pass",
    "print(total := 3)",
    "[total := x for x in ()]",
    "from math import fsum as total",
    "import math as total",
]
HARMLESS = [
    "def total_loop(values):\n    total = 0\n    return total",
    "[total for total in ()]",
    "f = lambda total: total",
    "x.total = 3",
    "f(total=3)",
    "from parts.scale import scale",
    "import parts",
    "import parts.scale",
]


@pytest.mark.parametrize(("change", "found"), DRIFTS.values(), ids=DRIFTS)
def test_a_planted_drift_is_found(small, change, found):
    course, nb = small
    change(nb)
    assert rules(mirrored(course, LESSONS[0], nb)) == found


@pytest.mark.parametrize("text", BINDINGS)
def test_binding_a_public_name_elsewhere_is_found(small, text):
    course, nb = small
    ast.parse(text)
    code(text)(nb)
    assert rules(mirrored(course, LESSONS[0], nb)) == {("redefinition", "equal")}


@pytest.mark.parametrize("text", HARMLESS)
def test_locals_and_teaching_versions_are_no_redefinition(small, text):
    course, nb = small
    code(text)(nb)
    assert mirrored(course, LESSONS[0], nb) == []


def test_comments_and_docstrings_are_no_drift(small):
    course, nb = small
    edited("def-scale", "# Why: a list, so that the result prints.", "# So.")(nb)
    edited("def-scale", "Multiply every value", "Take each value")(nb)
    assert mirrored(course, LESSONS[0], nb) == []


def test_a_preview_may_be_imported_and_must_be(small):
    course, nb = small
    preview = replace(LESSONS[0], previews=("parts.total.total",))
    lessons = (preview, LESSONS[1])
    found = mirrored(course, preview, nb, lessons)
    assert rules(found) == {("unused-preview", "")}
    code("from parts.total import total")(nb)
    assert mirrored(course, preview, nb, lessons) == []


def test_a_supplied_name_needs_no_cell_but_must_not_come_early(small):
    course, nb = small
    supplying = replace(LESSONS[1], introduces=(), supplies=LESSONS[1].introduces)
    lessons = (LESSONS[0], supplying)
    assert check_syllabus(lessons, course.package) == []
    code("from parts.total import total")(nb)
    found = mirrored(course, LESSONS[0], nb, lessons)
    assert rules(found) == {("too-early", "equal")}
    second = read_notebook(course.path(supplying))
    cell_of(second, "def-total").metadata.pop("tags")
    cell_of(second, "def-total").source = "from parts.total import total"
    assert mirrored(course, supplying, second, lessons) == []


def test_a_message_says_what_to_do(small):
    course, nb = small
    edited("def-scale", "factor * value", "value + factor")(nb)
    code("from parts.total import total")(nb)
    drift, early = map(str, mirrored(course, LESSONS[0], nb))
    assert drift == (
        "01_scale.ipynb[def-scale]: the cell is not parts.scale.scale as the package "
        "has it; run `course build 01` (drift)"
    )
    assert "imports parts.total.total before lesson 02; list it in the prev" in early


def test_drifts_between_syllabus_and_package_are_found(tmp_path):
    course = checkout(tmp_path)
    module = tmp_path / "parts" / "scale.py"
    module.write_text(module.read_text().replace('"Scaler", "scale"', '"shift"'))
    (tmp_path / "parts" / "total.py").unlink()
    lessons = (*LESSONS, replace(LESSONS[1], number="03", introduces=()))
    found = {
        finding.rule: finding.message
        for finding in check_syllabus(lessons, course.package)
    }
    assert "parts.scale.shift is public, but no" in found["never-introduced"]
    assert "parts.scale.scale is introduced by" in found["unknown-name"]
    assert "parts.total, which does not exist" in found["missing-module"]
    twice = (LESSONS[0], replace(LESSONS[0], number="02"))
    rules_of = {f.rule for f in check_syllabus(twice, course.package)}
    assert "introduced-twice" in rules_of
