"""Where a stranger's code runs: the strongest confinement that this machine offers.

Three levels, the strongest first:

    bubblewrap   its own file system, network and processes (the package bubblewrap)
    landlock     Landlock and seccomp through the package `sandlock`
    rlimits      limits on memory, time and processes only

Inside, no level shows what knows the right answers (see HIDDEN).
"""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course_utils.grading.limits import Limits

__all__ = ["LEVELS", "Entry", "enter", "is_usable", "probe", "what_is_not_guaranteed"]

LEVELS = ("bubblewrap", "landlock", "rlimits")
HIDDEN = ("authoring", "checks", "commands", "grading", "recall", "__pycache__")
PACKAGE = Path(__file__).resolve().parents[1]
BOX_BYTES = 256 * 2**20
PROBE_SECONDS = 60.0
ALONE = 1 << 30  # users from here on belong to nobody
SYSTEM = ("/lib", "/lib64", "/bin", "/sbin")
OFTEN_NEEDED = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
OPEN = {
    "bubblewrap": [],
    "landlock": ["files in its own folder can fill the disk"],
    "rlimits": [
        "the submission can read files of this machine, the checks among them",
        "the submission can reach the network",
        "the submission sees the other processes of this machine",
        "files of the submission can fill the disk, and stay where everybody may "
        "write, such as /tmp",
    ],
}
SAME_USER = (
    "the submission runs as you: it can change your files and end your processes, "
    "this grader and its neighbors among them"
)
_turn = itertools.count()


@dataclass(frozen=True)
class Entry:
    """How to start the program inside: its command, environment and folder.

    `uid` is the user that it becomes, and that nobody else is; None: it stays ours.
    """

    argv: list[str]
    env: dict[str, str]
    cwd: str
    uid: int | None = None


@cache
def probe() -> str:
    """Return the strongest level that works on this machine, by trying."""
    return next(level for level in LEVELS if level == LEVELS[-1] or is_usable(level))


@cache
def is_usable(level: str) -> bool:
    """Say whether the program inside gets ready to work at this level."""
    with tempfile.TemporaryDirectory(prefix="course-probe-") as folder:
        try:
            entry = enter(level, Path(folder), Limits())
            run = subprocess.run(
                entry.argv,
                env=entry.env,
                cwd=entry.cwd,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PROBE_SECONDS,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return False
        return run.stdout.startswith(b"ready\n")


def what_is_not_guaranteed(level: str) -> list[str]:
    """Return, in words, what a submission can do at this level that it should not."""
    same = level == "rlimits" and _own_user() is None
    return [*OPEN[level], SAME_USER] if same else list(OPEN[level])


def enter(level: str, folder: Path, limits: Limits) -> Entry:
    """Return how to start the program inside, in a folder that is its own.

    Raises:
        ValueError: there is no such level, or what it needs is not installed.
    """
    if level == "bubblewrap":
        return _bubblewrap(limits)
    if level not in LEVELS:
        raise ValueError(f"no level {level!r}; choose one of {', '.join(LEVELS)}")
    box, view = folder / "box", folder / "view"
    _make_view(view / PACKAGE.name)
    box.mkdir(mode=0o700)
    uid = _own_user()
    if uid is not None:
        os.chown(box, uid, uid)
        folder.chmod(0o755)
    needed = (*_libraries(), PACKAGE, Path(os.__file__).parent)
    read = uid is not None and not all(map(_is_public, needed))
    rights = _rights(limits, uid, read)
    argv = [*_python(), json.dumps(rights)]
    if level == "landlock":
        argv = _landlock(argv, box, view, limits)
    return Entry(argv, _environment(str(box), str(view)), str(box), uid)


# --- what all levels share -----------------------------------------------------------


def _python() -> list[str]:
    # -S: no site, so that no .pth file of an editable install leads to the checkout.
    options = ["-S", "-s", "-B", "-P"]
    return [sys._base_executable, *options, "-m", "course_utils.answers.confined"]


def _rights(limits: Limits, uid: int | None, read: bool = False) -> dict:
    counted = uid is not None or sys.platform != "linux"
    return {
        "seconds": int(limits.seconds) + 30,  # PyTorch's start included
        "memory": int(limits.memory_gb * 2**30),
        "file": limits.output_mb * 2**20,
        "output": limits.output_mb * 2**20,
        "processes": limits.processes + (0 if counted else _processes_of_mine()),
        "uid": uid,
        "read": read,
    }


def _processes_of_mine() -> int:
    """Count the threads of this user, since the system counts them together."""
    import psutil

    mine, total = os.getuid(), 0
    for one in psutil.process_iter(["uids", "num_threads"]):
        if one.info["uids"] and one.info["uids"].real == mine:
            total += one.info["num_threads"] or 1
    return total


def _own_user() -> int | None:
    """Return a user that nobody is, for this sandbox alone, if we may become one."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return None
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    if not any(int(line.split()[2]) > 2 * ALONE for line in lines):
        return None
    return ALONE + (os.getpid() << 7) % ALONE + next(_turn) % 128


def _environment(box: str, path: str) -> dict[str, str]:
    one = dict.fromkeys(("OMP", "MKL", "OPENBLAS"), "1")
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join([path, *map(str, _libraries())]),
        "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8",
        "HOME": box,
        "TMPDIR": box,
        "COURSE_ROOT": box,
        "MPLCONFIGDIR": box,
        "MPLBACKEND": "agg",
        "LOGNAME": "learner",
        "USER": "learner",
        **{f"{name}_NUM_THREADS": number for name, number in one.items()},
    }


@cache
def _libraries() -> tuple[Path, ...]:
    """Return the folders of installed packages."""
    names = ("site-packages", "dist-packages")
    found = (Path(entry) for entry in sys.path if Path(entry).name in names)
    return tuple(dict.fromkeys(path for path in found if path.is_dir()))


def _visible() -> list[Path]:
    return [one for one in sorted(PACKAGE.iterdir()) if one.name not in HIDDEN]


def _make_view(view: Path) -> None:
    """Fill a folder with links to all of the package but what is hidden."""
    view.mkdir(parents=True)
    for one in _visible():
        (view / one.name).symlink_to(one)


def _is_public(path: Path) -> bool:
    """Say whether every user may read a folder and get to it."""
    return all(one.stat().st_mode & 0o005 == 0o005 for one in (path, *path.parents))


# --- bubblewrap ----------------------------------------------------------------------


def _bubblewrap(limits: Limits) -> Entry:
    found = shutil.which("bwrap")
    if found is None:
        raise ValueError("bubblewrap is not installed (Debian: apt install bubblewrap)")
    uid = _own_user()
    environment = _environment("/box", "/view")
    argv = [found, *_apart(uid), *_files(), *_writable(), "--chdir", "/box"]
    rights = _rights(limits, uid)
    if uid is None:  # a user namespace counts for itself
        rights["processes"] = limits.processes
    return Entry([*argv, *_python(), json.dumps(rights)], environment, "/")


def _apart(uid: int | None) -> list[str]:
    common = ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if uid is None:
        return ["--unshare-all", *common]
    kinds = ("ipc", "pid", "net", "uts", "cgroup-try")
    allowed = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*(f"--unshare-{kind}" for kind in kinds), *common, *allowed]


def _files() -> list[str]:
    """Return what is shown, read-only: the system, Python, and a part of the package.

    The checkout is covered wherever it stands; only then its libraries come back.
    """
    shown = [*_bind("/usr"), *_system(), *_bind(sys.base_prefix)]
    inside = any(PACKAGE.is_relative_to(one) for one in _libraries())
    covered = str(PACKAGE if inside else PACKAGE.parent)
    cover = [*_way_to(covered), "--tmpfs", covered]
    libraries = [word for one in _libraries() for word in _bind(str(one))]
    shown += [*libraries, *cover] if inside else [*cover, *libraries]
    for one in _visible():
        seen = f"/view/{PACKAGE.name}/{one.name}"
        shown += [*_way_to(seen), "--ro-bind", str(one), seen]
    return shown


def _bind(path: str) -> list[str]:
    return [*_way_to(path), "--ro-bind", path, path]


def _way_to(path: str) -> list[str]:
    """Make the folders above, open to every user, which bubblewrap would not."""
    above = [str(one) for one in reversed(Path(path).parents)][1:]
    return [word for one in above for word in ("--perms", "0755", "--dir", one)]


def _system() -> list[str]:
    words = []
    for name in SYSTEM:
        if Path(name).is_symlink():
            words += ["--symlink", os.readlink(name), name]
        elif Path(name).is_dir():
            words += _bind(name)
    for name in OFTEN_NEEDED:
        words += [*_way_to(name), "--ro-bind-try", name, name]
    return words


def _writable() -> list[str]:
    """Return the few places for writing, all in memory and of limited size."""
    small = ["--perms", "0777", "--size", str(BOX_BYTES), "--tmpfs"]
    places = ["--proc", "/proc", "--dev", "/dev", *small, "/dev/shm", *small, "/box"]
    closed = ["--remount-ro", "/dev", "--remount-ro", "/"]
    shown = (PACKAGE, Path(sys.base_prefix), *_libraries())
    has_tmp = any(one.is_relative_to("/tmp") for one in shown)
    temporary = [] if has_tmp else ["--symlink", "box", "/tmp"]
    return [*places, *temporary, *closed]


# --- landlock ------------------------------------------------------------------------


def _landlock(argv: list[str], box: Path, view: Path, limits: Limits) -> list[str]:
    """Return the command that starts another one under Landlock and seccomp."""
    readable = ["/usr", *SYSTEM, *OFTEN_NEEDED, "/proc", "/dev", sys.base_prefix]
    readable += [*map(str, [*_libraries(), view, *_visible()])]
    policy = {
        "fs_readable": [one for one in readable if Path(one).exists()],
        "fs_writable": [str(box), "/dev/null"],
        "fs_denied": [str(PACKAGE / name) for name in HIDDEN],
        "max_memory": int(limits.memory_gb * 2**30),
        "no_coredump": True,
    }
    launcher = str(Path(__file__).with_name("landlock.py"))
    return [sys.executable, "-P", launcher, json.dumps(policy), *argv]
