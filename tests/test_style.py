"""The budgets of the house style, as tests: size, shape, names, weight."""

import ast
import os
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path
from statistics import median

import pytest

from course_utils.authoring.course import Course
from course_utils.authoring.lint import lint
from course_utils.authoring.notebooks import read_notebook
from course_utils.authoring.package import bound_names
from course_utils.authoring.prose import BRITISH, check_terms
from course_utils.authoring.sync import lesson_text
from course_utils.syllabus import lesson_modules

ROOT = Path(__file__).parent.parent
COURSE = Course()
PACKAGE = sorted((ROOT / "course_utils").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
OTHER = sorted((ROOT / "benchmarks").rglob("*.py"))
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef

# Classes that the reader types, with their budget of lines as a lesson shows them.
CLASSES = {
    "course_utils.multihead.MultiHeadAttention": 45,
    "course_utils.encoder.EncoderLayer": 25,
    "course_utils.decoder.DecoderLayer": 25,
    "course_utils.transformer.Transformer": 60,
}
LESSON_CLASS = 45


def named(path):
    return str(path.relative_to(ROOT))


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]


def lines_of(node):
    return node.end_lineno - node.lineno + 1


def shown_lines(name):
    """Count lines as a lesson shows them; a typed signature counts as one."""
    text = lesson_text(COURSE.package, name)
    lines = [bool(line.strip()) for line in text.splitlines()]
    for node in functions(ast.parse(text)):
        signature = node.body[0].lineno - node.lineno
        lines[node.lineno : node.lineno + signature - 1] = [False] * (signature - 1)
    return sum(lines)


# --- size --------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PACKAGE, *OTHER], ids=named)
def test_a_file_has_at_most_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_a_file_of_tests_has_at_most_450_lines(path):
    # A table of cases is longer than a program, and is not read from top to bottom.
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


def test_lines_of_code_and_of_lessons_are_at_most_88_wide():
    rule = ["--isolated", "--select", "E501", "--line-length", "88"]
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *rule, "--output-format=concise", "."],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("path", PACKAGE, ids=named)
def test_a_function_has_at_most_40_lines(path):
    found = functions(parsed(path))
    assert [node.name for node in found if lines_of(node) > 40] == []


def test_half_of_all_functions_have_at_most_12_lines():
    sizes = [lines_of(node) for path in PACKAGE for node in functions(parsed(path))]
    assert median(sizes) <= 12


def lesson_classes():
    for module in lesson_modules():
        path = COURSE.package.path(module)
        for node in parsed(path).body if path else ():
            if isinstance(node, ast.ClassDef):
                yield f"{module}.{node.name}"


@pytest.mark.parametrize("name", sorted({*lesson_classes(), *CLASSES}))
def test_a_class_of_a_lesson_fits_its_budget(name):
    assert shown_lines(name) <= CLASSES.get(name, LESSON_CLASS)


# --- names -------------------------------------------------------------------------


@pytest.mark.parametrize("path", PACKAGE, ids=named)
def test_a_module_says_what_is_public(path):
    body = parsed(path).body
    defined = set(chain.from_iterable(bound_names(node) for node in body))
    lists = [node for node in body if "__all__" in bound_names(node)]
    assert len(lists) == 1 or not defined or path.name == "__main__.py"
    for node in lists:
        public = ast.literal_eval(node.value)
        assert set(public) <= defined
        assert len(public) == len(set(public))


@pytest.mark.parametrize("path", [*PACKAGE, *TESTS, *OTHER], ids=named)
def test_imports_are_by_name_and_annotations_are_values(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            assert "*" not in names
            assert (node.module, "annotations" in names) != ("__future__", True)


@pytest.mark.parametrize("path", PACKAGE, ids=named)
def test_library_code_does_not_print_or_choose_a_backend(path):
    speaks = "cli.py" == path.name or "commands" in path.parts
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            assert call != "matplotlib.use"
            assert speaks or call != "print"


@pytest.mark.parametrize("path", PACKAGE, ids=named)
def test_what_is_public_is_documented(path):
    tree = parsed(path)
    kinds = (ast.ClassDef, *FUNCTIONS.__args__)
    public = [n for n in tree.body if isinstance(n, kinds) and n.name[0] != "_"]
    assert ast.get_docstring(tree) or not tree.body
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", [*PACKAGE, *TESTS, *ROOT.glob("*.md")], ids=named)
def test_the_spelling_is_american(path):
    if path in (Path(__file__), ROOT / "course_utils" / "authoring" / "prose.py"):
        assert BRITISH
        return
    text = path.read_text(encoding="utf-8")
    pattern = rf"\b(?:{'|'.join(BRITISH)})\w*"
    assert [word for word in re.findall(pattern, text) if word.islower()] == []


# --- tests -------------------------------------------------------------------------


def asserts(node):
    """Say whether a test checks anything: a constant is no check."""
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant)
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        return re.match(r"(assert|check|expect|raises|warns)", called) is not None
    return False


def called_names(node):
    calls = (child for child in ast.walk(node) if isinstance(child, ast.Call))
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


def silent_tests(tree):
    """Return the tests that check nothing, be it through a helper of their file."""
    found = functions(tree)
    sound = {node.name for node in found if any(map(asserts, ast.walk(node)))}
    for _ in found:
        sound |= {node.name for node in found if called_names(node) & sound}
    return [n.name for n in found if n.name.startswith("test") and n.name not in sound]


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_every_test_asserts(path):
    assert silent_tests(parsed(path)) == []


@pytest.mark.parametrize(
    ("body", "silent"),
    [
        ("pass", True),
        ("print(1)", True),
        ("assert True", True),
        ("f()\n    g.run(1)", True),
        ("assert f()", False),
        ("with pytest.raises(ValueError):\n        f()", False),
        ("expect(page).to_have_title('x')", False),
        ("check_equal(1, 2)", False),
        ("torch.testing.assert_close(1, 2)", False),
        ("f()\n\ndef f():\n    g()\n\ndef g():\n    assert h()", False),
        ("f()\n\ndef f():\n    return 1", True),
    ],
)
def test_a_test_that_asserts_nothing_is_found(body, silent):
    tree = ast.parse(f"def test_x():\n    {body}\n")
    assert silent_tests(tree) == (["test_x"] if silent else [])


# --- lessons -----------------------------------------------------------------------


@pytest.mark.parametrize("lesson", COURSE.present(), ids=lambda lesson: lesson.name)
def test_a_lesson_keeps_the_form(lesson):
    path = COURSE.path(lesson)
    nb = read_notebook(path)
    terms = check_terms(nb, lesson, COURSE.lessons, path.name)
    assert [str(finding) for finding in [*lint(nb, lesson, path.name), *terms]] == []


# --- weight ------------------------------------------------------------------------

IMPORT = """
import sys, time
started = time.perf_counter()
import course_utils
print(time.perf_counter() - started, "torch" in sys.modules)
"""


def test_importing_the_package_takes_a_tenth_of_a_second_and_no_torch():
    runs = [
        subprocess.run(
            [sys.executable, "-c", IMPORT],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        ).stdout.split()
        for _ in range(5)
    ]
    assert min(float(seconds) for seconds, _ in runs) <= 0.1
    assert {torch for _, torch in runs} == {"False"}
