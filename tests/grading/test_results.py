"""Results: a version, one status each, written in one step, damaged ones found."""

import json
import os

import pytest

from course_utils.grading.results import (
    STATUSES,
    Result,
    path_of,
    read_result,
    read_results,
    write_result,
)

GOOD = Result("ada", "02", "graded", 11, 13, "bubblewrap", 1.5, "abc")


def test_a_result_comes_back_as_it_was(tmp_path):
    path = write_result(tmp_path, GOOD)
    assert path == tmp_path / "results" / "ada-02.json"
    assert json.loads(path.read_text())["version"] == 1
    assert read_result(path) == GOOD
    assert read_results(tmp_path) == [GOOD]


def test_points_go_with_graded_alone():
    with pytest.raises(ValueError, match="do not go with 'died'"):
        Result("ada", "02", "died", 3)
    with pytest.raises(ValueError, match="do not go with 'graded'"):
        Result("ada", "02", "graded")
    with pytest.raises(ValueError, match="no status 'fine'"):
        Result("ada", "02", "fine")
    assert len(set(STATUSES)) == 8


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2}', '{"version": 1}'])
def test_a_damaged_file_is_no_result(tmp_path, text):
    path = write_result(tmp_path, GOOD)
    path.write_text(text)
    with pytest.raises(ValueError, match=r"ada-02\.json"):
        read_result(path)
    assert read_results(tmp_path) == []


def test_a_crash_while_writing_leaves_the_old_result(tmp_path, monkeypatch):
    path = write_result(tmp_path, GOOD)

    def crash(*names):
        raise OSError("the machine stops")

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(OSError, match="the machine stops"):
        write_result(tmp_path, Result("ada", "02", "died"))
    assert read_result(path) == GOOD
    assert list(path.parent.iterdir()) == [path]


def test_long_and_hidden_names_get_a_file_of_their_own(tmp_path):
    names = ["学" * 80, "学" * 79 + "生", ".ada", "ada", "ada "]
    paths = {path_of(tmp_path, name, "02").name for name in names}
    assert len(paths) == 5
    assert max(len(one.encode()) for one in paths) < 200
    assert not any(one.startswith(".") for one in paths)
