"""What a killed grader leaves is swept; what another one uses is not."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

from course_utils.grading import scratch
from course_utils.grading.scratch import Scratch, sweep

HOLD = """
import sys, time
from course_utils.grading.scratch import Scratch
print(Scratch().path, flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "FRESH", 0.0)


def test_a_folder_is_removed_with_all_in_it():
    folder = Scratch()
    (folder.path / "inside").mkdir()
    (folder.path / "inside" / "file").touch()
    folder.remove()
    assert not folder.path.exists()
    folder.remove()


def test_the_folder_of_a_killed_grader_is_swept_and_one_in_use_is_kept(tmp_path):
    mine, other = Scratch(), tmp_path / "course-grade-link"
    (tmp_path / "kept").mkdir()
    other.symlink_to(tmp_path / "kept")
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", HOLD]
    holder = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    path = tmp_path / holder.stdout.readline().decode().strip().rpartition("/")[2]
    (path / "task").write_text("secret")
    assert sweep() == 0
    assert path.exists()
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert sweep() == 1
    assert not path.exists()
    assert mine.path.exists()
    assert (tmp_path / "kept").exists()
    mine.remove()


def test_a_fresh_folder_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "FRESH", 60.0)
    (tmp_path / "course-grade-new").mkdir()
    assert sweep() == 0
