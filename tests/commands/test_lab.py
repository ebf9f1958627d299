"""`course lab`: the right lesson, the right kernel, a sentence when it cannot."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from course_utils.commands import lab
from course_utils.progress import read_progress


@pytest.fixture
def launched(monkeypatch):
    """Keep JupyterLab from starting; return what would have been started."""
    seen = {}
    monkeypatch.setattr(lab, "_quiet_news", lambda prefix: None)

    def note(command, environment):
        seen.update(command=command, environment=environment)

    monkeypatch.setattr(lab, "_launch", note)
    return seen


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def page(launched):
    option = "--LabApp.default_url="
    [found] = [one for one in launched["command"] if one.startswith(option)]
    return found.removeprefix(option)


def test_the_first_lesson_opens_by_default(course, root, launched):
    called = course("lab")
    assert called.code == 0
    assert "Opening lesson 00, Welcome." in called.out
    start = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    assert launched["command"][:4] == start
    assert page(launched) == "/lab/tree/notebooks/00_welcome.ipynb"
    assert "--no-browser" not in launched["command"]
    assert list(read_progress(root).lessons) == ["00"]


@pytest.mark.parametrize(
    "name", ["2", "02", "attention", "02_attention", "notebooks/02_attention.ipynb"]
)
def test_a_lesson_has_many_names(course, root, launched, name):
    called = course("lab", name, "--no-browser")
    assert "Copy the address" in called.out
    assert page(launched) == "/lab/tree/notebooks/02_attention.ipynb"
    assert "--no-browser" in launched["command"]


def test_an_unknown_lesson_is_answered_with_the_nearest(course, root, launched):
    called = course("lab", "atention")
    assert called.code == 2
    assert "There is no lesson 'atention'; did you mean attention?" in called.err
    assert "00_welcome" in called.err
    assert not launched


def test_a_lesson_without_notebook_is_a_sentence(course, root, launched):
    called = course("lab", "03")
    assert called.code == 2
    assert "Lesson 03 has no notebook" in called.err
    assert "git checkout -- notebooks" in called.err


def test_a_port_in_use_is_a_sentence_with_a_way_out(course, root, launched):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        called = course("lab", "00", "--port", str(port))
    assert called.code == 1
    assert f"Port {port} is in use" in called.err
    assert f"--port {port + 1}" in called.err
    assert not launched


def test_a_free_port_is_taken_as_asked(course, root, launched):
    port = free_port()
    course("lab", "--port", str(port))
    assert f"--ServerApp.port={port}" in launched["command"]
    assert "--ServerApp.port_retries=0" in launched["command"]


def test_only_root_needs_the_flag_for_root(course, root, launched, monkeypatch):
    for user, expected in ((0, True), (1000, False)):
        monkeypatch.setattr(lab.os, "geteuid", lambda user=user: user, raising=False)
        course("lab")
        assert ("--allow-root" in launched["command"]) is expected


def test_no_other_environment_can_lend_its_kernel(course, root, launched, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "/somewhere/else")
    course("lab")
    assert launched["environment"]["JUPYTER_PREFER_ENV_PATH"] == "1"
    assert "JUPYTER_PATH" not in launched["environment"]


def test_the_news_are_silenced_in_this_environment_alone(tmp_path, monkeypatch):
    path = tmp_path / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    monkeypatch.setattr(lab.sys, "base_prefix", lab.sys.prefix)
    lab._quiet_news(tmp_path)
    assert not path.exists()
    monkeypatch.setattr(lab.sys, "base_prefix", "/usr")
    lab._quiet_news(tmp_path)
    [settings] = json.loads(path.read_text()).values()
    assert settings["fetchNews"] == "false"
    path.write_text("{}")
    lab._quiet_news(tmp_path)
    assert path.read_text() == "{}"


def test_news_that_cannot_be_silenced_stop_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(lab.sys, "base_prefix", "/usr")
    (tmp_path / "share").write_text("in the way")
    lab._quiet_news(tmp_path)
    assert (tmp_path / "share").read_text() == "in the way"


def test_the_command_becomes_jupyterlab(monkeypatch):
    calls = []
    monkeypatch.setattr(lab.os, "execve", lambda *given: calls.append(given))
    monkeypatch.setattr(lab.subprocess, "call", lambda *given, env: 3)
    with pytest.raises(lab.typer.Exit) as stopped:
        lab._launch(["python", "-m", "jupyterlab"], {"A": "1"})
    assert calls == [("python", ["python", "-m", "jupyterlab"], {"A": "1"})]
    assert stopped.value.exit_code == 3


def answer(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
        return json.load(reply)


def wait_for(port, process, log):
    for _ in range(200):
        if process.poll() is not None:
            pytest.fail(f"JupyterLab stopped: {log.read_text()}")
        try:
            return answer(port, "/api")
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"JupyterLab does not answer: {log.read_text()}")


@pytest.mark.timeout(150)
def test_jupyterlab_starts_and_offers_this_environments_kernel(root, tmp_path):
    port, log = free_port(), tmp_path / "lab.log"
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA")}
    own |= {"JUPYTER_PREFER_ENV_PATH": "0", "JUPYTER_TOKEN": "secret"}
    planted = tmp_path / "DATA" / "kernels" / "python3"
    planted.mkdir(parents=True)
    other = {"argv": ["/elsewhere/python"], "display_name": "X", "language": "python"}
    (planted / "kernel.json").write_text(json.dumps(other))
    command = [sys.executable, "-m", "course_utils", "lab", "--no-browser"]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            env={**os.environ, **own},
            stdout=out,
            stderr=out,
        )
    try:
        assert "version" in wait_for(port, process, log)
        kernels = answer(port, "/api/kernelspecs?token=secret")["kernelspecs"]
        argv = kernels["python3"]["spec"]["argv"]
        assert argv[0] in (sys.executable, "python", "python3")
        address = f"http://127.0.0.1:{port}/lab/tree/notebooks/00_welcome.ipynb"
        with urllib.request.urlopen(f"{address}?token=secret") as reply:
            assert reply.status == 200
        assert f"{address}?token=" in log.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
