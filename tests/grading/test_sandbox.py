"""Sandboxes: what each level hides and forbids, and what it says it does not."""

import json
import os
import shutil

import pytest

from course_utils.answers import Call
from course_utils.grading.limits import Limits
from course_utils.grading.runner import run_task
from course_utils.grading.sandbox import (
    LEVELS,
    enter,
    is_usable,
    probe,
    what_is_not_guaranteed,
)

SPY = """
import importlib, os, socket, sys

def ask(wanted):
    try:
        return str(wanted())
    except Exception as error:
        return type(error).__name__

def spy():
    read = lambda path: open(path, "rb").read(1) and "read"
    return {name: ask(one) for name, one in {
        "checks": lambda: importlib.import_module("course_utils.checks.judge"),
        "lesson": lambda: importlib.import_module("course_utils.checks.lesson02.mend"),
        "grading": lambda: importlib.import_module("course_utils.grading.grade"),
        "authoring": lambda: importlib.import_module("course_utils.authoring.build"),
        "recall": lambda: importlib.import_module("course_utils.recall.questions"),
        "oracle": lambda: read(ORACLE),
        "home": lambda: os.listdir(os.path.dirname(ORACLE)),
        "connect": lambda: socket.create_connection(("127.0.0.1", PORT), 2) and "net",
        "kill": lambda: os.kill(GRADER, 0) or "can signal",
        "write": lambda: open(BESIDE, "w").write("x"),
        "loaded": lambda: sorted(n for n in sys.modules if n.startswith("course_utils"))
    }.items()}
"""
SANDBOXES = LEVELS[:-1]


def usable(level):
    return pytest.param(
        level,
        marks=pytest.mark.skipif(not is_usable(level), reason=f"no {level} here"),
    )


@pytest.fixture(scope="module", params=[usable(level) for level in LEVELS])
def seen(request, tmp_path_factory):
    """The level, and what a submission gets to see at it."""
    import socket

    from course_utils.checks.lesson02 import scores

    beside = tmp_path_factory.mktemp("beside") / "file"
    with socket.create_server(("127.0.0.1", 0)) as server:
        known = {
            "ORACLE": scores.__file__,
            "PORT": server.getsockname()[1],
            "GRADER": os.getpid(),
            "BESIDE": str(beside),
        }
        setup = "\n".join(f"{name} = {value!r}" for name, value in known.items())
        task = {"setup": setup, "cells": {"x": SPY}, "calls": {}, "seconds": 5.0}
        task["calls"] = {"x": {"spy": Call("spy")}}
        ended = run_task(task, request.param, Limits())
    assert ended.status == "graded", ended.message
    outcome = ended.outcomes["x"]["spy"]
    assert outcome.status == "value", outcome.error
    return request.param, outcome.value


def test_what_knows_the_answers_cannot_be_imported(seen):
    _, found = seen
    hidden = [found[one] for one in ("checks", "lesson", "grading", "authoring")]
    assert [*hidden, found["recall"]] == ["ModuleNotFoundError"] * 5
    assert "checks.lesson" not in found["loaded"]
    assert "grading" not in found["loaded"]


def test_a_sandbox_shows_no_oracle_no_network_and_no_neighbor(seen):
    level, found = seen
    if level == "rlimits":
        assert found["oracle"] == "read"
        assert any("read files" in gap for gap in what_is_not_guaranteed(level))
        assert any("network" in gap for gap in what_is_not_guaranteed(level))
        return
    refused = {"FileNotFoundError", "PermissionError", "ConnectionRefusedError"}
    refused |= {"ProcessLookupError", "OSError"}
    asked = ("oracle", "home", "connect", "kill", "write")
    assert {found[one] for one in asked} <= refused


def test_where_root_grades_nobody_elses_files_and_processes_are_touched(seen):
    level, found = seen
    same_user = any("runs as you" in gap for gap in what_is_not_guaranteed(level))
    if same_user:
        assert os.geteuid() != 0
        return
    assert found["kill"] in ("PermissionError", "ProcessLookupError")
    assert found["write"] in ("PermissionError", "FileNotFoundError")


def test_the_probe_finds_the_strongest_level_that_works():
    assert probe() == next(level for level in LEVELS if is_usable(level))
    if shutil.which("bwrap") and os.geteuid() == 0:
        assert probe() == "bubblewrap"


def test_a_sandbox_that_is_not_installed_is_not_usable(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert not is_usable.__wrapped__("bubblewrap")


def test_an_unknown_level_is_refused(tmp_path):
    with pytest.raises(ValueError, match="choose one of bubblewrap, landlock, rlimits"):
        enter("docker", tmp_path, Limits())


def test_the_rights_that_go_in_are_all_that_is_allowed(tmp_path):
    limits = Limits(seconds=20, memory_gb=2, output_mb=8, processes=32)
    rights = json.loads(enter("rlimits", tmp_path, limits).argv[-1])
    assert rights["memory"] == 2 * 2**30
    assert rights["file"] == rights["output"] == 8 * 2**20
    assert rights["seconds"] == 50
    assert rights["processes"] >= 32


def test_the_level_of_limits_tells_more_gaps_than_a_sandbox():
    sizes = [len(what_is_not_guaranteed(level)) for level in LEVELS]
    assert sizes == sorted(sizes)
    assert sizes[0] == 0


@pytest.mark.parametrize("wrong", [{"seconds": 0}, {"memory_gb": 0.5}])
def test_limits_that_let_nothing_run_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must be greater|too little for PyTorch"):
        Limits(**wrong)
