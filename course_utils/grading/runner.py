"""Run one submission in a sandbox of its own, and believe only what can be checked."""

import contextlib
import errno
import json
import os
import secrets
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from course_utils.answers import encode
from course_utils.grading.limits import Limits
from course_utils.grading.received import outcomes_of
from course_utils.grading.sandbox import enter
from course_utils.grading.scratch import Scratch, sweep

__all__ = ["Ended", "Sandbox", "Supply", "run_task"]

READY = b"ready\n"
START_SECONDS = 120.0  # PyTorch loads slowly on a busy machine
LOOK_EVERY = 0.25
WORDS = {
    "timeout": "not done after {seconds:g} s; look for endless loops",
    "died": "the answers ended the process that ran them ({how}); look for exit() "
    "and os._exit()",
    "invalid": "what came back is not what the grader's own program sends ({how})",
    "memory": "the answers need more than the {memory:g} GB that are allowed",
    "processes": "the answers start more than the {processes} processes that are "
    "allowed",
    "system": "the system ended the process for lack of memory",
    "start": "the sandbox ({level}) did not start: {how}",
}


@dataclass(frozen=True)
class Ended:
    """How a run ended: its status, {exercise: {call: outcome}} if graded, and why."""

    status: str
    outcomes: dict = field(default_factory=dict)
    message: str = ""


def run_task(
    task: dict, level: str, limits: Limits, sandbox: "Sandbox | None" = None
) -> Ended:
    """Run a task (see `answers.confined`) in a sandbox, by default in a new one."""
    sandbox = sandbox or Sandbox(level, limits)
    try:
        return sandbox.run(task)
    finally:
        sandbox.stop()


class Supply:
    """Sandboxes that are ready for work: while one works, the next one starts."""

    def __init__(self, level: str, limits: Limits):
        sweep()  # what a grader has left that was killed
        self.level, self.limits = level, limits
        self.next = Sandbox(level, limits)

    def take(self) -> "Sandbox":
        """Return a sandbox, and start the one after it."""
        taken, self.next = self.next, Sandbox(self.level, self.limits)
        return taken

    def close(self) -> None:
        """End the sandbox that nobody has taken."""
        self.next.stop()


class Sandbox:
    """The program inside, for one task. Starting returns at once; `stop` cleans up."""

    def __init__(self, level: str, limits: Limits):
        self.level, self.limits = level, limits
        self.scratch = Scratch()
        self.folder = self.scratch.path
        self.errors = tempfile.TemporaryFile()
        self.problem, self.process = "", None
        self.base, self.uid = 0, None
        try:
            entry = enter(level, self.folder, limits)
            self.uid = entry.uid
            self.process = subprocess.Popen(
                entry.argv,
                env=entry.env,
                cwd=entry.cwd,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                start_new_session=True,
                bufsize=0,
            )
        except (OSError, ValueError) as error:
            self.problem = str(error)

    def wait_ready(self) -> bool:
        """Wait until the program inside has loaded all that it needs."""
        if self.process is None:
            return False
        end = time.monotonic() + START_SECONDS
        if self._take(len(READY), end) != READY:
            self.problem = self.problem or self._complaint()
            return False
        self.base = max(self._sizes(), default=0)
        return True

    def run(self, task: dict) -> Ended:
        """Hand the task in, wait for what comes back, and check its form."""
        if not self.wait_ready():
            how = self.problem or "no answer"
            text = WORDS["start"].format(level=self.level, how=how)
            return Ended("grader_error", message=text)
        word = secrets.token_hex(16).encode()
        data = encode.to_bytes(task | {"patience": self.limits.patience})
        end = time.monotonic() + self.limits.seconds
        killed = _killed_by_system()
        with contextlib.suppress(BrokenPipeError):
            _write(self.process.stdin, word + len(data).to_bytes(8) + data)
        try:
            head = self._take(len(word) + 8, end)
            note = self._take(min(int.from_bytes(head[len(word) :]), 1000), end)
            size = self._take(8, end)
            most = self.limits.output_mb << 20
            found = self._take(min(int.from_bytes(size), most), end)
        except _TooMuchError:
            return self._ended("out_of_memory", "memory")
        if head[: len(word)] == word and len(size) == 8:
            return self._judge(note, found, task, killed)
        if time.monotonic() >= end:
            return self._ended("timeout", "timeout")
        return self._dead("its keeper is gone", killed)

    def _judge(self, note: bytes, found: bytes, task: dict, killed: int) -> Ended:
        """Decide by what the keeper says and sends; no exit code means success."""
        said = json.loads(note)
        if not said["whole"]:
            code = said["ended"]
            if code == errno.ENOMEM:
                return self._ended("out_of_memory", "memory")
            if code == errno.EAGAIN:
                return self._ended("died", "processes")
            return self._dead(_how(code), killed)
        try:
            return Ended("graded", outcomes_of(found, task["calls"]))
        except ValueError as problem:
            return self._ended("died", "invalid", how=str(problem))

    def _dead(self, how: str, killed: int) -> Ended:
        if _killed_by_system() > killed:
            return self._ended("out_of_memory", "system")
        return self._ended("died", "died", how=how)

    def _ended(self, status: str, key: str, **more: str) -> Ended:
        known = vars(self.limits) | {"memory": self.limits.memory_gb}
        return Ended(status, message=WORDS[key].format(**known, **more))

    def _take(self, size: int, end: float) -> bytes:
        """Read so many bytes; fewer if the process or the time ends.

        Raises:
            _TooMuchError: all its processes together hold more than is allowed.
        """
        pipe, found = self.process.stdout.fileno(), bytearray()
        looked = time.monotonic()
        while len(found) < size and (now := time.monotonic()) < end:
            if select.select([pipe], [], [], min(LOOK_EVERY, end - now))[0]:
                piece = os.read(pipe, min(size - len(found), 2**20))
                if not piece:
                    break
                found += piece
            if self.base and time.monotonic() - looked > LOOK_EVERY:
                looked = time.monotonic()
                self._demand_memory()
        return bytes(found)

    def _demand_memory(self) -> None:
        most = self.limits.memory_gb * 2**30
        if sum(max(0, one - self.base) for one in self._sizes()) > most:
            # What forked processes share was counted once for each: look closely.
            if sum(self._sizes("memory_full_info", "pss")) > most:
                raise _TooMuchError

    def _sizes(self, kind: str = "memory_info", name: str = "rss") -> list[int]:
        """Return the bytes of memory that each process in the sandbox holds."""
        sizes = []
        for one in self._processes():
            with contextlib.suppress(psutil.Error):
                sizes.append(getattr(getattr(one, kind)(), name))
        return sizes

    def _processes(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        return []

    def _complaint(self) -> str:
        self.errors.seek(0)
        lines = self.errors.read(10_000).decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def stop(self) -> None:
        """End every process of the sandbox, and remove its folder."""
        if self.process is not None:
            self._kill()
            for pipe in (self.process.stdin, self.process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
        self.errors.close()
        self.scratch.remove()

    def _kill(self) -> None:
        left = self._processes()
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for one in left:
            with contextlib.suppress(psutil.Error):
                one.kill()
        self.process.wait()
        while self.uid is not None and _kill_all_of(self.uid):
            time.sleep(0.01)


def _kill_all_of(uid: int) -> int:
    """End the processes of a user that is nobody's but a sandbox's; count them.

    One that has left its session, and lost its parent, is found in no other way.
    """
    found = 0
    for one in psutil.process_iter(["uids", "status"]):
        user, state = one.info["uids"], one.info["status"]
        if user and user.real == uid and state != psutil.STATUS_ZOMBIE:
            found += 1
            with contextlib.suppress(psutil.Error):
                one.kill()
    return found


def _how(code: int | None) -> str:
    if code is None:
        return "they cut the connection"
    return f"signal {-code}" if code < 0 else f"exit code {code}"


class _TooMuchError(Exception):
    """The processes of a sandbox hold more memory than is allowed."""


def _write(pipe, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]


def _killed_by_system() -> int:
    """Return how many processes the system has ended for lack of memory so far."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
