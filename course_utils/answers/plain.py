"""Turn what an answer returns into tensors and JSON; copy and compare such values."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

__all__ = ["copied", "floats", "is_same", "plain"]

SCALARS = (bool, int, float, str, type(None))
MOST_ITEMS = 100_000


def plain(value: Any) -> tuple[Any, str]:
    """Return the value as tensors and JSON, and the name of the type that it had.

    Arrays of NumPy become tensors, tuples stay tuples; what is neither data nor a
    container of data becomes its type's name.
    """
    kind = type(value).__name__
    if isinstance(value, Tensor):
        return value.detach().as_subclass(Tensor).cpu().clone(), "Tensor"
    if type(value) in SCALARS:
        return value, kind
    if hasattr(value, "__array__"):
        return torch.as_tensor(value.__array__()).clone(), kind
    if isinstance(value, list | tuple):
        items = [plain(one)[0] for one in value[:MOST_ITEMS]]
        return (items if isinstance(value, list) else tuple(items)), kind
    if isinstance(value, dict):
        return {key: plain(one)[0] for key, one in value.items()}, kind
    return f"<{kind}>", kind


def copied(value: Any) -> Any:
    """Return a deep copy in which no tensor shares memory with the old one."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, list | tuple):
        return type(value)(copied(one) for one in value)
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    return value


def floats(value: Any) -> Iterator[Tensor]:
    """Yield the tensors of real numbers inside a value, in order."""
    if isinstance(value, Tensor):
        if value.is_floating_point():
            yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from floats(one)
    elif isinstance(value, dict):
        yield from floats(list(value.values()))


def is_same(a: Any, b: Any) -> bool:
    """Say whether two values are equal in type, shape and every number (NaN too)."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return (
            a.shape == b.shape
            and a.dtype == b.dtype
            and bool(torch.isclose(a, b, rtol=0, atol=0, equal_nan=True).all())
        )
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        pairs = zip(a, b, strict=False)
        return len(a) == len(b) and all(is_same(x, y) for x, y in pairs)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(is_same(a[k], b[k]) for k in a)
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (a != a and b != b)
    return type(a) is type(b) and (a == b if isinstance(a, SCALARS) else True)
