"""Give up rights, for good, before anything of a stranger's runs in this process.

Everything here works without the rest of the package: limits on memory, time, files
and processes; another user where the grader is root; death with the grader.
"""

import contextlib
import ctypes
import os
import sys

__all__ = ["die_with_parent", "settle"]

# Of <linux/prctl.h> and <linux/capability.h>.
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_CHILD_SUBREAPER = 1, 8, 36
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION, DAC_READ_SEARCH = 0x20080522, 1 << 2
SIGKILL = 9


def settle(rights: dict) -> None:
    """Take on limits that can never be raised again.

    `rights` holds `seconds` of processor time, `memory` and `file` in bytes, the
    number of `processes`, and `uid`: the user to become, None to stay who one is.
    With `read` that user may still read every file that root could.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write("1000")  # short of memory, the system ends this one first
        _become(rights["uid"], rights["read"])
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
    die_with_parent()  # only now: a new user forgets it
    _set_limits(rights)


def die_with_parent() -> None:
    """Have this process ended when the one that started it ends, where that works."""
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, SIGKILL)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


def _become(uid: int | None, read: bool) -> None:
    if uid is None:
        return
    if read:
        _prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if read:
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
        kept = (ctypes.c_uint32 * 6)(DAC_READ_SEARCH, DAC_READ_SEARCH)
        if ctypes.CDLL(None, use_errno=True).capset(header, kept):
            raise OSError(ctypes.get_errno(), "capset failed")


def _set_limits(rights: dict) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    wanted = {
        "RLIMIT_CPU": rights["seconds"],
        "RLIMIT_AS": rights["memory"],
        "RLIMIT_FSIZE": rights["file"],
        "RLIMIT_NPROC": rights["processes"],
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 512,
    }
    for name, most in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None or most is None:
            continue
        highest = resource.getrlimit(kind)[1]
        least = most if highest == resource.RLIM_INFINITY else min(most, highest)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(kind, (least, least))
