"""`course card`: a picture and a file from one command, and sentences for mistakes."""

import json

import pytest

from course_utils import frontier


@pytest.fixture
def _quick(monkeypatch):
    """Measure few sentences, few times: here the command is tested, not the clock."""
    measure = frontier.measure_board

    def quick(contenders, pairs):
        return measure(contenders, pairs[:3], rounds=2, timed=2)

    monkeypatch.setattr(frontier, "measure_board", quick)


@pytest.mark.usefixtures("_quick")
def test_a_card_is_drawn_and_written(course, tmp_path):
    out = tmp_path / "mine.png"
    called = course("card", "--sentence", "we sleep.", "--out", str(out), "--json")
    assert called.code == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    kept = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    assert kept == called.json
    assert kept["sentence"] == "we sleep."
    assert kept["translation"] == "nous dormons."


def test_a_word_that_nobody_taught_is_named(course, tmp_path):
    called = course("card", "--sentence", "the wizard sleeps.", "--out", str(tmp_path))
    assert called.code == 1
    assert "wizard" in called.err


def test_a_file_of_another_kind_is_refused(course, tmp_path):
    (tmp_path / "x.small").write_text("no")
    called = course("card", str(tmp_path / "x.small"))
    assert called.code == 1
    assert "x.small" in called.err


@pytest.mark.usefixtures("_quick")
def test_the_numbers_and_the_sentence_are_said(course, tmp_path):
    out = tmp_path / "mine.png"
    called = course("card", "--sentence", "we sleep.", "--out", str(out))
    assert called.code == 0
    assert "kB" in called.out
    assert "BLEU on unseen sentences" in called.out
    assert "we sleep. → nous dormons." in called.out
    assert "Written to" in called.err
