"""The table of all faults, the honest neighbors, and the folder with all of them."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from tests.grading.faults.base import FULL, NONE, WITHOUT, Fault, after, blank, instead
from tests.grading.faults.of_answers import (
    ENDING,
    FLOODING,
    FOOLING,
    HANGING,
)
from tests.grading.faults.of_files import BROKEN, NAMED, ODD
from tests.grading.faults.of_forgery import FORGING
from tests.grading.faults.of_spies import SPYING

__all__ = ["FAULTS", "HARMS_THE_USER", "NEIGHBORS", "SAMPLE", "student_of", "write"]

FAULTS = (
    *HANGING,
    *ENDING,
    *FLOODING,
    *FOOLING,
    *FORGING,
    *SPYING,
    *BROKEN,
    *ODD,
    *NAMED,
)
NEIGHBORS = (
    Fault("right", "all answers are right", after(""), (FULL,)),
    Fault("blank", "nothing is answered", blank(), (NONE,)),
    Fault(
        "wrong",
        "one answer is wrong",
        instead("def attention(q, k, v, mask=None):\n    return v"),
        (WITHOUT,),
    ),
)

# Graded at the level of limits alone in every run of the tests; the rest is slow.
# All that is refused or cannot be read costs nothing, and comes with them.
SAMPLE = {
    *(one.name for one in (*SPYING, *BROKEN, *ODD, *NAMED)),
    *("endless-answer", "exit-cell", "kills-siblings", "kills-all", "runaway"),
    *("background", "fork-bomb", "memory-together", "disk", "only-the-last", "markup"),
}

# Never let loose without a sandbox where the grader cannot take on another user.
HARMS_THE_USER = {"kills-siblings", "kills-all", "tampers"}


def student_of(fault: Fault) -> str:
    """Return under which name a fault stands in the results."""
    if not fault.folder:
        return fault.name
    return f"refused-{hashlib.sha256(os.fsencode(fault.folder)).hexdigest()[:12]}"


def write(source: Path, faults: Iterable[Fault]) -> Path:
    """Write submissions into a folder, one folder for each student."""
    source.mkdir()
    for fault in faults:
        given = fault.folder or fault.name
        folder = Path(
            os.fsdecode(os.path.join(os.fsencode(source), os.fsencode(given)))
        )
        folder.mkdir()
        fault.make(folder)
    return source
