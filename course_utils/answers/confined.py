"""Run the answers of a stranger: the program inside a sandbox.

    python -m course_utils.answers.confined RIGHTS

Three processes share the work, with PyTorch loaded before the task comes. The *keeper*
gives up its rights (see `settle`) and talks with the grader: it says "ready", reads a
secret word and a task from its input, and gives the word and the outcomes back. It
never runs foreign code. Its child, the *runner*, never hears the word; it executes the
cells, and starts a *caller* for each exercise, so that an answer that ends or hangs
its process spoils no other exercise.

TASK, in the form of `encode.to_bytes`, holds `setup`, `cells` {exercise: source},
`calls` {exercise: {name: call}}, `seconds` for a call and `patience` for an exercise.
"""

import errno
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from mmap import mmap
from os import _exit, fork, getpid, kill, killpg, read, setpgid, waitid, waitpid, write
from select import select
from time import monotonic

import torch

from course_utils.answers import encode
from course_utils.answers.calls import Outcome
from course_utils.answers.settle import die_with_parent, settle
from course_utils.answers.worker import call_answers, run_source

__all__ = ["main"]

READY = b"ready\n"
TOO_MUCH = (errno.ENOMEM, errno.EAGAIN)  # exit codes: no memory, no more processes
SPARE = 256 * 2**20  # bytes of memory without which no call can be made
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def main(rights: dict) -> None:
    """Settle, start the runner, and carry one task in and its outcomes out."""
    settle(rights)
    task_in, task_out = os.pipe()
    found_in, found_out = os.pipe()
    runner = fork()
    if runner == 0:
        os.close(task_out)
        os.close(found_in)
        _as_child(lambda: _runner(task_in, found_out, rights["output"]))
    os.close(task_in)
    os.close(found_out)
    if _take(found_in, len(READY)) != READY:
        _exit(1)
    _send(1, READY)
    word = _take(0, 32)
    _send(task_out, _sized(_receive(0) or b""))
    found = _receive(found_in, rights["output"], child=runner)
    note = json.dumps({"ended": _end(runner), "whole": found is not None}).encode()
    _sweep()
    _send(1, word + _sized(note) + _sized(found or b""))
    _exit(0)


# --- the runner ----------------------------------------------------------------------


def _runner(task_in: int, found_out: int, most: int) -> None:
    """Say that all is loaded, wait for the task, run it, send what it finds."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    _stand_in("course_utils.checks", "course_utils.recall")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    _send(found_out, READY)
    os.dup2(nothing, 2)
    data = _receive(task_in)
    os.close(task_in)
    if data:
        _send(found_out, _sized(_run(encode.from_bytes(data), most)))


def _stand_in(*modules: str) -> None:
    """Let the set-up cell import what is not there: whatever it calls does nothing."""
    for name in modules:
        module = type(sys)(name, "The grader looks at the answers itself.")
        module.__getattr__ = _stand_in_for
        sys.modules[name] = module


def _stand_in_for(name: str) -> Callable:
    if name.startswith("__"):  # no package: nothing below it can be imported
        raise AttributeError(name)
    return _nothing


def _nothing(*args, **kwargs) -> None:
    return None


def _run(task: dict, most: int) -> bytes:
    """Execute the cells, then have each exercise called by a process of its own."""
    mine, namespace = getpid(), {"__name__": "__main__"}
    failed = {"": _execute(task["setup"], "setup", namespace)}
    for exercise, source in task["cells"].items():
        failed[exercise] = _execute(source, exercise, namespace)
    if getpid() != mine:  # a cell has called os.fork(), and this is the other one
        _exit(0)
    mmap(-1, SPARE).close()
    parts = []
    for exercise in task["calls"]:
        wrong = failed.get(exercise) or failed[""]
        parts.append(_apart(task, exercise, namespace, wrong, most))
        most -= len(parts[-1])
    return b"".join(map(_sized, parts))


def _execute(source: str, name: str, namespace: dict) -> str:
    try:
        return run_source(source, name, namespace)
    except BaseException as error:  # made by the cell, to slip through
        return f"{type(error).__name__}: {error}"[:500]


def _apart(task: dict, exercise: str, namespace: dict, wrong: str, most: int) -> bytes:
    """Return the outcomes of one exercise as bytes, whatever its answer does."""
    back, forth = os.pipe()
    caller = fork()
    if caller == 0:
        os.close(back)
        setpgid(0, 0)
        _as_child(lambda: _call(task, exercise, namespace, wrong, most, forth))
    os.close(forth)
    found = _receive(back, most, monotonic() + task["patience"], caller)
    os.close(back)
    ended = _end(caller)
    if found is not None:
        return found
    if ended is None:
        text = f"no answer within {task['patience']:g} s"
        return _instead(task, exercise, "slow", text)
    text = f"the answer ended its process ({_words(ended)})"
    return _instead(task, exercise, "error", text)


def _call(
    task: dict, exercise: str, namespace: dict, wrong: str, most: int, forth: int
) -> None:
    """Make the calls of one exercise, and send the outcomes."""
    mine = getpid()
    try:
        outcomes = call_answers(task, exercise, namespace, wrong)
        for one in outcomes.values():
            one.error = ADDRESS.sub("0x…", one.error)
        found = encode.to_bytes(outcomes)
        if len(found) > most:
            raise ValueError(f"the answer returns more than {most >> 20} MB")
    except BaseException as error:
        text = ADDRESS.sub("0x…", f"{type(error).__name__}: {error}"[:500])
        found = _instead(task, exercise, "error", text)
    if getpid() == mine:
        _send(forth, _sized(found))


def _instead(task: dict, exercise: str, status: str, error: str) -> bytes:
    first = next(iter(task["calls"][exercise]))
    return encode.to_bytes({first: Outcome(status, error=error)})


def _words(ended: int) -> str:
    return f"signal {-ended}" if ended < 0 else f"exit code {ended}"


# --- pipes and processes -------------------------------------------------------------


def _as_child(work: Callable[[], None]) -> None:
    """Do the work and leave, whatever happens; nothing of the parent's goes on."""
    code = 1
    try:
        die_with_parent()
        work()
        code = 0
    except BaseException as error:
        number = getattr(error, "errno", None)
        number = errno.ENOMEM if isinstance(error, MemoryError) else number
        code = number if number in TOO_MUCH else 1
        _send(2, f"{type(error).__name__}: {error}\n".encode(errors="replace"))
    finally:
        _exit(code)


def _has_ended(child: int) -> bool:
    return waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(child: int) -> int | None:
    """End a child and its group; return its exit code (or minus the signal).

    None means that it did not end by itself.
    """
    for _ in range(20):  # it may be about to leave
        alone = _has_ended(child)
        if alone:
            break
        select([], [], [], 0.005)
    _kill(killpg, child)
    _kill(kill, child)
    code = os.waitstatus_to_exitcode(waitpid(child, 0)[1])
    return code if alone else None


def _kill(how: Callable[[int, int], None], number: int) -> None:
    try:
        how(number, signal.SIGKILL)
    except OSError:
        pass


def _sweep() -> None:
    """End what the answers have left running: it has become a child of the keeper."""
    for _ in range(100):
        try:
            waitpid(-1, os.WNOHANG)
            with open(f"/proc/self/task/{getpid()}/children") as file:
                left = file.read().split()
        except OSError:
            return
        for child in left:
            _kill(kill, int(child))


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(8) + data


def _receive(
    pipe: int, most: int = 2**40, end: float | None = None, child: int | None = None
) -> bytes | None:
    """Read what `_sized` made; None if it ends early, is too large or comes late."""
    head = _take(pipe, 8, end, child)
    size = int.from_bytes(head)
    if len(head) < 8 or size > most:
        return None
    found = _take(pipe, size, end, child)
    return found if len(found) == size else None


def _take(
    pipe: int, size: int, end: float | None = None, child: int | None = None
) -> bytes:
    """Read so many bytes; fewer if the pipe or the child ends, or the time is up."""
    found = bytearray()
    while len(found) < size:
        left = 60.0 if end is None else max(0.0, end - monotonic())
        if select([pipe], [], [], left if child is None else min(left, 0.2))[0]:
            piece = read(pipe, min(size - len(found), 2**20))
            if not piece:
                break
            found += piece
        elif child is not None and _has_ended(child):
            break
        elif end is not None and monotonic() >= end:
            break
    return bytes(found)


def _send(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[write(pipe, view) :]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
