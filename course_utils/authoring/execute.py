"""Execute a notebook in the current interpreter, in an empty folder."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import ipykernel.kernelspec
import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import (
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from nbformat import NotebookNode

from course_utils.authoring.notebooks import NotebookError

__all__ = ["CellTime", "ExecutionError", "Run", "Step", "run_notebook"]

# The high-water mark of this process alone: ru_maxrss would count a large parent.
PEAK = """
try:
    _lines = open("/proc/self/status").read().splitlines()
    print([int(l.split()[1]) / 1024 for l in _lines if l.startswith("VmHWM")][0])
except (OSError, IndexError):
    import psutil as _psutil
    _info = _psutil.Process().memory_info()
    print(getattr(_info, "peak_wset", _info.rss) / 2**20)
"""


class ExecutionError(NotebookError):
    """A cell failed; `cell` is its id, `error` the kind, `detail` the message."""

    def __init__(self, notebook: str, cell: str, error: str, detail: str):
        super().__init__(f"{notebook}[{cell}]: {error}: {detail}")
        self.notebook, self.cell = notebook, cell
        self.error, self.detail = error, detail


@dataclass(frozen=True)
class CellTime:
    """How long one cell took."""

    cell: str
    seconds: float


@dataclass(frozen=True)
class Run:
    """One execution: wall-clock seconds with start-up, peak memory, time per cell."""

    seconds: float
    peak_mb: float
    cells: tuple[CellTime, ...]


@dataclass(frozen=True)
class Step:
    """Tell a progress bar that `done` of `total` code cells are behind us."""

    notebook: str
    cell: str
    done: int
    total: int


class _ThisInterpreter(KernelSpecManager):
    """Offers one kernel: the running interpreter, whatever `python3` names here."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(**ipykernel.kernelspec.get_kernel_dict())


def run_notebook(
    nb: NotebookNode,
    name: str,
    *,
    threads: int = 2,
    timeout: float = 600,
    passes: int = 1,
    pythonpath: Path | None = None,
    environment: Mapping[str, str] | None = None,
    progress: Callable[[Step], None] | None = None,
) -> Run:
    """Run all cells in a fresh kernel and store their outputs in `nb`.

    `passes=2` presses Run All twice in one kernel; the outputs kept are those of the
    first time. `timeout` is in seconds for each cell. The kernel is always that of
    the running interpreter, works in an empty folder and uses `threads` threads;
    `environment` adds variables to its own.

    Raises:
        ExecutionError: a cell raised, took too long, or its kernel died.
    """
    started = time.perf_counter()
    manager = AsyncKernelManager(kernel_spec_manager=_ThisInterpreter())
    client = NotebookClient(nb, km=manager, timeout=timeout, coalesce_streams=True)
    client.owns_km = True  # so that leaving the context stops the kernel
    with tempfile.TemporaryDirectory(prefix="lesson-") as folder:
        variables = {**_environment(threads, pythonpath), **(environment or {})}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with client.setup_kernel(cwd=folder, env=variables, **quiet):
            times = [_run_all(client, name, progress)]
            for _ in range(1, passes):
                kept = [cell.get("outputs") for cell in nb.cells]
                _run_all(client, f"{name}, run again", None)
                for cell, outputs in zip(nb.cells, kept, strict=True):
                    if outputs is not None:
                        cell.outputs = outputs
            peak = _peak_mb(client)
    return Run(time.perf_counter() - started, peak, tuple(times[0]))


def _environment(threads: int, pythonpath: Path | None) -> Mapping[str, str]:
    count = str(threads)
    chosen = {"OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "PYTHONHASHSEED": "0"}
    if pythonpath is not None:
        chosen["PYTHONPATH"] = str(pythonpath)
    return {**os.environ, **chosen}


def _run_all(client: NotebookClient, name: str, progress) -> list[CellTime]:
    indexed = [(i, c) for i, c in enumerate(client.nb.cells) if c.cell_type == "code"]
    times = []
    for done, (index, cell) in enumerate(indexed):
        if progress is not None:
            progress(Step(name, cell.id, done, len(indexed)))
        started = time.perf_counter()
        _run_cell(client, name, index, cell)
        times.append(CellTime(cell.id, time.perf_counter() - started))
    if progress is not None:
        progress(Step(name, "", len(indexed), len(indexed)))
    return times


def _run_cell(client: NotebookClient, name: str, index: int, cell: NotebookNode):
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as error:
        line = _failing_line(error.traceback)
        detail = f"{error.evalue}{line}"
        raise ExecutionError(name, cell.id, error.ename, detail) from None
    except CellTimeoutError:
        detail = f"the cell took longer than {client.timeout:g} s"
        raise ExecutionError(name, cell.id, "TimeoutError", detail) from None
    except DeadKernelError:
        detail = "the kernel died; usually it ran out of memory"
        raise ExecutionError(name, cell.id, "KernelDied", detail) from None


def _failing_line(traceback: str) -> str:
    """Return the line of the cell that the traceback points at, for the message."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", traceback)
    marked = re.findall(r"^-+> *(\d+) (.*)$", plain, re.MULTILINE)
    return f" (line {marked[0][0]}: {marked[0][1].strip()})" if marked else ""


def _peak_mb(client: NotebookClient) -> float:
    """Ask the kernel for its peak memory with a cell that does not stay."""
    probe = nbformat.v4.new_code_cell(PEAK)
    client.nb.cells.append(probe)
    try:
        client.execute_cell(probe, len(client.nb.cells) - 1)
    finally:
        client.nb.cells.pop()
    return round(float(probe.outputs[0].text), 1)
