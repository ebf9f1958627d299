"""A time limit for a call, where the machine can set one."""

import contextlib
import signal
import threading
from collections.abc import Iterator

__all__ = ["SlowError", "time_limit"]


class SlowError(BaseException):
    """The call took too long. No `except Exception` of an answer can swallow it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise SlowError in the block after `seconds` of wall-clock time.

    Where there is no such alarm (Windows, a thread beside the main one) the block
    runs without a limit, and only the stop button ends it.
    """
    main = threading.current_thread() is threading.main_thread()
    if not (main and hasattr(signal, "setitimer")):
        yield
        return

    def ring(number, frame):
        raise SlowError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
