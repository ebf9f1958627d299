"""Texts with labels: divided by document, read from files, never imported."""

import sys

import pytest

from course_utils.data import docstrings, labeled
from course_utils.data.corpus import MissingDataError
from course_utils.data.docstrings import docstring_sentences, unlabeled_sentences
from course_utils.data.labeled import LabeledText, LabeledTexts


def made_up(n=60):
    items = [LabeledText(f"text {i}", "ab"[i % 2], f"file {i // 3}") for i in range(n)]
    return LabeledTexts(tuple(items), "made up")


def test_halves_share_no_document():
    train, test = made_up().halves()
    documents = [{item.document for item in half.items} for half in (train, test)]
    assert not documents[0] & documents[1]
    assert len(train) + len(test) == 60


def test_folds_keep_documents_whole():
    data = made_up()
    folds = dict(zip((i.document for i in data.items), data.folds(), strict=False))
    found = zip((i.document for i in data.items), data.folds(), strict=True)
    assert all(folds[document] == fold for document, fold in found)
    assert len(set(data.folds())) > 1


def test_first_keeps_so_many_of_each_label():
    some = made_up().first(5)
    assert some.labels.count(0) == some.labels.count(1) == 5
    assert some.texts[:2] == ["text 0", "text 1"]
    assert some.fingerprint != made_up().fingerprint


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Two small packages on the path, one with a file that is no Python."""
    for name in ("alpha_lib", "beta_lib"):
        folder = tmp_path / name
        (folder / "tests").mkdir(parents=True)
        (folder / "__init__.py").write_text("raise RuntimeError('imported!')\n")
        (folder / "broken.py").write_text("def (\n")
        hidden = 'def h():\n    """This stands in a test and must not be read."""\n'
        (folder / "tests" / "test_x.py").write_text(hidden)
        text = f"Use numpy to do the work of {name} quickly.\n\n    More.\n    "
        (folder / "code.py").write_text(f'def f():\n    """{text}"""\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(docstrings, "LIBRARIES", {"a": "alpha_lib", "b": "beta_lib"})


def test_sentences_are_read_not_imported(library):
    data = docstring_sentences()
    assert sorted(data.texts) == [
        "Use it to do the work of alpha_lib quickly.",
        "Use it to do the work of beta_lib quickly.",
    ]
    assert data.names == ["a", "b"]
    assert "alpha_lib" not in sys.modules


def test_too_few_libraries_are_said(library, monkeypatch):
    monkeypatch.setattr(docstrings, "LIBRARIES", {"a": "alpha_lib", "c": "none_such"})
    with pytest.raises(MissingDataError, match="alpha_lib, none_such only 1"):
        docstring_sentences()


def test_unlabeled_sentences_come_from_the_training_half(library, monkeypatch):
    for module in (docstrings, labeled):
        monkeypatch.setattr(module, "is_for_testing", lambda name: "alpha" in name)
    known = docstring_sentences().halves()[1].texts
    assert known == ["Use it to do the work of alpha_lib quickly."]
    assert unlabeled_sentences() == ("Use it to do the work of beta_lib quickly.",)


def test_unlabeled_sentences_are_cut_and_hold_no_code(tmp_path, library, monkeypatch):
    monkeypatch.setattr(docstrings, "is_for_testing", lambda name: False)
    monkeypatch.setattr(labeled, "is_for_testing", lambda name: "alpha" in name)
    text = """First one sentence of some length. Then a second
    one, over two lines.

    >>> print("an example, which is no sentence at all")

    Use numpy to do the work of alpha_lib quickly.
    """
    path = tmp_path / "beta_lib" / "code.py"
    path.write_text(f"def f():\n    '''{text}'''\n".replace("\\", ""))
    assert unlabeled_sentences() == (
        "First one sentence of some length.",
        "Then a second one, over two lines.",
    )
