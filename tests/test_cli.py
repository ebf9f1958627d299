"""The `course` command as a whole: quick to answer, clear about misuse."""

import os
import subprocess
import sys
from pathlib import Path

from course_utils import __version__

COURSE = [sys.executable, "-m", "course_utils"]
COMMANDS = ["lab", "doctor", "list", "run", "check", "review", "reset"]
COMMANDS += ["train", "data", "bench", "build"]


def call(*arguments, **options):
    return subprocess.run(
        [*COURSE, *arguments], capture_output=True, text=True, **options
    )


def test_help_names_every_command():
    shown = call("--help")
    assert shown.returncode == 0
    for command in COMMANDS:
        assert f" {command} " in shown.stdout


def test_help_of_every_command_answers():
    for command in COMMANDS:
        assert call(command, "--help").returncode == 0, command


def test_the_script_and_the_module_are_the_same_command():
    script = Path(sys.executable).with_name("course")
    found = subprocess.run([script, "--version"], capture_output=True, text=True)
    assert found.stdout.strip() == __version__
    assert call("--version").stdout.strip() == __version__


def test_help_imports_nothing_heavy():
    code = (
        "import sys, course_utils.cli\n"
        "heavy = {'torch', 'numpy', 'matplotlib', 'nbformat', 'jupyterlab', 'psutil'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "[]"


def test_the_command_is_imported_in_little_cpu_time():
    code = "import time, course_utils.cli; print(time.process_time())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert float(run.stdout) < 2


def test_misuse_is_two_and_a_sentence():
    for arguments in (["no-such-command"], ["list", "--no-such-option"]):
        misused = call(*arguments)
        assert misused.returncode == 2
        assert "No such" in misused.stderr
        assert "Traceback" not in misused.stderr


def test_the_command_works_from_any_folder(tmp_path):
    listed = call("list", "--json", cwd=tmp_path)
    assert listed.returncode == 0
    assert '"lesson": "00"' in listed.stdout


def test_a_course_folder_that_is_none_is_misuse(tmp_path):
    elsewhere = {**os.environ, "COURSE_ROOT": str(tmp_path / "gone")}
    for command in ("list", "doctor", "run", "lab"):
        misused = call(command, env=elsewhere)
        assert misused.returncode == 2, command
        assert f"COURSE_ROOT={tmp_path / 'gone'} is not a folder" in misused.stderr
        assert "Traceback" not in misused.stderr


def test_a_terminal_without_our_signs_still_gets_an_answer():
    shown = call("list", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert shown.returncode == 0
    assert "Welcome" in shown.stdout
