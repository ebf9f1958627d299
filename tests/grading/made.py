"""Results as the grader leaves them, by hand: a small class, and hostile people."""

from course_utils.checks.verdict import Verdict
from course_utils.grading.results import Result
from course_utils.syllabus import lesson

__all__ = ["HOSTILE", "result", "verdict", "whole_class"]

# What a student may put into a name, a value, or an error text.
HOSTILE = (
    "<script>alert(1)</script>",
    "=HYPERLINK(0)",
    "\x1b[2J\x1b]0;owned\x07 red",
    "[click](javascript:alert(1)) **bold** # head | a `b`",
    "line\nbreak\r\n# heading",
    "\u202egnp.exe \ud800 \x9b31m",
    '"><img src=x onerror=alert(1)>',
)
FAILED = {
    "called": "scores(q (5, 8), k (7, 8))",
    "case": "random",
    "returned": "float32 (5, 7): [1.2, 0.3, …]",
    "expected": "float32 (5, 7): [0.424, 0.106, …]",
}


def verdict(exercise, status="passed", slip="", **more):
    """Return one verdict as a result file holds it."""
    found = next(one for one in lesson(exercise[:2]).exercises if one.id == exercise)
    got = found.points if status == "passed" else 0
    shown = FAILED | {"advice": "recorded advice"} if status == "failed" else {}
    values = shown | {"slip": slip} | more
    return Verdict(exercise, status, got, found.points, **values).as_json()


def result(student="ada", number="02", status="graded", slips=None, **more):
    """Return a result; `slips` maps an exercise's name to its slip, None: not tried."""
    wrong = {f"{number}-{name}": slip for name, slip in (slips or {}).items()}
    verdicts = [
        verdict(one.id)
        if one.id not in wrong
        else verdict(one.id, "failed", wrong[one.id])
        if wrong[one.id] is not None
        else verdict(one.id, "not attempted")
        for one in lesson(number).exercises
    ]
    graded = status == "graded"
    fields = {
        "student": student,
        "lesson": number,
        "status": status,
        "points": sum(one["points"] for one in verdicts) if graded else None,
        "max_points": lesson(number).points,
        "sandbox": "bubblewrap" if status not in ("missing", "refused") else "",
        "seconds": 1.4,
        "fingerprint": f"print of {student}" if status != "missing" else "",
        "message": "",
        "exercises": verdicts if graded else [],
        "late_days": 0,
        "override": None,
        "seed": "0",
    }
    return Result(**(fields | more))


def whole_class():
    """Return the results of a lesson for a class in which everything happens."""
    blank = dict.fromkeys(("scores", "attention", "bias", "mend", "leaks"))
    usual = [
        {},
        {},
        {"bias": "bias-unhides"},
        {"bias": "bias-unhides", "mend": "axis-left"},
        {"mend": "axis-left", "leaks": "choice-a"},
        {"attention": "cuts-gradient", "bias": None, "mend": None},
        {"bias": "one-size-only", "mend": "scale-left", "leaks": "choice-d"},
        {"scores": "no-scale", "attention": "forbidden", "bias": "", "mend": None},
        {"leaks": "choice-a"},
        {"bias": None, "mend": None},
        {"scores": "no-scale", "mend": "axis-left", "bias": "wrong-dtype"},
    ]
    names = "ada ben chloé dmitri emeka fatima goro hana ines jonas kira".split()
    found = [
        result(name, slips=slips) for name, slips in zip(names, usual, strict=True)
    ]
    same = {"fingerprint": "one file"}
    return [
        *found,
        result("lena", slips=usual[4], **same),
        result("milo", slips=usual[4], **same),
        result("nadia", slips=blank, fingerprint="blank"),
        result("otto", slips=blank, fingerprint="blank"),
        result("petra", status="timeout", message="stopped after 60 s"),
        result("quentin", status="died", message="the process ended: signal 9"),
        result("rosa", status="refused", message="02_attention.ipynb is a link"),
        result("sami", status="unreadable", message="no JSON at line 1"),
    ]
