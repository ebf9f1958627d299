"""`course data`: every corpus is listed, and got or refused with a sentence."""

import pytest

from course_utils.data import sources
from course_utils.data.corpus import MissingDataError

KEYS = {"name", "what", "license", "how", "size", "get", "available"}


def planted(name, how, here):
    about = (f"the {name} texts", "CC0", how, "1 MB", lambda: here, f"type: get {name}")
    return sources.Source(name, *about)


@pytest.fixture
def corpora(monkeypatch):
    """Three corpora: one always there, one missing, one to download."""
    made = (
        planted("here", "offline", True),
        planted("extra", "extra", False),
        planted("far", "download", False),
    )
    monkeypatch.setattr(sources, "SOURCES", made)


def test_every_corpus_of_the_course_is_listed(course):
    listed = course("data", "list", "--json").json
    assert [set(one) for one in listed] == [KEYS] * len(sources.list_sources())
    shown = course("data", "list").out
    assert [one["name"] for one in listed if one["name"] not in shown] == []


def test_what_is_missing_comes_with_what_to_type(course, corpora):
    shown = course("data", "list").out
    assert "extra: type: get extra" in shown
    assert "here: type" not in shown


def test_a_corpus_that_is_there_already(course, corpora):
    called = course("data", "get", "here")
    assert called.code == 0
    assert "here is there already: the here texts" in called.out


def test_a_corpus_that_has_to_be_installed(course, corpora):
    called = course("data", "get", "extra")
    assert called.code == 1
    assert "extra is not installed; type: get extra" in called.err


@pytest.mark.parametrize(
    "error", [MissingDataError("no connection: try later"), OSError("no space left")]
)
def test_a_download_that_fails_is_a_sentence(course, corpora, monkeypatch, error):
    def download(progress):
        assert progress
        raise error

    monkeypatch.setattr(sources, "_download", download)
    called = course("data", "get", "far")
    assert called.code == 1
    assert called.err == f"{error}\n"


def test_a_download_that_works_says_what_there_is(course, corpora, monkeypatch):
    monkeypatch.setattr(sources, "_download", lambda progress: "far is there")
    assert course("data", "get", "far").out == "far is there\n"


def test_an_unknown_corpus_is_answered_with_the_nearest(course, corpora):
    called = course("data", "get", "extras")
    assert called.code == 2
    assert "There is no corpus 'extras'; did you mean extra?" in called.err
