"""Which names the code of an answer mentions, without running it."""

import types
from typing import Any

import torch

__all__ = ["names_used"]

DATA = (torch.Tensor, int, float, list, dict, set, str, bytes)


def names_used(target: Any) -> tuple[list[str], list[str]]:
    """Return the names that the code of a function or class uses, helpers included.

    The second list holds those that are data of the notebook around it (a tensor, a
    number, a list), constants written in capitals aside.
    """
    uses: set[str] = set()
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
            if isinstance(value, DATA) and not name.isupper():
                reads.add(name)
            if getattr(value, "__module__", None) == function.__module__:
                waiting.extend(_functions(value))
    return sorted(uses), sorted(reads)


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
