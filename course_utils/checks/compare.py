"""Compare one outcome with the expected one, in the order in which slips show."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from course_utils.answers.calls import Outcome

__all__ = ["Fault", "alike", "compare", "near"]

TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-4, torch.bfloat16: 2e-2}
MOST_PRINTED = 10_000


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong: what kind, where, and both sides of it."""

    kind: str
    where: str = ""
    got: Any = None
    expected: Any = None


def compare(
    got: Outcome, expected: Outcome, rtol: float | None = None, atol=None
) -> Fault | None:
    """Return the first fault of an outcome, or None where it is as expected."""
    if got.status == "slow":
        return Fault("slow", got=got.error)
    if expected.status == "error":
        return _compare_errors(got, expected)
    if got.status != "value":
        return Fault(got.status, got=got.error)
    if got.printed > MOST_PRINTED:
        return Fault("printed", got=got.printed)
    if got.changed:
        return Fault("changed", got=", ".join(got.changed))
    fault = _compare_kinds(got, expected) or difference(
        got.value, expected.value, rtol=rtol, atol=atol
    )
    return (
        fault
        or _compare_named(got.grads, expected.grads)
        or difference(got.watched, expected.watched, "weights", rtol, atol)
        or (None if got.stable or not expected.stable else Fault("unstable"))
    )


def _compare_errors(got: Outcome, expected: Outcome) -> Fault | None:
    wanted = expected.error.partition(":")[0]
    if got.status == "value":
        return Fault("no-error", got=got.value, expected=expected.error)
    if got.error.partition(":")[0] != wanted:
        return Fault("other-error", got=got.error, expected=expected.error)
    return None


def _compare_kinds(got: Outcome, expected: Outcome) -> Fault | None:
    """Compare types; one number may come as int, float or a tensor of one number."""
    if got.kind == expected.kind or _is_number(got.value, expected.value):
        return None
    if isinstance(expected.value, Tensor) and not isinstance(got.value, Tensor):
        return Fault("kind", got=got.kind, expected=expected.kind)
    if isinstance(got.value, Tensor) and got.kind != "Tensor":
        return Fault("kind", got=got.kind, expected=expected.kind)
    if isinstance(got.value, list | tuple) and isinstance(expected.value, list | tuple):
        return None
    if {got.kind, expected.kind} <= {"int", "float"}:
        return None
    return Fault("kind", got=got.kind, expected=expected.kind)


def _is_number(got: Any, expected: Any) -> bool:
    one = isinstance(got, Tensor) and got.ndim == 0
    plain = isinstance(expected, int | float) and not isinstance(expected, bool)
    return plain and one


def _compare_named(got: dict, expected: dict) -> Fault | None:
    for name, wanted in expected.items():
        if wanted is None:
            continue
        found = got.get(name)
        if found is None:
            return Fault("no-gradient", name)
        fault = difference(found, wanted, name)
        if fault:
            return Fault("gradient", name, found, wanted)
    return None


def difference(
    got: Any, expected: Any, where: str = "", rtol: float | None = None, atol=None
) -> Fault | None:
    """Return how two values differ: in structure, shape, dtype or numbers."""
    if isinstance(expected, Tensor):
        return _tensors(got, expected, where, rtol, atol)
    if isinstance(expected, list | tuple):
        if not isinstance(got, list | tuple) or len(got) != len(expected):
            return Fault("structure", where, got, expected)
        pairs = enumerate(zip(got, expected, strict=True))
    elif isinstance(expected, dict):
        if not isinstance(got, dict) or got.keys() != expected.keys():
            return Fault("structure", where, got, expected)
        pairs = ((key, (got[key], expected[key])) for key in expected)
    else:
        same = _scalars(got, expected, rtol, atol)
        return None if same else Fault("value", where, got, expected)
    for place, (one, other) in pairs:
        path = f"{where}[{place!r}]" if where else f"[{place!r}]"
        fault = difference(one, other, path, rtol, atol)
        if fault:
            return fault
    return None


def _scalars(got: Any, expected: Any, rtol, atol) -> bool:
    if isinstance(got, Tensor) and got.ndim == 0:
        got = got.item()
    numbers = all(
        isinstance(one, int | float) and not isinstance(one, bool)
        for one in (got, expected)
    )
    if not numbers:
        return type(got) is type(expected) and got == expected
    near = TOLERANCE[torch.float32]
    margin = (near if atol is None else atol) + (near if rtol is None else rtol) * abs(
        expected
    )
    both_nan = got != got and expected != expected
    return both_nan or got == expected or abs(got - expected) <= margin


def _tensors(got: Any, expected: Tensor, where: str, rtol, atol) -> Fault | None:
    if not isinstance(got, Tensor):
        return Fault("kind", where, type(got).__name__, "Tensor")
    if got.shape != expected.shape:
        return Fault("shape", where, got, expected)
    if got.dtype != expected.dtype:
        return Fault("dtype", where, got, expected)
    if got.isnan().any() and not expected.isnan().any():
        return Fault("nan", where, got, expected)
    return (
        None
        if near(got, expected, rtol, atol)
        else Fault("value", where, got, expected)
    )


def _kind_of_error(text: str) -> str:
    """Return the type of an error; for weights that do not fit, the first of them."""
    kind, _, rest = text.partition(":")
    return kind + rest.partition("\n")[2].partition("\n")[0] * ("state_dict" in rest)


def near(got: Tensor, expected: Tensor, rtol=None, atol=None) -> bool:
    """Say whether two tensors of one shape and dtype agree within the tolerance."""
    if not expected.is_floating_point():
        return bool((got == expected).all())
    scale = TOLERANCE.get(expected.dtype, 1e-2)
    return torch.allclose(
        got,
        expected,
        rtol=scale if rtol is None else rtol,
        atol=scale / 10 if atol is None else atol,
        equal_nan=True,
    )


def alike(got: Outcome, known: Outcome, rtol: float | None = None, atol=None) -> bool:
    """Say whether an outcome is what a known wrong answer gives."""
    if got.status != known.status:
        return False
    if got.status != "value":
        return _kind_of_error(got.error) == _kind_of_error(known.error)
    if got.changed != known.changed or got.stable != known.stable:
        return False
    same = difference(got.value, known.value, "", rtol, atol) is None
    watched = difference(got.watched, known.watched) is None
    cut = [{name for name, one in o.grads.items() if one is None} for o in (got, known)]
    flow = cut[0] == cut[1] and _compare_named(got.grads, known.grads) is None
    return same and watched and flow
