"""One submission in its sandbox: only what can be checked counts, and nothing hangs."""

import json
import os
import time

import psutil
import pytest

from course_utils.answers import Call, encode
from course_utils.grading import runner
from course_utils.grading.limits import Limits
from course_utils.grading.runner import Sandbox, Supply, run_task
from course_utils.grading.sandbox import probe

LEVEL = probe()
LIMITS = Limits(seconds=30)
GOOD = "def double(x):\n    return 2 * x\n"


def run(cells, setup="import torch", limits=LIMITS, **more):
    """Run cells by the name of their exercise, and call what each must define."""
    calls = {name: {"three": Call(name, (3,))} for name in cells}
    task = {"setup": setup, "cells": cells, "calls": calls, "seconds": 1.0} | more
    return run_task(task, LEVEL, limits)


def shown(ended):
    return {
        name: (one["three"].status, one["three"].value or one["three"].error)
        for name, one in ended.outcomes.items()
    }


def test_an_answer_is_called_and_its_outcome_comes_back():
    ended = run({"double": GOOD})
    assert (ended.status, ended.message) == ("graded", "")
    assert shown(ended) == {"double": ("value", 6)}


def test_what_one_exercise_does_spoils_no_other():
    wrong = {
        "leaves": "def leaves(x):\n    import os\n    os._exit(0)",
        "hangs": "def hangs(x):\n    while True:\n        pass",
        "crashes": "def crashes(x):\n    import ctypes\n    ctypes.string_at(0)",
        "forks": "def forks(x):\n    import os\n    os.fork()\n    return x",
        "slips": "class Odd(BaseException): pass\ndef slips(x):\n    raise Odd",
        "lies": "class L(int):\n    def __eq__(self, x): return True\n"
        "def lies(x):\n    return L(5)",
        "syntax": "def (",
    }
    ended = run({**wrong, "double": GOOD})
    found = shown(ended)
    assert ended.status == "graded"
    assert found["double"] == ("value", 6)
    assert found["forks"] == ("value", 3)
    assert found["leaves"] == ("error", "the answer ended its process (exit code 0)")
    assert found["crashes"] == ("error", "the answer ended its process (signal 11)")
    assert found["slips"] == ("error", "Odd: ")
    assert found["hangs"][0] == "slow"
    assert found["syntax"][0] == "error"


def test_an_answer_that_no_alarm_reaches_counts_as_slow():
    deaf = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\n"
    cells = {"deaf": f"{deaf}def deaf(x):\n    while True: pass", "double": GOOD}
    found = shown(run(cells, limits=Limits(seconds=9)))
    assert found["deaf"] == ("slow", "no answer within 3 s")
    assert found["double"] == ("value", 6)


@pytest.mark.parametrize(
    ("cell", "status", "words"),
    [
        ("import os; os._exit(0)", "died", "exit code 0"),
        ("import os; os.kill(os.getpid(), 9)", "died", "signal 9"),
        ("import os; os.kill(os.getppid(), 9)", "died", "keeper is gone"),
        ("import os; os.closerange(3, 500)", "died", "ended the process"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "timeout", "8 s"),
    ],
)
def test_who_ends_the_process_is_told_how(cell, status, words):
    ended = run({"double": f"{GOOD}\n{cell}"}, limits=Limits(seconds=8))
    assert (ended.status, ended.outcomes) == (status, {})
    assert words in ended.message


def test_a_forged_result_without_the_secret_word_is_none():
    forged = encode.to_bytes({"double": {}})
    cell = f"""
import os
for pipe in range(64):
    try:
        os.write(pipe, {len(forged).to_bytes(8)!r} + {forged!r})
    except OSError:
        pass
os._exit(0)
"""
    ended = run({"double": cell})
    assert ended.status == "died"
    assert ended.outcomes == {}


def test_nothing_of_a_submission_is_left_running():
    mark = f"{os.getpid() + 0.25}"
    cell = f"import subprocess\nsubprocess.Popen(['sleep', '{mark}'], "
    ended = run({"double": f"{GOOD}\n{cell}start_new_session=True)"})
    assert shown(ended) == {"double": ("value", 6)}
    running = [one.info["cmdline"] for one in psutil.process_iter(["cmdline"])]
    assert not any(mark in (line or []) for line in running)


def test_the_set_up_may_import_what_is_hidden_and_gets_nothing():
    setup = (
        "from course_utils.checks import check\nfrom course_utils.recall import recall"
    )
    cell = "check('02-scores')\nrecall('02')\ndef tell(x):\n    return str(check)"
    found = shown(run({"tell": cell}, setup=setup))
    assert found["tell"][0] == "value"
    assert "_nothing" in found["tell"][1]


def test_addresses_do_not_make_results_differ():
    cell = "def odd(x):\n    raise KeyError(object())"
    assert "0x…" in shown(run({"odd": cell}))["odd"][1]


def test_a_supply_has_the_next_sandbox_started():
    supply = Supply(LEVEL, LIMITS)
    first = supply.take()
    try:
        assert first.process.pid != supply.next.process.pid
        assert first.wait_ready()
        assert supply.next.process.poll() is None
    finally:
        first.stop()
        supply.close()
    assert not psutil.pid_exists(first.process.pid)
    assert not first.folder.exists()
    assert not supply.next.folder.exists()


def test_a_sandbox_that_does_not_start_is_the_graders_fault(monkeypatch):
    def refuse(level, folder, limits):
        raise ValueError("not here")

    monkeypatch.setattr(runner, "enter", refuse)
    ended = run({"double": GOOD})
    assert ended.status == "grader_error"
    assert ended.message == f"the sandbox ({LEVEL}) did not start: not here"


def test_memory_of_all_processes_together_is_bounded(monkeypatch):
    grown = [3 * 2**30] * 2
    monkeypatch.setattr(Sandbox, "_sizes", lambda self, *kind: grown)
    sandbox = Sandbox(LEVEL, Limits(seconds=20, memory_gb=2))
    monkeypatch.setattr(Sandbox, "wait_ready", _ready_at_once)
    cell = "import time\ntime.sleep(5)\n" + GOOD
    calls = {"double": {"three": Call("double", (3,))}}
    task = {"setup": "", "cells": {"double": cell}, "calls": calls, "seconds": 1.0}
    started = time.monotonic()
    ended = run_task(task, LEVEL, sandbox.limits, sandbox)
    assert ended.status == "out_of_memory"
    assert "2 GB" in ended.message
    assert time.monotonic() - started < 120


def _ready_at_once(self):
    assert self._take(6, time.monotonic() + 100) == b"ready\n"
    self.base = 1
    return True


def test_what_comes_back_is_plain_data():
    data = encode.to_bytes({"a": [1, (2.5, "x")]})
    assert encode.from_bytes(data) == {"a": [1, (2.5, "x")]}
    for bad in (b"", data[:9], b"\0" * 40, json.dumps(3).encode()):
        with pytest.raises(ValueError, match="cannot be read"):
            encode.from_bytes(bad)
