"""Which names the code of an answer mentions, without running it."""

import types
from typing import Any

import torch

__all__ = ["names_used"]

PACKAGE = f"{__name__.partition('.')[0]}."
DATA = (torch.Tensor, int, float, list, dict, set, str, bytes)


def names_used(target: Any) -> tuple[list[str], list[str]]:
    """Return the names that the code of a function or class uses, helpers included.

    What belongs to this package is listed by its dotted name as well, the target
    itself and the classes that it extends included.
    The second list holds those that are data of the notebook around it (a tensor, a
    number, a list), constants written in capitals aside.
    """
    uses = _dotted(*getattr(target, "__mro__", [target]))
    reads: set[str] = set()
    waiting, seen = list(_functions(target)), set()
    while waiting:
        function = waiting.pop()
        if id(function.__code__) in seen:
            continue
        seen.add(id(function.__code__))
        for name in _names(function.__code__):
            uses.add(name)
            value = function.__globals__.get(name)
            uses |= _dotted(value)
            if isinstance(value, DATA) and not name.isupper():
                reads.add(name)
            if getattr(value, "__module__", None) == function.__module__:
                waiting.extend(_functions(value))
    return sorted(uses), sorted(reads)


def _dotted(*values: Any) -> set[str]:
    """Return the dotted names of those values that are pieces of this package."""
    pairs = [
        (getattr(one, "__module__", None), getattr(one, "__name__", None))
        for one in values
    ]
    return {f"{home}.{name}" for home, name in pairs if f"{home}".startswith(PACKAGE)}


def _functions(target: Any) -> list[types.FunctionType]:
    if isinstance(target, types.FunctionType):
        return [target]
    if isinstance(target, type):
        return [f for f in vars(target).values() if isinstance(f, types.FunctionType)]
    return []


def _names(code: types.CodeType) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _names(constant)
    return found
