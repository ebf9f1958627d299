"""The memory that a program's child processes hold together."""

import threading
from types import TracebackType

__all__ = ["ChildMemory"]


class ChildMemory:
    """Watch the child processes of this one, and theirs; keep the peak of their sum.

    A kernel that starts workers is weighed with them. Pages that processes share are
    counted in each of them, so the sum is an upper bound.

        with ChildMemory() as memory:
            subprocess.run(...)
        memory.peak_mb
    """

    def __init__(self, every: float = 0.05):
        self.every = every
        self.peak_mb = 0.0
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "ChildMemory":
        import psutil

        self._process = psutil.Process()
        self._before = {child.pid for child in self._process.children(recursive=True)}
        self._watcher.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._stop.wait(self.every):
            self.peak_mb = max(self.peak_mb, self._now_mb())

    def _now_mb(self) -> float:
        import psutil

        total = 0
        for child in self._process.children(recursive=True):
            if child.pid in self._before:
                continue
            try:
                total += child.memory_info().rss
            except psutil.Error:
                continue  # it ended between the list and the question
        return total / 2**20
