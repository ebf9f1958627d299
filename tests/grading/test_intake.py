"""What students hand in is found, and nothing about it is trusted."""

import json
import os
import stat
import zipfile

import pytest

from course_utils.grading.intake import find_submissions, read_submission
from tests.grading.folders import BLANK, SOLUTION, hand_in


def found(folder, **more):
    return {(one.student, one.lesson): one for one in find_submissions(folder, **more)}


def test_folders_and_flat_files_are_found_in_order(tmp_path):
    hand_in(tmp_path, "bob")
    hand_in(tmp_path, "ada", name="deeper/still/02_attention.ipynb")
    (tmp_path / "Zoë_Q_02_attention.ipynb").write_text(SOLUTION.read_text())
    submissions = find_submissions(tmp_path)
    assert [one.student for one in submissions] == ["Zoë_Q", "ada", "bob"]
    assert {one.lesson for one in submissions} == {"02"}
    assert {one.problem for one in submissions} == {""}
    assert len({one.fingerprint for one in submissions}) == 1


def test_only_the_wanted_lesson_is_taken(tmp_path):
    hand_in(tmp_path, "ada")
    hand_in(tmp_path, "ada", name="03_multi_head_attention.ipynb")
    assert list(found(tmp_path, lesson="03")) == [("ada", "03")]


def test_a_link_is_refused(tmp_path):
    (tmp_path / "in" / "ada").mkdir(parents=True)
    (tmp_path / "in" / "ada" / "02_attention.ipynb").symlink_to(SOLUTION)
    (tmp_path / "in" / "bob").symlink_to(SOLUTION.parent)
    submissions = found(tmp_path / "in")
    assert "is a link" in submissions["ada", "02"].problem
    [other] = [one for key, one in submissions.items() if key != ("ada", "02")]
    assert "is a link" in other.problem
    assert other.path is None


def test_a_pipe_and_a_huge_file_are_refused(tmp_path):
    (tmp_path / "ada").mkdir()
    os.mkfifo(tmp_path / "ada" / "02_attention.ipynb")
    with hand_in(tmp_path, "bob", "{}").open("r+b") as file:
        file.truncate(10 * 2**20 + 1)
    submissions = found(tmp_path)
    assert "no ordinary file" in submissions["ada", "02"].problem
    assert "larger than 10 MB" in submissions["bob", "02"].problem


@pytest.mark.parametrize("name", ["a\x1b[31mb", "x" * 81, "a\\b", "\u202eada", "a:b"])
def test_an_odd_name_is_refused_under_a_safe_one(tmp_path, name):
    hand_in(tmp_path, name)
    [one] = find_submissions(tmp_path)
    assert one.student.startswith("refused-")
    assert one.student.isalnum() or set(one.student) <= set("refused-0123456789abcdef")
    assert "the name" in one.problem
    assert one.problem.isprintable()


def test_the_same_lesson_twice_is_refused(tmp_path):
    hand_in(tmp_path, "ada")
    hand_in(tmp_path, "ada", name="copy/02_attention.ipynb")
    [one] = find_submissions(tmp_path)
    assert "several notebooks" in one.problem


def test_a_notebook_of_no_lesson_is_told_only_where_there_is_no_other(tmp_path):
    hand_in(tmp_path, "ada")
    hand_in(tmp_path, "ada", name="scratch.ipynb")
    hand_in(tmp_path, "bob", name="attention-final.ipynb")
    submissions = found(tmp_path)
    assert list(submissions) == [("ada", "02"), ("bob", "")]
    assert "NN_topic.ipynb" in submissions["bob", ""].problem


# --- archives ------------------------------------------------------------------------


def archive(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data, kind in members:
            info = zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0))
            info.external_attr = (kind | 0o644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, data)
    return path


def test_an_archive_is_unpacked_with_the_times_of_its_files(tmp_path):
    text = SOLUTION.read_text()
    name = "export/ada/02_attention.ipynb"
    packed = archive(tmp_path / "in.zip", (name, text, stat.S_IFREG))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    [one] = find_submissions(packed, scratch=scratch)
    assert (one.student, one.lesson, one.problem) == ("ada", "02", "")
    assert one.path.stat().st_mtime < 1.79e9


@pytest.mark.parametrize(
    ("name", "data", "kind", "words"),
    [
        ("../ada/02_attention.ipynb", "{}", stat.S_IFREG, "leads out"),
        ("/ada/02_attention.ipynb", "{}", stat.S_IFREG, "leads out"),
        ("C:/ada/02_attention.ipynb", "{}", stat.S_IFREG, "leads out"),
        ("ada/02_attention.ipynb", "/etc/passwd", stat.S_IFLNK, "is a link"),
        ("ada/02_attention.ipynb", b"\0" * 2**26, stat.S_IFREG, "absurdly much"),
    ],
)
def test_a_hostile_archive_is_refused(tmp_path, name, data, kind, words):
    packed = archive(tmp_path / "in.zip", (name, data, kind))
    scratch = tmp_path / "deep" / "scratch"
    scratch.mkdir(parents=True)
    with pytest.raises(ValueError, match=words):
        find_submissions(packed, scratch=scratch)
    assert [one for one in scratch.parent.iterdir() if one != scratch] == []


def test_what_is_no_archive_is_said_so(tmp_path):
    (tmp_path / "in.zip").write_text("no zip")
    with pytest.raises(ValueError, match="pack it again as a zip"):
        find_submissions(tmp_path / "in.zip", scratch=tmp_path / "x")
    with pytest.raises(ValueError, match="neither a folder nor a zip"):
        find_submissions(tmp_path / "nowhere")


# --- reading -------------------------------------------------------------------------


def read(tmp_path, data):
    path = hand_in(tmp_path, "ada")
    path.write_bytes(data)
    [one] = find_submissions(tmp_path)
    return read_submission(one)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    cells = read(tmp_path, SOLUTION.read_text().encode("utf-8-sig"))
    assert len(cells) == len(json.loads(SOLUTION.read_text())["cells"])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no notebook"),
        (b'{"cells": [', "no notebook"),
        (b"[1, 2]", "no notebook"),
        (b'{"cells": 3}', "no notebook"),
        (b'{"cells": ' + b"[" * 100_000, "no notebook"),
        ("é".encode("latin-1"), "not in UTF-8"),
        (BLANK.read_text().encode("utf-16"), "not in UTF-8"),
        (json.dumps({"cells": [{}] * 10_000}).encode(), "10000 cells"),
    ],
)
def test_what_is_no_notebook_is_said_plainly(tmp_path, data, words):
    with pytest.raises(ValueError, match=words):
        read(tmp_path, data)


def test_cells_of_odd_types_lose_what_cannot_be_read(tmp_path):
    cells = [{"metadata": 3, "source": ["a", 5]}, 7, {"metadata": {"nbgrader": []}}]
    kept = read(tmp_path, json.dumps({"cells": cells}).encode())
    assert [one["source"] for one in kept] == ["a", ""]
    assert [one["metadata"] for one in kept] == [{"nbgrader": {}}] * 2


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path):
    path = hand_in(tmp_path, "ada")
    [one] = find_submissions(tmp_path)
    path.write_text(BLANK.read_text())
    with pytest.raises(ValueError, match="has changed"):
        read_submission(one)
