"""Start a command under Landlock and seccomp, with the same standard streams.

    python -P landlock.py POLICY COMMAND...

POLICY is JSON: the fields of `sandlock.Sandbox`. This process stays outside, watches
over the command, and ends with its exit code, or when its parent does. It needs
nothing of this package, which it is started without.
"""

import ctypes
import json
import signal
import sys

__all__ = ["main"]


def main(policy: str, command: list[str]) -> int:
    """Run the command under the policy; return its exit code."""
    from sandlock import Sandbox

    set_death_signal = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL, 0, 0, 0)
    return Sandbox(**json.loads(policy)).run_interactive(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
