"""Folders for sandboxes, which do not outlive their grader for long.

    folder = Scratch()      # `folder.path` is new and empty
    folder.remove()
    sweep()                 # removes what graders have left that were killed

A grader holds a lock on each of its folders. A killed one holds none, so the next run
can tell what was left behind from what is in use.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

__all__ = ["Scratch", "sweep"]

PREFIX = "course-grade-"
FRESH = 60.0  # seconds; a younger folder may be about to be locked


class Scratch:
    """A new folder of this process."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = os.open(self.path, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def remove(self) -> None:
        """Remove the folder and all in it; a second time changes nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def sweep() -> int:
    """Remove the folders of graders that are gone; return how many there were."""
    swept = 0
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.lstat().st_ctime < FRESH:
                continue
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
                swept += not path.exists()
            finally:
                os.close(handle)
    return swept
