"""When answers were handed in, as far as their files tell."""

import os
from datetime import timedelta
from types import SimpleNamespace

from course_utils.grading.policy import Submitted
from course_utils.grading.times import file_times, remember_times
from tests.grading.test_policy import DUE, written


def test_the_date_of_a_file_is_taken_where_there_is_one(tmp_path):
    path = written(tmp_path, "{}")
    os.utime(path, (0, DUE.timestamp()))
    there = SimpleNamespace(student="ada", lesson="02", path=path)
    gone = SimpleNamespace(student="ben", lesson="02", path=tmp_path / "gone")
    none = SimpleNamespace(student="cleo", lesson="02", path=None)
    times = file_times([there, gone, none])
    assert list(times) == [("ada", "02")]
    assert (times["ada", "02"].when, times["ada", "02"].source) == (DUE, "file")


def test_a_run_folder_remembers_when_other_lessons_were_handed_in(tmp_path):
    def at(hours):
        return Submitted(DUE + timedelta(hours=hours), "file")

    first = {("ada", "02"): at(0), ("ben", "02"): at(1)}
    assert remember_times(tmp_path, first) == first
    later = {("ada", "03"): at(5), ("ben", "02"): at(2)}
    assert remember_times(tmp_path, later) == {**first, **later}
    (tmp_path / ".handed_in.json").write_text("[[1]]")
    assert remember_times(tmp_path, first) == first
