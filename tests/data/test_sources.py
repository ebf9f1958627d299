"""The list behind `course data`."""

import json

import pytest

from course_utils.data import multi30k as multi30k_module
from course_utils.data import sources
from course_utils.data.corpus import Corpus, MissingDataError
from course_utils.data.phrasebook.lexicon import table
from course_utils.data.sources import find_source, get_source, list_sources


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))


def test_what_is_always_there_comes_first():
    rows = list_sources()
    kinds = [row.how for row in rows]
    assert kinds == sorted(kinds, key=["offline", "extra", "download"].index)
    assert all(row.available for row in rows if row.how == "offline")
    assert not find_source("multi30k").available


def test_rows_can_be_written_as_json():
    rows = json.loads(json.dumps([source.as_json() for source in list_sources()]))
    assert rows[0]["name"] == "phrasebook"
    assert set(rows[0]) == {
        "name",
        "what",
        "license",
        "how",
        "size",
        "get",
        "available",
    }


def test_the_size_of_the_lexicon_is_what_the_list_says():
    tables = "adjectives determiners names nouns phrases prepositions pronouns verbs"
    entries = sum(len(table(name)) for name in tables.split())
    assert f"{entries} lexicon entries" in find_source("phrasebook").size


def test_what_is_there_need_not_be_fetched():
    assert get_source("phrasebook").startswith("phrasebook is there already: English")


def test_a_missing_extra_says_what_to_type(monkeypatch):
    missing = sources.Source(
        "toy", "a toy", "MIT", "extra", "1 KB", lambda: False, sources.EXTRA
    )
    monkeypatch.setattr(sources, "SOURCES", (missing,))
    with pytest.raises(MissingDataError) as refused:
        get_source("toy")
    assert str(refused.value) == (
        "toy is not installed; pip install 'smaller-faster-transformers[data]'"
    )


def test_an_unknown_name_is_answered_with_the_names():
    with pytest.raises(
        ValueError, match="there is no corpus 'wikipedia'; choose one of"
    ):
        find_source("wikipedia")


def test_a_download_reports_what_came(monkeypatch):
    def pretend(language, split, source, progress):
        return Corpus(((language, split),) * 3, source)

    monkeypatch.setattr(multi30k_module, "multi30k", pretend)
    assert get_source("multi30k").startswith(
        "multi30k is there, in pairs: train en-fr 3, train en-de 3"
    )


def test_packages_and_modules_that_are_missing_are_seen():
    assert not sources._has_package("no-such-package")()
    assert not sources._has_module("no_such_module.part")()
    assert sources._has_module("pydoc_data.topics")()
