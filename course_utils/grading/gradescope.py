"""Results in the form that Gradescope's autograder reads."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from course_utils.files import replace_text
from course_utils.grading.advice import known_exercise
from course_utils.grading.feedback_text import FACTS, lines_of, points_line
from course_utils.grading.gradebook import Standing, settle
from course_utils.grading.policy import Rules, same_name
from course_utils.grading.safe import clean, page_name
from course_utils.grading.wording import FEEDBACK, TO_STUDENTS

__all__ = ["gradescope_results", "write_gradescope"]

VISIBLE = "visible"


def gradescope_results(standing: Standing) -> dict[str, Any]:
    """Return one student's results of one lesson as Gradescope wants them.

    A score is always there, because Gradescope needs one: it is what counts, and 0
    with the reason in `output` where nothing was graded.
    """
    tests = [
        _test(number, verdict)
        for number, verdict in enumerate(standing.exercises, start=1)
        if standing.status == "graded"
    ]
    return {
        "score": standing.counted or 0,
        "execution_time": round(float(standing.seconds), 2),
        "output": _output(standing),
        "output_format": "text",
        "visibility": VISIBLE,
        "tests": tests,
        "extra_data": {
            "status": standing.status,
            "computed_points": standing.points,
            "sandbox": standing.sandbox,
            "fingerprint": standing.fingerprint,
        },
    }


def write_gradescope(
    out: Path, results: Iterable[Any], rules: Rules | None = None
) -> list[Path]:
    """Write `gradescope/STUDENT-NN/results.json` for everybody; return the paths."""
    paths = []
    for one in settle(results, rules):
        name = f"{page_name(same_name(one.student))}-{one.lesson}"
        folder = out / "gradescope" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(gradescope_results(one), indent=2, ensure_ascii=True)
        replace_text(folder / "results.json", f"{text}\n")
        paths.append(folder / "results.json")
    return paths


def _output(standing: Standing) -> str:
    said = [TO_STUDENTS.get(standing.status, ""), *standing.notes]
    if standing.adjusted and standing.points is not None:
        said.append(points_line(standing))
    return "\n".join(clean(text, 600) for text in said if text)


def _test(number: int, verdict: Mapping[str, Any]) -> dict[str, Any]:
    passed = verdict.get("status") == "passed"
    exercise = known_exercise(verdict.get("exercise"))
    name = clean(verdict.get("exercise"), 60)
    return {
        "number": str(number),
        "name": f"{name}: {exercise.title}" if exercise else name,
        "name_format": "text",
        "score": verdict.get("points", 0),
        "max_score": verdict.get("most_points", 0),
        "status": "passed" if passed else "failed",
        "output": FEEDBACK["passed"] if passed else _advice(verdict),
        "output_format": "text",
        "visibility": VISIBLE,
    }


def _advice(verdict: Mapping[str, Any]) -> str:
    """Return the feedback as plain lines, the state first."""
    status = str(verdict.get("status"))
    first = FEEDBACK.get(status, clean(status, 40))
    rest = [_line(*line) for line in lines_of(verdict)]
    return "\n".join([first, *rest])


def _line(label: str, kind: str, text: str) -> str:
    what = FEEDBACK[kind if kind in FACTS else label]
    return f"{what}: {clean(text, 999)}"
