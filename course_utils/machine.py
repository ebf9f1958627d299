"""Describe the machine that runs this; weigh what a call needs, and files."""

import ctypes
import gc
import os
import platform
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

__all__ = ["Machine", "file_bytes", "peak_memory", "resident_memory"]

_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimd", "i8mm")
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Machine:
    """What a number depends on beside the code: write it next to the number."""

    threads: int
    flags: tuple[str, ...]
    torch: str
    python: str

    @classmethod
    def here(cls, threads: int | None = None) -> "Machine":
        """Describe the machine that runs this; `threads` were used, if not today's."""
        threads = threads or torch.get_num_threads()
        return cls(threads, _cpu_flags(), torch.__version__, platform.python_version())

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        flags = " ".join(self.flags) or platform.machine()
        return f"{threads}, {flags}, torch {self.torch}, Python {self.python}"


def _cpu_flags() -> tuple[str, ...]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return (torch.backends.cpu.get_cpu_capability().lower(),)
    words = set(text.split())
    return tuple(flag for flag in _FLAGS if flag in words)


def peak_memory(function: Callable[[], Any]) -> int:
    """Return the bytes that `function()` needed at its peak, beyond those held before.

    It runs the function once, in this process, and sees every page it touches: tensors,
    temporary buffers of libraries, Python objects. On Linux the kernel keeps the peak;
    elsewhere a thread looks once a millisecond and may miss a short one. The first call
    of anything also loads code: call it once before weighing it. Small calls (below a
    megabyte) drown in the pages of the interpreter.
    """
    gc.collect()
    _return_free_pages()
    try:
        _RESET.write_text("5")  # forget the peak so far
    except OSError:
        return _watched_peak(function)
    before = _kilobytes("VmRSS")
    result = function()
    peak = _kilobytes("VmHWM")
    del result
    return 1024 * max(peak - before, 0)


def resident_memory() -> int:
    """Return the bytes that this process holds in memory now."""
    if _STATUS.exists():
        return 1024 * _kilobytes("VmRSS")
    import psutil  # comes with ipykernel

    return psutil.Process(os.getpid()).memory_info().rss


def _kilobytes(field: str) -> int:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise OSError(f"{_STATUS} has no {field}")


def _return_free_pages() -> None:
    """Ask the C library to hand back freed memory, which would hide a new need."""
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):
        pass  # only glibc can; elsewhere the number is a lower bound


def _watched_peak(function: Callable[[], Any]) -> int:
    before = peak = resident_memory()
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.001):
            peak = max(peak, resident_memory())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        result = function()
        peak = max(peak, resident_memory())
        del result
    finally:
        done.set()
        watcher.join()
    return max(peak - before, 0)


def file_bytes(path: str | Path) -> int:
    """Return the size of a file, or of all files in a folder, in bytes."""
    path = Path(path)
    if path.is_dir():
        return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    return path.stat().st_size
