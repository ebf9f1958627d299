"""Look at this machine and have every check judge what was seen."""

import ast
import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from course_utils.commands.doctor import checks
from course_utils.commands.doctor.checks import Finding
from course_utils.commands.doctor.weights import check_weights
from course_utils.commands.run import BUDGET_MB
from course_utils.syllabus import LESSONS

__all__ = ["examine"]

PROJECT = "smaller-faster-transformers"
NEEDED_DISK_MB = 1024.0
NOT_FOR_READERS = {"test"}


def examine(root: Path) -> list[Finding]:
    """Return the findings about this machine and the course folder."""
    requirements = list(_requirements())
    free_mb = shutil.disk_usage(root).free / 2**20
    return [
        checks.check_python(sys.version_info, (3, 11)),
        checks.check_torch(**_torch()),
        checks.check_packages(_wrong_packages(requirements)),
        checks.check_extras(_missing_extras(requirements)),
        checks.check_memory(*_memory_mb(), BUDGET_MB),
        checks.check_threads(_cores(), os.environ),
        checks.check_kernel(_kernel_argv(), sys.executable, sys.prefix),
        checks.check_writable(_refused([root, root / "notebooks"])),
        checks.check_disk(free_mb, NEEDED_DISK_MB),
        *check_weights(root / "course_utils" / "weights", _config_fields(root)),
    ]


def _torch() -> dict:
    try:
        import torch
    except ModuleNotFoundError as error:
        problem = "" if error.name == "torch" else str(error)
        return {"version": None, "cuda": None, "has_gpu": False, "problem": problem}
    except (ImportError, OSError) as error:
        return {"version": None, "cuda": None, "has_gpu": False, "problem": str(error)}
    cuda = torch.version.cuda
    has_gpu = bool(cuda) and torch.cuda.is_available()
    return {"version": torch.__version__, "cuda": cuda, "has_gpu": has_gpu}


def _requirements() -> Iterator[tuple[str, str, str]]:
    """Yield (extra, package, range) for every requirement of the course."""
    from packaging.requirements import Requirement

    try:
        lines = importlib.metadata.requires(PROJECT) or []
    except importlib.metadata.PackageNotFoundError:
        return
    extras = importlib.metadata.metadata(PROJECT).get_all("Provides-Extra") or []
    for line in lines:
        one = Requirement(line)
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            yield "", one.name, str(one.specifier)
            continue
        for extra in extras:
            if one.marker.evaluate({"extra": extra}):
                yield extra, one.name, str(one.specifier)


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _wrong_packages(requirements: list) -> dict[str, tuple[str | None, str]]:
    from packaging.specifiers import SpecifierSet

    wrong = {}
    for extra, name, needed in requirements:
        have = _installed(name)
        if extra or (have and SpecifierSet(needed).contains(have, prereleases=True)):
            continue
        wrong[name] = (have, needed)
    return wrong


def _missing_extras(requirements: list) -> dict[str, tuple[list[str], list[str]]]:
    missing: dict[str, list[str]] = {}
    for extra, name, _ in requirements:
        if extra and extra not in NOT_FOR_READERS and _installed(name) is None:
            missing.setdefault(extra, []).append(name)
    return {
        extra: (names, [one.number for one in LESSONS if extra in one.extras])
        for extra, names in missing.items()
    }


def _memory_mb() -> tuple[float, float]:
    import psutil

    memory = psutil.virtual_memory()
    return memory.total / 2**20, memory.available / 2**20


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _kernel_argv() -> list[str] | None:
    """Return the command of the kernel that `python3` names for `course lab`."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        return list(KernelSpecManager().get_kernel_spec("python3").argv)
    except NoSuchKernel:
        return None


def _refused(folders: list[Path]) -> list[Path]:
    """Return those folders in which a file cannot be made; a missing one is skipped."""
    refused = []
    for folder in folders:
        try:
            with tempfile.TemporaryFile(dir=folder):
                continue
        except FileNotFoundError:
            continue
        except OSError:
            refused.append(folder)
    return refused


def _config_fields(root: Path) -> list[str]:
    """Return the fields of the model configuration, read without importing torch."""
    path = root / "course_utils" / "config.py"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and node.name == "ModelConfig":
            lines = [n for n in node.body if isinstance(n, ast.AnnAssign)]
            return [line.target.id for line in lines]
    return []
