"""Write all that an instructor gets back: gradebook, report, feedback, Gradescope."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_utils.grading.feedback import write_feedback
from course_utils.grading.gradebook import write_gradebook
from course_utils.grading.gradescope import write_gradescope
from course_utils.grading.policy import Rules
from course_utils.grading.report import write_report

__all__ = ["hand_back"]


def hand_back(
    out: Path,
    results: Sequence[Any],
    rules: Rules | None = None,
    total: bool = False,
    gradescope: bool = False,
) -> None:
    """Write everything into a folder that exists, each file in one step.

    Raises:
        OSError: the folder cannot be written to.
    """
    rules = rules or Rules()
    write_gradebook(
        out,
        results,
        rules.roster,
        rules.late,
        rules.overrides,
        rules.times,
        rules.lessons,
        total,
    )
    write_feedback(out, results, rules)
    write_report(out, results, rules)
    if gradescope:
        write_gradescope(out, results, rules)
