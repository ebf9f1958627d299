"""When answers were handed in, by their files, and what a run folder notes of it."""

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_utils.files import replace_text
from course_utils.grading.policy import Submitted, same_name

__all__ = ["file_times", "remember_times"]


def file_times(submissions: Iterable[Any]) -> dict[tuple[str, str], Submitted]:
    """Return when the files of submissions were last written, as far as they exist."""
    times = {}
    for one in (one for one in submissions if one.path is not None):
        try:
            seconds = os.lstat(one.path).st_mtime
        except OSError:
            continue
        when = datetime.fromtimestamp(seconds, UTC)
        times[same_name(one.student), one.lesson] = Submitted(when, "file")
    return times


def remember_times(
    out: Path, times: Mapping[tuple[str, str], Submitted]
) -> dict[tuple[str, str], Submitted]:
    """Add times to those that a run folder has noted, and return all.

    So a run over one lesson still knows when the others were handed in.

    Raises:
        OSError: the folder cannot be written to.
    """
    path, known = out / ".handed_in.json", {}
    try:
        for student, number, when in json.loads(path.read_text(encoding="utf-8")):
            known[student, number] = Submitted(datetime.fromisoformat(when), "file")
    except (OSError, ValueError, TypeError):
        known = {}  # never noted, or damaged: what is there now counts
    known |= times
    rows = [[*key, one.when.isoformat()] for key, one in sorted(known.items())]
    replace_text(path, json.dumps(rows, indent=0) + "\n")
    return known
