"""Judge the outcomes of an answer: right, or what is wrong and which slip it is."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from course_utils.answers.calls import Outcome, Request
from course_utils.answers.execute import execute, execute_one
from course_utils.checks.compare import Fault, alike, by_numbers, compare
from course_utils.checks.messages import FAULTS, SLIPS, WORDS
from course_utils.checks.show import brief, call_text, dtype_name
from course_utils.checks.spec import Check, Slip
from course_utils.checks.verdict import Verdict
from course_utils.syllabus import Exercise

__all__ = ["judge"]

Outcomes = Mapping[str, Outcome]


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
        slip, text, section = _diagnose(check, calls, outcomes, expected, name, fault)
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
        RuntimeError: the check's own answer fails, so it cannot judge another.
    """
    outcomes = execute(calls, check.answer)
    for name, one in outcomes.items():
        if one.status != "value" and not one.error.startswith("ValueError:"):
            raise RuntimeError(
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
        called=call_text(call),
        returned=got,
        expected=wanted,
        advice=text,
        reread=WORDS["lesson"].format(**place),
        pair=_pair(fault),
    )


def _both_sides(call: Request, fault: Fault) -> tuple[str, str]:
    """Return what came back and what was expected, each in words."""
    where = f"{fault.where}: " if fault.where and fault.kind != "no-gradient" else ""
    got = FAULTS[fault.kind].format(
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
    return where + got, wanted


def _got(fault: Fault) -> str | int:
    if fault.kind == "changed":
        return ", ".join(map(_input_name, fault.got.split(", ")))
    return fault.got if isinstance(fault.got, str | int) else brief(fault.got)


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
    return (
        f"; {int(differ.sum())} of {got.numel()} numbers differ, the first at "
        f"{list(first)}: {got[first].item():.4g} instead of "
        f"{expected[first].item():.4g}"
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


def _diagnose(
    check: Check,
    calls: Mapping,
    outcomes: Outcomes,
    expected: Outcomes,
    name: str,
    fault: Fault,
) -> tuple[str, str, str]:
    """Return the slip's name, what to say, and the section to reread (or "")."""
    if fault.kind == "forbidden":
        return "forbidden", fault.expected, ""
    for slip in check.slips:
        if _is_slip(slip, check, calls, outcomes, first=name):
            return slip.name, slip.text, slip.section
    general = _by_kind(fault) or _by_surroundings(calls, outcomes, name, fault)
    if general:
        slip, values = general
        return slip, SLIPS[slip].format(**values), ""
    return _last_resort(check, calls, outcomes[name], expected[name], name)


def _is_slip(
    slip: Slip, check: Check, calls: Mapping, outcomes: Outcomes, first: str
) -> bool:
    """Say whether a known wrong answer gives the same as this one, on every call."""
    names = [first, *(name for name in outcomes if name != first)]
    answer = {**check.answer, **slip.answer}
    known = (execute_one(calls[name], answer) for name in names)
    margins = {"rtol": check.rtol, "atol": check.atol}
    pairs = zip((outcomes[name] for name in names), known, strict=True)
    return all(alike(got, wrong, **margins) for got, wrong in pairs)


def _by_kind(fault: Fault) -> tuple[str, dict] | None:
    """Return the general slip that a kind of fault names by itself."""
    if fault.kind == "kind":
        return _by_type(fault)
    if fault.kind == "error" and "state_dict" in str(fault.got):
        known = "Missing key" in str(fault.got) or "Unexpected" in str(fault.got)
        return "names-of-weights" if known else "sizes-of-weights", {}
    if fault.kind == "dtype":
        pair = {"got": dtype_name(fault.got), "expected": dtype_name(fault.expected)}
        return "wrong-dtype", pair
    slip = {
        "slow": "hangs",
        "printed": "prints-much",
        "changed": "changes-input",
        "no-gradient": "cuts-gradient",
        "gradient": "wrong-gradient",
        "unstable": "remembers",
        "nan": "not-a-number",
        "no-error": "forgets-error",
        "other-error": "other-error",
    }.get(fault.kind)
    return (slip, {"expected": str(fault.expected).partition(":")[0]}) if slip else None


def _by_type(fault: Fault) -> tuple[str, dict]:
    slip = {
        "NoneType": "returns-nothing",
        "ndarray": "returns-numpy",
        "list": "returns-list",
        "tuple": "returns-list",
        "float": "returns-number",
        "int": "returns-number",
    }.get(str(fault.got), "wrong-type")
    if fault.expected != "Tensor" and slip not in ("returns-nothing", "returns-numpy"):
        slip = "wrong-type"
    return slip, {"got": fault.got}


def _by_surroundings(
    calls: Mapping, outcomes: Outcomes, name: str, fault: Fault
) -> tuple[str, dict] | None:
    """Recognize a slip by what the code reads, and by which sizes it is right for."""
    if fault.kind in ("missing", "blank"):
        return None
    if outcomes[name].reads:
        return "uses-global", {"got": outcomes[name].reads[0]}
    if fault.kind in ("error", "shape", "value") and _fits_other_sizes(calls, name):
        return "one-size-only", {}
    return by_numbers(fault)


def _fits_other_sizes(calls: Mapping, failing: str) -> bool:
    """Say whether the same call was right before for other sizes, and never for these.

    Calls are made in order, so that all before the failing one were right.
    """
    names = list(calls)
    before = [calls[name] for name in names[: names.index(failing)]]
    call = calls[failing]
    alike = [one for one in before if _form(one) == _form(call)]
    return bool(alike) and _sizes(call) not in map(_sizes, alike)


def _form(call: Request) -> tuple:
    """Return what is asked but for sizes: target, number of tensors, keywords."""
    return call.target, len(_sizes(call)), tuple(getattr(call, "kwargs", ()))


def _sizes(call: Request) -> list[tuple[int, ...]]:
    values = getattr(call, "inputs", None) or getattr(call, "args", ())
    return [tuple(one.shape) for one in values if isinstance(one, Tensor)]


def _last_resort(
    check: Check, calls: Mapping, got: Outcome, expected: Outcome, name: str
) -> tuple[str, str, str]:
    """Name the slip that explains this one case, else say what can be said."""
    vague = got.error.startswith("RuntimeError")  # torch's word for any error
    for slip in () if vague else check.slips:
        known = execute_one(calls[name], {**check.answer, **slip.answer})
        wrong = compare(known, expected, check.rtol, check.atol)
        if wrong and alike(got, known, check.rtol, check.atol):
            return slip.name, slip.text, slip.section
    return "", _line_of(got), ""


def _line_of(outcome: Any) -> str:
    return f"It stops at `{outcome.line}`." if outcome.line else ""
