"""`course doctor`: every fault, planted, is found and answered with what to type."""

import importlib.metadata
import sys
from pathlib import Path

import pytest

from course_utils.commands.doctor import checks, facts
from course_utils.commands.doctor.checks import Finding
from course_utils.commands.places import root as course_folder

ORDER = [
    *("python", "torch", "packages", "extras", "memory", "threads", "kernel"),
    *("folder", "disk", "weights"),
]
PREFIX = "/home/ada/course/.venv"
OURS = f"{PREFIX}/bin/python"


def expect(finding, check, level, message, fix=""):
    assert (finding.check, finding.level) == (check, level)
    assert message in finding.message
    assert fix in finding.fix
    assert bool(finding.fix) is (level != "fine")


# --- planted faults ----------------------------------------------------------------


def test_python():
    expect(checks.check_python((3, 12, 1), (3, 11)), "python", "fine", "Python 3.12.1.")
    old = checks.check_python((3, 10, 4), (3, 11))
    message = "Python 3.10.4 is too old; the course needs 3.11"
    expect(old, "python", "error", message, "make lab PYTHON=")


def test_torch():
    fine = checks.check_torch("2.13.0+cpu", None, False)
    expect(fine, "torch", "fine", "torch 2.13.0+cpu, a CPU build.")
    gpu = checks.check_torch("2.13.0", "13.0", True)
    expect(gpu, "torch", "fine", "a CUDA 13.0 build")
    large = checks.check_torch("2.13.0", "13.0", False)
    expect(large, "torch", "note", "without a usable NVIDIA GPU", "TORCH_INDEX=")
    expect(
        checks.check_torch(None, None, False), "torch", "error", "missing", "make lab"
    )
    broken = checks.check_torch(None, None, False, "libgomp.so.1: cannot open")
    expect(broken, "torch", "error", "torch does not load: libgomp.so.1", "make lab")


def test_packages():
    expect(checks.check_packages({}), "packages", "fine", "Every required package")
    wrong = {"ipywidgets": (None, ">=8.1"), "jupyterlab": ("3.6", ">=4.2")}
    found = checks.check_packages(wrong)
    expect(
        found, "packages", "error", "ipywidgets is missing (needed: >=8.1)", "make lab"
    )
    assert "jupyterlab 3.6 (needed: >=4.2)" in found.message


def test_extras_name_the_lessons_that_use_them():
    expect(checks.check_extras({}), "extras", "fine", "Every extra")
    missing = {"hf": (["transformers"], ["15", "31"]), "data": (["a", "b"], [])}
    found = checks.check_extras(missing)
    message = "hf (lacks transformers; used by lesson 15, 31)"
    expect(
        found,
        "extras",
        "note",
        message,
        '-m pip install -c constraints.txt -e ".[data,hf]"',
    )
    assert "data (lacks a, b; used by no lesson yet)" in found.message


def test_memory():
    fine = checks.check_memory(8192, 4096, 2048)
    expect(fine, "memory", "fine", "4.0 of 8.0 GB memory free.")
    busy = checks.check_memory(8192, 1024, 2048)
    expect(busy, "memory", "warning", "1.0 of 8.0 GB", "close other programs")
    small = checks.check_memory(1024, 900, 2048)
    expect(small, "memory", "error", "a lesson needs up to 2 GB", "4 GB or more")


@pytest.mark.parametrize(
    ("environment", "level", "message"),
    [
        ({}, "fine", "4 cores"),
        ({"OMP_NUM_THREADS": "4"}, "fine", "4 cores"),
        ({"OMP_NUM_THREADS": "64"}, "warning", "more threads than the 4 cores"),
        ({"MKL_NUM_THREADS": "1"}, "note", "leaves 3 of 4 cores idle"),
        ({"OMP_NUM_THREADS": "all"}, "warning", "'all' is not a number of threads"),
        ({"OMP_NUM_THREADS": "0"}, "warning", "'0' is not a number of threads"),
    ],
)
def test_threads(environment, level, message):
    fix = f"unset {next(iter(environment))}" if level != "fine" else ""
    expect(checks.check_threads(4, environment), "threads", level, message, fix)


def test_one_core_needs_no_second_thread():
    found = checks.check_threads(1, {"OMP_NUM_THREADS": "1"})
    expect(found, "threads", "fine", "1 cores")


@pytest.mark.parametrize("program", ["python", "python3", "python3.11", OURS])
def test_a_kernel_of_this_environment(program):
    found = checks.check_kernel([program, "-m", "ipykernel_launcher"], OURS, PREFIX)
    expect(found, "kernel", "fine", "this environment's")


def test_a_kernel_of_another_environment():
    found = checks.check_kernel(["/opt/conda/bin/python", "-m", "x"], OURS, PREFIX)
    message = "starts /opt/conda/bin/python, which is not this environment's Python"
    expect(found, "kernel", "error", message, "ipykernel install --sys-prefix")
    assert OURS in found.message
    assert sys.executable in found.fix


def test_no_kernel_at_all():
    found = checks.check_kernel(None, OURS, PREFIX)
    expect(found, "kernel", "error", "no kernel named python3", sys.executable)


def test_write_permission():
    expect(checks.check_writable([]), "folder", "fine", "can be written to")
    found = checks.check_writable([Path("/course/notebooks")])
    expect(
        found, "folder", "error", "No permission to write in /course/notebooks", "chown"
    )


def test_disk():
    expect(checks.check_disk(5000, 1024), "disk", "fine", "4.9 GB free")
    full = checks.check_disk(100, 1024)
    expect(full, "disk", "warning", "0.1 GB free", "free some space")


# --- looking at the machine --------------------------------------------------------


def test_the_checks_of_this_machine_come_in_order():
    findings = facts.examine(course_folder())
    assert list(dict.fromkeys(one.check for one in findings)) == ORDER


def test_a_missing_and_a_broken_torch_are_told_apart(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert facts._torch()["version"] is None
    monkeypatch.delitem(sys.modules, "torch")
    for error, problem in (
        (ModuleNotFoundError("No module named 'torch'", name="torch"), ""),
        (ModuleNotFoundError("No module named 'sympy'", name="sympy"), "sympy"),
        (OSError("libcudart.so.13: no such file"), "libcudart"),
    ):
        finder = Refuse(error)
        monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
        seen = facts._torch()
        assert problem in seen["problem"]
        assert bool(problem) is bool(seen["problem"])
        sys.meta_path.remove(finder)


class Refuse:
    """Fails every import of torch with one error."""

    def __init__(self, error):
        self.error = error

    def find_spec(self, name, path, target=None):
        if name == "torch":
            raise self.error


def test_requirements_of_core_and_extras_are_read():
    requirements = {(extra, name) for extra, name, _ in facts._requirements()}
    assert {("", "torch"), ("", "jupyterlab"), ("hf", "transformers")} <= requirements
    assert ("", "transformers") not in requirements


def test_versions_are_compared_with_the_ranges(monkeypatch):
    have = {"torch": "2.13.0+cpu", "ipywidgets": "7.8", "typer": None}
    monkeypatch.setattr(facts, "_installed", have.get)
    needed = [("", "torch", ">=2.6"), ("", "ipywidgets", ">=8.1"), ("", "typer", "")]
    wrong = facts._wrong_packages([*needed, ("hf", "transformers", ">=4.50")])
    assert wrong == {"ipywidgets": ("7.8", ">=8.1"), "typer": (None, "")}


def test_missing_extras_are_grouped_and_test_tools_left_out(monkeypatch):
    monkeypatch.setattr(facts, "_installed", lambda name: None)
    seen = facts._missing_extras([("hf", "a", ""), ("hf", "b", ""), ("test", "c", "")])
    assert list(seen) == ["hf"]
    assert seen["hf"][0] == ["a", "b"]


def test_a_course_that_is_not_installed_has_no_requirements(monkeypatch):
    monkeypatch.setattr(facts, "PROJECT", "no-such-project")
    assert list(facts._requirements()) == []
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("no-such-project")
    assert facts._installed("no-such-project") is None


def test_cores_are_counted_where_no_affinity_is_known(monkeypatch):
    assert facts._cores() >= 1
    monkeypatch.delattr(facts.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(facts.os, "cpu_count", lambda: None)
    assert facts._cores() == 1


def test_the_kernel_is_asked_of_jupyter(monkeypatch, tmp_path):
    assert facts._kernel_argv()[1:3] == ["-m", "ipykernel_launcher"]
    from jupyter_client import kernelspec

    def none(self, name):
        raise kernelspec.NoSuchKernel(name)

    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", none)
    assert facts._kernel_argv() is None


def test_folders_that_refuse_a_file_are_named(monkeypatch, tmp_path):
    assert facts._refused([tmp_path, tmp_path / "missing"]) == []

    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(facts.tempfile, "TemporaryFile", refuse)
    assert facts._refused([tmp_path]) == [tmp_path]


def test_the_fields_of_the_configuration_are_read_from_its_source(tmp_path):
    assert "d_model" in facts._config_fields(course_folder())
    assert facts._config_fields(tmp_path) == []
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "course_utils" / "config.py").write_text("x = 1\n")
    assert facts._config_fields(tmp_path) == []


# --- the command -------------------------------------------------------------------

NOTE = Finding("torch", "note", "large.", "make it smaller")
WARNING = Finding("disk", "warning", "nearly full.", "free some")
ERROR = Finding("kernel", "error", "another one.", "install it")
FINE = Finding("python", "fine", "Python 3.11.7.")


@pytest.fixture
def found(monkeypatch):
    """Let the doctor find these."""

    def give(*findings):
        monkeypatch.setattr(facts, "examine", lambda root: list(findings))

    return give


@pytest.mark.parametrize(
    ("findings", "code", "last"),
    [
        ([FINE, NOTE], 0, "All is well. Open the first lesson: course lab"),
        ([FINE, WARNING], 0, "The course can run; 1 to look at."),
        ([ERROR, WARNING], 1, "1 to mend before the course can run."),
    ],
)
def test_the_verdict(course, found, findings, code, last):
    found(*findings)
    called = course("doctor")
    assert called.code == code
    assert called.out.splitlines()[-1] == last
    for one in findings:
        assert f"{one.check}: {one.message}" in called.out
        assert f"type: {one.fix}" in called.out or not one.fix


def test_json_lists_the_findings_and_the_exit_code_stays(course, found):
    found(FINE, ERROR)
    called = course("doctor", "--json")
    assert called.code == 1
    assert [set(one) for one in called.json] == [
        {"check", "level", "message", "fix"}
    ] * 2
    assert called.json[1]["level"] == "error"
