"""Judge the setup: each check takes what was seen and returns one finding.

None of them looks at the machine, so that every fault can be planted in a test.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Finding",
    "check_disk",
    "check_extras",
    "check_kernel",
    "check_memory",
    "check_packages",
    "check_python",
    "check_threads",
    "check_torch",
    "check_writable",
]

HERE = f'"{sys.executable}"' if " " in sys.executable else sys.executable
PIP = f"{HERE} -m pip install -c constraints.txt"
INSTALL = f'make lab   (without make: {PIP} -e ".[data]")'
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Finding:
    """What a check saw; `level` is fine, note, warning or error; `fix` what to type."""

    check: str
    level: str
    message: str
    fix: str = ""


def check_python(version: tuple[int, ...], needed: tuple[int, int]) -> Finding:
    """Refuse a Python that is too old for the course."""
    have, need = (".".join(map(str, v)) for v in (version[:3], needed))
    if version[:2] < needed:
        message = f"Python {have} is too old; the course needs {need} or newer."
        fix = "make clean, then make lab PYTHON=python3.12 (any Python from 3.11 up)"
        return Finding("python", "error", message, fix)
    return Finding("python", "fine", f"Python {have}.")


def check_torch(
    version: str | None, cuda: str | None, has_gpu: bool, problem: str = ""
) -> Finding:
    """Say whether torch works and whether its build fits the machine.

    `cuda` is the CUDA version that torch was built with, None for a CPU build;
    `problem` is the message of a failed import.
    """
    if version is None:
        message = f"torch does not load: {problem}." if problem else "torch is missing."
        return Finding("torch", "error", message, INSTALL)
    if cuda and not has_gpu:
        message = (
            f"torch {version} is a CUDA {cuda} build on a machine without a usable "
            "NVIDIA GPU: it works, and takes several GB of disk for nothing."
        )
        fix = (
            "to shrink it: make clean, then make lab TORCH_INDEX=ADDRESS with the "
            "address of the CPU wheels (pytorch.org, Get Started)"
        )
        return Finding("torch", "note", message, fix)
    build = f"a CUDA {cuda} build" if cuda else "a CPU build"
    return Finding("torch", "fine", f"torch {version}, {build}.")


def check_packages(wrong: Mapping[str, tuple[str | None, str]]) -> Finding:
    """Name the required packages that are missing or outside their range.

    `wrong` maps a package to the version found (None: missing) and the one needed.
    """
    if not wrong:
        return Finding("packages", "fine", "Every required package is installed.")
    parts = [
        f"{name} {have or 'is missing'} (needed: {need or 'any version'})"
        for name, (have, need) in sorted(wrong.items())
    ]
    return Finding(
        "packages", "error", f"Not as required: {'; '.join(parts)}.", INSTALL
    )


def check_extras(missing: Mapping[str, tuple[list[str], list[str]]]) -> Finding:
    """Name the optional extras that are not installed.

    `missing` maps an extra to the packages it lacks and the lessons that use it.
    """
    if not missing:
        return Finding("extras", "fine", "Every extra that a lesson uses is installed.")
    parts = []
    for extra, (packages, lessons) in sorted(missing.items()):
        use = f"lesson {', '.join(lessons)}" if lessons else "no lesson yet"
        parts.append(f"{extra} (lacks {', '.join(packages)}; used by {use})")
    names = ",".join(sorted(missing))
    return Finding(
        "extras",
        "note",
        f"Optional extras that are not installed: {'; '.join(parts)}. "
        "The lessons run without them, on the tier below.",
        f'{PIP} -e ".[{names}]"',
    )


def check_memory(total_mb: float, available_mb: float, needed_mb: float) -> Finding:
    """Warn when a lesson may not find the memory that it needs at most."""
    seen = f"{available_mb / 1024:.1f} of {total_mb / 1024:.1f} GB memory free"
    need = f"a lesson needs up to {needed_mb / 1024:.0f} GB"
    if total_mb < needed_mb:
        fix = "run the course on a machine with more memory (4 GB or more)"
        return Finding("memory", "error", f"{seen}; {need}.", fix)
    if available_mb < needed_mb:
        fix = "close other programs and notebooks (Kernel, Shut Down All Kernels)"
        return Finding("memory", "warning", f"{seen}; {need}.", fix)
    return Finding("memory", "fine", f"{seen}.")


def check_threads(cores: int, environment: Mapping[str, str]) -> Finding:
    """Compare the thread counts asked for in the environment with the cores."""
    unset = "unset {0}   (Windows: set {0}=)"
    for name in THREAD_VARIABLES:
        value = environment.get(name)
        if value is None:
            continue
        if not value.isdigit() or int(value) < 1:
            message = f"{name}={value!r} is not a number of threads."
            return Finding("threads", "warning", message, unset.format(name))
        if int(value) > cores:
            message = f"{name}={value} asks for more threads than the {cores} cores."
            message += " Everything gets slower."
            return Finding("threads", "warning", message, unset.format(name))
        if int(value) < min(cores, 2):
            message = f"{name}={value} leaves {cores - int(value)} of {cores} cores"
            message += " idle. Timings will be longer than the lessons say."
            return Finding("threads", "note", message, unset.format(name))
    return Finding("threads", "fine", f"{cores} cores for the computation.")


def check_kernel(argv: list[str] | None, interpreter: str, prefix: str) -> Finding:
    """Say whether Jupyter's `python3` kernel is the Python of this environment.

    `argv` is the command of the kernelspec (None: there is none), `interpreter` the
    Python that runs this, `prefix` the folder of its environment.
    """
    fix = f"{HERE} -m ipykernel install --sys-prefix, then course lab"
    if not argv:
        message = "Jupyter knows no kernel named python3: notebooks cannot run."
        return Finding("kernel", "error", message, fix)
    program = argv[0]
    bare = re.fullmatch(r"python[\d.]*", program)  # Jupyter puts its own Python here
    if bare or Path(prefix) in Path(program).parents or program == interpreter:
        return Finding("kernel", "fine", "The python3 kernel is this environment's.")
    message = (
        f"The kernel python3 starts {program}, which is not this environment's Python "
        f"({interpreter}): notebooks would not find the course."
    )
    return Finding("kernel", "error", message, fix)


def check_writable(refused: list[Path]) -> Finding:
    """Name the folders of the course in which nothing can be saved."""
    if not refused:
        return Finding("folder", "fine", "The course folder can be written to.")
    names = ", ".join(str(path) for path in refused)
    return Finding(
        "folder",
        "error",
        f"No permission to write in {names}: notebooks cannot be saved.",
        f'sudo chown -R "$USER" "{refused[0]}"   (or copy the course to your home)',
    )


def check_disk(free_mb: float, needed_mb: float) -> Finding:
    """Warn when training or installing may fill the disk."""
    seen = f"{free_mb / 1024:.1f} GB free on the disk of the course"
    if free_mb < needed_mb:
        fix = "free some space; make clean removes the environment (about 1.5 GB)"
        message = f"{seen}; training and notebooks need {needed_mb:.0f} MB."
        return Finding("disk", "warning", message, fix)
    return Finding("disk", "fine", f"{seen}.")
