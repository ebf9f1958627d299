"""Find the slip behind a wrong answer: a known one, or one that many answers share."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from course_utils.answers.calls import Outcome, Request
from course_utils.answers.execute import execute_one
from course_utils.checks.compare import Fault, alike, compare, near
from course_utils.checks.messages import SLIPS
from course_utils.checks.show import dtype_name
from course_utils.checks.spec import Check, Slip

__all__ = ["diagnose"]

Outcomes = Mapping[str, Outcome]


def diagnose(
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
    known = []
    for slip in check.slips:
        answer = {**check.answer, **slip.answer}
        known.append((slip, execute_one(calls[name], answer)))
        if _is_slip(known[-1][1], answer, check, calls, outcomes, name):
            return slip.name, slip.text, slip.section
    by_kind = _by_kind(fault)
    one_case = None
    if not by_kind:
        one_case = _on_this_case(check, known, outcomes[name], expected[name])
    if one_case:
        return one_case
    general = by_kind or _by_surroundings(calls, outcomes, name, fault)
    if general:
        slip, values = general
        return slip, SLIPS[slip].format(**values), ""
    return "", _line_of(outcomes[name]), ""


def _is_slip(
    known: Outcome,
    answer: Mapping[str, Any],
    check: Check,
    calls: Mapping,
    outcomes: Outcomes,
    first: str,
) -> bool:
    """Say whether a known wrong answer gives the same as this one, on every call.

    `known` is what it gives on the first call that is wrong.
    """
    margins = {"rtol": check.rtol, "atol": check.atol}
    return alike(outcomes[first], known, **margins) and all(
        alike(got, execute_one(calls[name], answer), **margins)
        for name, got in outcomes.items()
        if name != first
    )


def _by_kind(fault: Fault) -> tuple[str, dict] | None:
    """Return the general slip that a kind of fault names by itself."""
    if fault.kind == "kind":
        return _by_type(fault)
    if fault.kind == "error" and "Boolean value of Tensor" in str(fault.got):
        return "truth-of-a-tensor", {}
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
    as_for_tensors = fault.expected == "Tensor" or slip.endswith(("nothing", "numpy"))
    if fault.got == "str" and fault.expected in ("int", "float"):
        slip = "in-quotes"
    elif not as_for_tensors:
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
    return _by_numbers(fault)


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


def _on_this_case(
    check: Check, known: Sequence[tuple[Slip, Outcome]], got: Outcome, right: Outcome
) -> tuple[str, str, str] | None:
    """Return the known slip that explains the first case that is wrong."""
    if got.error.startswith("RuntimeError"):  # torch's word for any error
        return None
    for slip, one in known:
        wrong = compare(one, right, check.rtol, check.atol)
        same_words = got.status != "error" or got.error == one.error
        if wrong and same_words and alike(got, one, check.rtol, check.atol):
            return slip.name, slip.text, slip.section
    return None


def _line_of(outcome: Any) -> str:
    return f"It stops at `{outcome.line}`." if outcome.line else ""


def _by_numbers(fault: Fault) -> tuple[str, dict] | None:
    """Recognize a constant factor, or two axes that are swapped."""
    got, expected = fault.got, fault.expected
    if not (isinstance(got, Tensor) and isinstance(expected, Tensor)):
        return None
    if fault.kind == "value" and got.is_floating_point() and got.numel() > 1:
        large = expected.abs() > 1e-3 * expected.abs().max()
        ratio = (got[large] / expected[large]).median()
        off = abs(ratio.item() - 1) > 1e-3 and ratio.isfinite() and ratio != 0
        if off and near(got, expected * ratio):
            return "missing-scale", {"ratio": ratio.item()}
    if sorted(got.shape) == sorted(expected.shape) and got.ndim >= 2:
        for i in range(got.ndim):
            for j in range(i):
                turned = got.transpose(i, j)
                if turned.shape == expected.shape and turned.dtype == expected.dtype:
                    if near(turned, expected) and not near(expected, turned * 0):
                        return "transposed", {}
    return None
