"""20-intensity: the operations a byte of a matrix product."""

from course_utils.answers import Call
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "intensity"


def calls(seed: int) -> dict[str, Call]:
    """Return the case by hand, one token, many, other numbers of bytes."""
    n, m, p = 5 + seed % 4, 17 + seed % 5, 11 + seed % 3
    return {
        "by hand": Call(NAME, (2, 3, 4)),
        "one token": Call(NAME, (1, 64, 250)),
        "all sizes different": Call(NAME, (n, m, p)),
        "two bytes a number": Call(NAME, (n, m, p), {"number_bytes": 2}),
        "one byte a number": Call(NAME, (64, 48, 80), {"number_bytes": 1}),
        "a sum": Call(NAME, (1, 9, 1)),
        "an outer product": Call(NAME, (6, 1, 7)),
    }


def intensity(n, m, p, number_bytes=4):
    """Return the right intensity, counted number by number."""
    operations = sum(2 for _ in range(n * p) for _ in range(m))
    moved = sum(number_bytes for size in (n * m, m * p, n * p) for _ in range(size))
    return operations / moved


def _version(factor=2, left=1, right=1, result=1, size=True, flip=False, inner=True):
    def count(n, m, p, number_bytes=4):
        operations = factor * n * p * (m if inner else 1)
        numbers = left * n * m + right * m * p + result * n * p
        moved = numbers * (number_bytes if size is True else size or 1)
        return moved / operations if flip else operations / moved

    return count


ANSWERS = {
    "half-the-operations": _version(factor=1),
    "result-not-written": _version(result=0),
    "weights-alone": _version(left=0, result=0),
    "numbers-not-bytes": _version(size=False),
    "always-four": _version(size=4),
    "upside-down": _version(flip=True),
    "inner-forgotten": _version(inner=False),
}
TEXTS = {
    "half-the-operations": "Each of the m terms of a sum takes a multiplication *and* "
    "an addition: two operations.",
    "result-not-written": "The result must be written, too: n · p numbers.",
    "weights-alone": "You count the second factor alone. The first one is read and the "
    "result is written; with many rows they are most of the bytes.",
    "numbers-not-bytes": "You divide by the *numbers* that are moved. Each of them has "
    "`number_bytes` bytes.",
    "always-four": "Numbers need not have 4 bytes: use `number_bytes`.",
    "upside-down": "That is bytes for each operation. The intensity is operations for "
    "each byte.",
    "inner-forgotten": "The result has n · p numbers, and each of them is a sum of m "
    "terms.",
}


CHECK = Check(
    calls,
    {NAME: intensity},
    slips=slips(NAME, ANSWERS, TEXTS),
)
