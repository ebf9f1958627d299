"""Judge the outcomes of an answer: right, or what is wrong and which slip it is."""

from collections.abc import Mapping

import torch
from torch import Tensor

from course_utils.answers.calls import Outcome, Request, Value
from course_utils.answers.execute import execute
from course_utils.checks.compare import Fault, compare
from course_utils.checks.diagnose import diagnose
from course_utils.checks.messages import FAULTS, WORDS
from course_utils.checks.show import (
    brief,
    call_text,
    in_plain_words,
    pair_of_numbers,
)
from course_utils.checks.spec import Check
from course_utils.checks.verdict import Verdict
from course_utils.syllabus import Exercise

__all__ = ["BrokenCheckError", "judge"]

Outcomes = Mapping[str, Outcome]


class BrokenCheckError(RuntimeError):
    """The check's own answer fails, or is too slow, so that it can judge no other."""


def judge(
    check: Check,
    exercise: Exercise,
    calls: Mapping[str, Request],
    outcomes: Outcomes,
) -> Verdict:
    """Return the verdict on an answer, given what its calls returned."""
    if all(one.status in ("missing", "blank") for one in outcomes.values()):
        return _not_attempted(exercise, calls, outcomes)
    expected = _right_outcomes(check, exercise, calls)
    found = _first_fault(check, calls, outcomes, expected)
    if found:
        name, fault = found
        slip, text, section = diagnose(check, calls, outcomes, expected, name, fault)
        return _failed(exercise, calls[name], name, fault, slip, text, section)
    wrong = check.extra and check.extra(outcomes, expected)
    if wrong:
        slip, text = wrong
        name = next(iter(calls))
        return _failed(exercise, calls[name], name, None, slip, text, "")
    return Verdict(exercise.id, "passed", exercise.points, exercise.points)


def _right_outcomes(check: Check, exercise: Exercise, calls: Mapping) -> Outcomes:
    """Return what a right answer gives: values, or a ValueError that is asked for.

    Raises:
        BrokenCheckError: the check's own answer fails, so it cannot judge another.
    """
    outcomes = execute(calls, check.answer)
    for name, one in outcomes.items():
        if one.status != "value" and not one.error.startswith("ValueError:"):
            raise BrokenCheckError(
                f"the check of {exercise.id} is broken, not your answer: its own fails "
                f"on {name!r} ({one.status} {one.error}); please report this"
            )
    return outcomes


def _not_attempted(exercise: Exercise, calls: Mapping, outcomes: Outcomes) -> Verdict:
    name, outcome = next(iter(outcomes.items()))
    target = calls[name].target
    key = "missing" if outcome.status == "missing" else "blank"
    if exercise.kind == "predict" and key == "blank":
        key = "empty"
    text = WORDS[key].format(name=target)
    return Verdict(exercise.id, "not attempted", 0, exercise.points, advice=text)


def _first_fault(
    check: Check, calls: Mapping, outcomes: Outcomes, expected: Outcomes
) -> tuple[str, Fault] | None:
    used = {name for one in outcomes.values() for name in one.uses}
    for name in calls:
        if name not in outcomes:  # the calls after one that hangs are not made
            break
        if name in check.free and outcomes[name].status == "value":
            continue
        fault = compare(outcomes[name], expected[name], check.rtol, check.atol)
        if fault:
            return name, fault
    forbidden = sorted(used & set(check.forbids))
    if forbidden:
        reason = check.forbids[forbidden[0]]
        return next(iter(calls)), Fault("forbidden", got=forbidden[0], expected=reason)
    return None


def _failed(
    exercise: Exercise,
    call: Request,
    name: str,
    fault: Fault | None,
    slip: str,
    text: str,
    section: str,
) -> Verdict:
    got, wanted = _both_sides(call, fault) if fault else ("", "")
    called, given = call_text(call), ""
    if isinstance(call, Value):
        called, given, got = "", f"{call.target} = {got}", ""
        if fault is not None and fault.kind == "blank":
            given, text = "", WORDS["empty"].format(name=call.target)
    if exercise.kind == "predict":  # the right one is for the reader to find
        wanted = ""
    place = {"lesson": exercise.lesson, "section": section or exercise.section}
    return Verdict(
        exercise.id,
        "failed",
        0,
        exercise.points,
        slip=slip,
        case=name,
        given=given,
        called=called,
        returned=got,
        expected=wanted,
        advice=text,
        reread=WORDS["lesson"].format(**place),
        pair=_pair(fault),
    )


def _both_sides(call: Request, fault: Fault) -> tuple[str, str]:
    """Return what came back and what was expected, each in words."""
    where = _place(fault)
    kind = "empty" if fault.kind == "blank" and isinstance(call, Value) else fault.kind
    got = FAULTS[kind].format(
        got=_got(fault),
        where=_input_name(fault.where),
        target=call.target,
    )
    wanted = "" if fault.expected is None else brief(fault.expected)
    if fault.kind in ("kind", "other-error", "no-error"):
        wanted = str(fault.expected)
    if fault.kind == "forbidden":
        wanted = "your own code"
    if fault.kind == "shape":
        got, wanted = brief(fault.got), brief(fault.expected)
    if fault.kind == "value" and isinstance(fault.got, Tensor):
        got += _first_difference(fault.got, fault.expected)
    if fault.kind == "nan":
        lost = fault.got.isnan()
        first = lost.nonzero()[0].tolist()
        numbers = {"n": int(lost.sum()), "all": lost.numel(), "first": first}
        got += WORDS["some-nan"].format(**numbers)
    return where + got, wanted


def _place(fault: Fault) -> str:
    """Say which part of a list, or which weight, the fault lies in."""
    if not fault.where or fault.kind in ("no-gradient", "gradient"):
        return ""
    if fault.where.startswith("weights["):
        name = fault.where.partition("]")[2].strip("[]'")
        return f"weight {name} after the call: " if name else "weights afterwards: "
    return f"at {fault.where}: "


def _got(fault: Fault) -> str | int:
    if fault.kind == "changed":
        return ", ".join(map(_input_name, fault.got.split(", ")))
    if isinstance(fault.got, str):
        return in_plain_words(fault.got) if fault.kind == "error" else fault.got
    return fault.got if isinstance(fault.got, int) else brief(fault.got)


def _input_name(where: str) -> str:
    return f"input {int(where) + 1}" if where.isdigit() else where


def _first_difference(got: Tensor, expected: Tensor) -> str:
    """Say where two large tensors differ first, and in how many places."""
    if got.ndim == 0 or got.numel() <= 24:
        return ""
    differ = (
        ~torch.isclose(got, expected, rtol=1e-4, atol=1e-5, equal_nan=True)
        if got.is_floating_point()
        else got != expected
    )
    if not differ.any():
        return ""
    first = tuple(differ.nonzero()[0].tolist())
    one, other = pair_of_numbers(got[first].item(), expected[first].item())
    return (
        f"; {int(differ.sum())} of {got.numel()} numbers differ, the first at "
        f"{list(first)}: {one} instead of {other}"
    )


def _pair(fault: Fault | None) -> tuple[Tensor, Tensor] | None:
    """Return two small matrices that are worth a picture."""
    if fault is None or fault.kind not in ("value", "nan"):
        return None
    got, expected = fault.got, fault.expected
    if not (isinstance(got, Tensor) and isinstance(expected, Tensor)):
        return None
    while got.ndim > 2 and got.shape[0] == 1:
        got, expected = got[0], expected[0]
    small = got.ndim == 2 and max(got.shape) <= 8
    return (got, expected) if small else None
