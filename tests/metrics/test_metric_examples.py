"""The examples in the docstrings are true."""

import doctest
from importlib import import_module

import pytest

MODULES = [
    ("answers", 3),
    ("bleu", 4),
    ("chrf", 1),
    ("likelihood", 2),
    ("ngrams", 3),
    ("overlap", 2),
    ("rouge", 4),
]


@pytest.mark.parametrize(("name", "at_least"), MODULES)
def test_docstring_examples(name, at_least):
    found = doctest.testmod(import_module(f"course_utils.metrics.{name}"))
    assert found.failed == 0
    assert found.attempted >= at_least
