"""Text that every Python carries: topics, library files, functions."""

import ast
import sys

import pytest

from course_utils.data import python_docs
from course_utils.data.corpus import MissingDataError, TextCorpus, fingerprint
from course_utils.data.python_docs import (
    documentation,
    library_code,
    library_functions,
)


def test_topics_are_divided_without_remainder():
    everything = documentation("all")
    parts = [documentation(split) for split in ("train", "validation", "test")]
    assert sum(map(len, parts)) == len(everything) > 60
    assert set().union(*(part.texts for part in parts)) == set(everything.texts)
    assert len(parts[0].text) > 200_000
    assert len(set(everything.texts.values())) == len(everything)


def test_the_source_names_the_python_version():
    version = ".".join(map(str, sys.version_info[:3]))
    assert documentation("test").source == f"documentation of Python {version}"


def test_the_fingerprint_is_of_the_content():
    assert documentation("test").fingerprint == documentation("test").fingerprint
    assert documentation("test").fingerprint != documentation("train").fingerprint
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])
    assert fingerprint([]) == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert TextCorpus({"a": "x"}, "s").fingerprint == fingerprint(["a", "x"])


def test_a_python_without_documentation_is_told_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(MissingDataError, match="comes without pydoc_data"):
        documentation()


def test_library_files_parse_and_leave_tests_out():
    code = library_code(12)
    assert len(code) == 12
    assert all(ast.parse(text) for text in code.texts.values())
    assert not any("test" in name.split(".") for name in code.texts)


def test_a_package_of_the_library_stays_in_one_split():
    splits = {split: library_code(40, split).texts for split in ("train", "test")}
    packages = {s: {name.split(".")[0] for name in t} for s, t in splits.items()}
    assert packages["train"]
    assert packages["test"]
    assert not packages["train"] & packages["test"]


def test_functions_come_with_signature_docstring_and_body():
    functions = library_functions(60)
    assert len(functions) == 60
    for function in functions:
        assert function.signature.lstrip().startswith("def ")
        assert function.docstring
        assert function.body.strip()
        assert function.docstring.split()[0] not in function.signature.splitlines()[0]


def test_a_library_without_files_is_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(python_docs, "_library", lambda: tmp_path)
    with pytest.raises(MissingDataError, match=r"has no \.py files"):
        library_code()


@pytest.mark.parametrize("load", [documentation, library_code])
def test_unknown_splits_are_refused(load):
    with pytest.raises(ValueError, match="is not one of train, validation, test, all"):
        load(split="dev")
