"""Code that answers nothing, and makes up what the grader hears of it."""

from tests.grading.faults.base import DIED, NONE, TIMEOUT, Fault, blank

__all__ = ["FORGING"]

_FORGE = (
    "import sys\nfrom course_utils.answers.calls import Outcome\n"
    "inside = sys.modules['__main__']\n"
)
_SEND = (
    "    data = head + body\n    inside._send(forth, len(data).to_bytes(8) + data)\n"
    "    inside._exit(0)\ninside._call = forged"
)

FORGING = (
    Fault(
        "only-the-last",
        "no answer, and outcomes for the last call alone",
        blank(
            f"{_FORGE}def forged(task, exercise, *rest):\n"
            "    return {list(task['calls'][exercise])[-1]: Outcome('value')}\n"
            "inside.call_answers = forged"
        ),
        (NONE,),
    ),
    Fault(
        "no-outcome",
        "no answer, and not a single outcome",
        blank(f"{_FORGE}inside.call_answers = lambda *args: {{}}"),
        (DIED,),
    ),
    Fault(
        "slow-only",
        "no answer, and only the last call is said to be slow",
        blank(
            f"{_FORGE}def forged(task, exercise, *rest):\n"
            "    return {list(task['calls'][exercise])[-1]: Outcome('slow')}\n"
            "inside.call_answers = forged"
        ),
        (NONE, DIED),
    ),
    Fault(
        "unknown-status",
        "no answer, and outcomes with a status and fields of their own",
        blank(
            f"{_FORGE}def forged(task, exercise, *rest):\n"
            "    made = task['calls'][exercise]\n"
            "    return {name: Outcome('passed', points=99) for name in made}\n"
            "def other(task, exercise, *rest):\n"
            "    return {name: Outcome('passed') for name in task['calls'][exercise]}\n"
            "inside.call_answers = other"
        ),
        (DIED,),
    ),
    Fault(
        "endless-text",
        "no answer, and error texts of 1 MB",
        blank(
            f"{_FORGE}def forged(task, exercise, *rest):\n"
            "    text = 'x' * 2**20\n    made = task['calls'][exercise]\n"
            "    return {name: Outcome('error', error=text, line=text, reads=[text])\n"
            "            for name in list(made)[:1]}\ninside.call_answers = forged"
        ),
        (NONE,),
    ),
    Fault(
        "many-pieces",
        "no answer, and five million empty lists",
        blank(
            f"{_FORGE}def forged(task, exercise, namespace, wrong, most, forth):\n"
            "    one = b'{\"list\": []}, '\n    body = b'[' + one * 4_300_000 + b'0]'\n"
            f"    head = len(body).to_bytes(8)\n{_SEND}"
        ),
        (DIED, TIMEOUT),
    ),
    Fault(
        "garbage",
        "no answer, and random bytes as outcomes",
        blank(
            f"{_FORGE}import os\n"
            "def forged(task, exercise, namespace, wrong, most, forth):\n"
            f"    head, body = os.urandom(9), os.urandom(10_000)\n{_SEND}"
        ),
        (DIED,),
    ),
    Fault(
        "speaks-for-keeper",
        "no answer, and a word to the grader past the keeper",
        blank(
            f"{_FORGE}import os, glob\n"
            "for path in glob.glob(f'/proc/{os.getppid()}/fd/*'):\n    try:\n"
            "        handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)\n"
            "        os.write(handle, b'0' * 100)\n    except OSError:\n"
            "        pass"
        ),
        (NONE,),
    ),
)
