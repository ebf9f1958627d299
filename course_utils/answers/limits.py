"""A time limit for a call, where the machine can set one."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

__all__ = ["SlowError", "time_limit"]


class SlowError(BaseException):
    """The call took too long. No `except Exception` of an answer can swallow it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise SlowError in the block after `seconds` of wall-clock time.

    Where there is no such alarm (Windows, a thread beside the main one) the block
    runs without a limit, and only the stop button ends it. An import is never cut in
    two, since a half-loaded module would fail for everybody after: the alarm waits.
    """
    main = threading.current_thread() is threading.main_thread()
    if not (main and hasattr(signal, "setitimer")):
        yield
        return

    nested = _in_import(sys._getframe())

    def ring(number, frame):
        if nested or not _in_import(frame):
            raise SlowError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _in_import(frame: FrameType | None) -> bool:
    """Say whether this frame runs on behalf of an import statement."""
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None
