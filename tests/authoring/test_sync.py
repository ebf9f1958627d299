"""Definitions on their way from the package into a lesson."""

import ast

import pytest

from course_utils.authoring.package import Package, UnknownNameError, same_code
from course_utils.authoring.sync import lesson_text
from tests.authoring.planted import checkout

SCALE = '''def scale(values: Sequence[float], factor: float = FACTOR) -> list[float]:
    """Multiply every value by the factor."""
    # Why: a list, so that the result prints.
    return [factor * value for value in values]'''

SCALER = '''class Scaler:
    """Remember a factor."""

    def __init__(self, factor: float):
        self.factor = factor

    def __call__(self, values: Sequence[float]) -> list[float]:
        """Scale the values."""
        return scale(values, self.factor)'''


def package_of(tmp_path, text):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "m.py").write_text(text)
    return Package(tmp_path / "p")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("scale", SCALE),
        ("Scaler", SCALER),
        ("FACTOR", "# How much larger everything becomes.\nFACTOR = 2.0"),
    ],
)
def test_docstrings_are_cut_and_comments_kept(tmp_path, name, text):
    package = checkout(tmp_path).package
    assert lesson_text(package, f"parts.scale.{name}") == text


CASES = {
    "decorators": '@cache\n@other(1)\ndef f(x):\n    """One."""\n    return x',
    "one line": 'def f(x):\n    """One line."""\n    return x',
    "annotated constant": "f: int = 3",
    "several lines": "f = {\n    1: 2,  # why\n    3: 4,\n}",
    "no docstring": "def f(x):\n    return x",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_what_needs_no_cut_arrives_unchanged(tmp_path, text):
    package = package_of(tmp_path, f"import os\n\n{text}\n\nlater = 1\n")
    assert lesson_text(package, "p.m.f") == text


def test_raw_and_late_starting_docstrings(tmp_path):
    text = 'def f():\n    r"""\n    Take \\sqrt.\n\n    More.\n    """\n    return 1\n'
    shown = lesson_text(package_of(tmp_path, text), "p.m.f")
    assert shown == 'def f():\n    r"""Take \\sqrt."""\n    return 1'


def test_unknown_names_and_modules_are_named(tmp_path):
    package = package_of(tmp_path, "import math\n")
    with pytest.raises(UnknownNameError, match=r"p\.m does not define math"):
        package.definition("p.m.math")
    with pytest.raises(UnknownNameError, match=r"there is no module p\.other"):
        package.definition("p.other.f")


SAME = [
    ('def f():\n    "a"\n    return 1', "def f():  # why\n    return (1)"),
    ('class A:\n    "a"', "class A:\n    pass"),
]
DIFFERENT = [
    ("def f(x: int): return x", "def f(x): return x"),
    ("def f(x): return x", "def f(y): return y"),
    ("def f(x, y=1): return x", "def f(x, y=2): return x"),
    ("@a\ndef f(): return 1", "def f(): return 1"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_docstrings_and_comments_do_not_matter(one, other):
    assert same_code(ast.parse(one), ast.parse(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_everything_else_matters(one, other):
    assert not same_code(ast.parse(one), ast.parse(other))


def test_a_name_that_a_package_passes_on_is_traced_to_its_module(tmp_path):
    folder = tmp_path / "p"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "inner" / "__init__.py").write_text("from .deep import f as g\n")
    (folder / "inner" / "deep.py").write_text("from p.m import f\n")
    (folder / "m.py").write_text("__all__ = ['f']\ndef f(): pass\n")
    package = Package(folder)
    assert package.resolve("p.inner", "g") == "p.m.f"
    assert package.resolve("p", "m") == "p.m"
    assert package.resolve("elsewhere", "f") == "elsewhere.f"
    assert package.public("p.m") == ("f",)
    assert package.public("p.inner.deep") == ()
