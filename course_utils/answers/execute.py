"""Call a learner's answers with limits, and note everything that can be noted."""

import contextlib
import importlib
import io
import time
import traceback
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.answers.calls import (
    Build,
    Call,
    Dice,
    Mine,
    Outcome,
    Ref,
    Request,
    Value,
)
from course_utils.answers.inspect import names_used
from course_utils.answers.limits import SlowError, time_limit
from course_utils.answers.plain import copied, floats, is_same, plain

__all__ = ["SECONDS", "execute", "execute_one"]

SECONDS = 5.0  # for one call
REPEAT_WITHIN = 0.05  # a call that was faster than this is made twice
LIBRARIES = ("course_utils", "torch")


def execute(
    calls: Mapping[str, Request], namespace: Mapping[str, Any], seconds: float = SECONDS
) -> dict[str, Outcome]:
    """Make every call; after one that is too slow, the rest is not tried."""
    outcomes: dict[str, Outcome] = {}
    for name, request in calls.items():
        outcomes[name] = execute_one(request, namespace, seconds)
        if outcomes[name].status == "slow":
            break
    return outcomes


def execute_one(
    request: Request, namespace: Mapping[str, Any], seconds: float = SECONDS
) -> Outcome:
    """Make one call, or look up one value."""
    if request.target not in namespace:
        return Outcome("missing")
    found = namespace[request.target]
    if found is None or found is ...:
        return Outcome("blank")
    if isinstance(request, Value):
        value, kind = plain(found)
        return Outcome("value", value, kind)
    if request.watch:
        _load_optimizers()
    started = time.process_time()
    outcome = _attempt(request, found, namespace, seconds)
    uses, reads = names_used(found)
    outcome.uses, outcome.reads = uses, reads
    if outcome.status == "value" and time.process_time() - started < REPEAT_WITHIN:
        again = _attempt(request, found, namespace, seconds)
        same = again.status == "value" and is_same(again.value, outcome.value)
        outcome.stable = same
    return outcome


@cache
def _load_optimizers() -> None:
    """Let PyTorch load what its optimizers need, outside of any time limit.

    The first optimizer of a process imports some 800 modules, in seconds. A limit
    that rang meanwhile would leave them half loaded.
    """
    torch.optim.SGD([torch.zeros(1)], lr=0.1)


def _attempt(call: Call, target: Any, namespace: Mapping, seconds: float) -> Outcome:
    """Make the call once, on fresh copies of its arguments."""
    heard = _Heard()
    torch.manual_seed(call.seed)
    try:
        with time_limit(seconds), contextlib.redirect_stdout(heard):
            outcome = _observe(call, target, namespace)
    except NotImplementedError:
        return Outcome("blank")
    except SlowError:
        return Outcome("slow", error=f"no answer within {seconds:g} s")
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        text = f"{type(error).__name__}: {error}"
        outcome = Outcome("error", error=text[:500], line=_failing_line(error))
    outcome.printed = heard.count
    return outcome


def _observe(call: Call, target: Any, namespace: Mapping) -> Outcome:
    args = [_real(value, namespace) for value in copied(call.args)]
    kwargs = {k: _real(v, namespace) for k, v in copied(call.kwargs).items()}
    inputs = call.inputs if call.inputs is None else copied(call.inputs)
    given = _named(args, kwargs) if inputs is None else _named(inputs, {})
    sources = _require_grad(given) if call.grads else {}
    before = copied({k: v for k, v in given.items() if not _is_watched(k, call)})
    if inputs is None:
        result = target(*args, **kwargs)
    else:
        module = _load(target(*args, **kwargs), call.state, call.train)
        result = module(*(_real(value, namespace) for value in inputs))
        if call.grads and isinstance(module, nn.Module):
            sources |= dict(module.named_parameters())
    if isinstance(result, Iterator):
        result = list(islice(result, call.take))
    grads = _gradients(result, sources) if call.grads else {}
    value, kind = plain(result)
    changed = [name for name in before if not is_same(before[name], given[name])]
    watched = [_state(args[place]) for place in call.watch]
    return Outcome("value", value, kind, grads=grads, changed=changed, watched=watched)


def _is_watched(name: str, call: Call) -> bool:
    return name in {str(place) for place in call.watch}


def _named(args, kwargs: dict) -> dict[str, Any]:
    return {str(place): value for place, value in enumerate(args)} | kwargs


def _real(value: Any, namespace: Mapping) -> Any:
    """Turn a description (Ref, Mine, Dice, Build) into the object it describes."""
    if isinstance(value, Ref):
        return _find(value.path)
    if isinstance(value, Mine):
        return namespace[value.name]
    if isinstance(value, Dice):
        return torch.Generator().manual_seed(value.seed)
    if isinstance(value, Build):
        args = [_real(one, namespace) for one in value.args]
        kwargs = {k: _real(v, namespace) for k, v in value.kwargs.items()}
        return _load(_find(value.path)(*args, **kwargs), value.state)
    if isinstance(value, list | tuple):
        return type(value)(_real(one, namespace) for one in value)
    return value


def _find(path: str) -> Any:
    module, _, name = path.rpartition(".")
    if module.partition(".")[0] not in LIBRARIES:
        raise ValueError(f"{path} is not a part of {' or '.join(LIBRARIES)}")
    return getattr(importlib.import_module(module), name)


def _load(module: Any, state: dict | None, train: bool = False) -> Any:
    """Give a fresh module the weights of the check; switch dropout off, or on."""
    if isinstance(module, nn.Module):
        if state is not None:
            module.load_state_dict(state, strict=True)
        module.train(train)
    return module


def _state(value: Any) -> Any:
    if isinstance(value, nn.Module):
        return {name: one.detach().clone() for name, one in value.state_dict().items()}
    return plain(value)[0]


def _require_grad(given: dict[str, Any]) -> dict[str, Tensor]:
    found = {
        name: value
        for name, value in given.items()
        if isinstance(value, Tensor) and value.is_floating_point()
    }
    for value in found.values():
        value.requires_grad_(True)
    return found


def _gradients(result: Any, sources: dict[str, Tensor]) -> dict[str, Tensor | None]:
    """Return the gradients of Σ cos(i) · result[i], None where none arrives."""
    total = None
    for one in floats(result):
        weights = torch.arange(one.numel(), dtype=torch.float64).cos()
        part = (one.reshape(-1) * weights.to(one)).sum()
        total = part if total is None else total + part
    if total is None or not total.requires_grad:
        return dict.fromkeys(sources)
    found = torch.autograd.grad(total, list(sources.values()), allow_unused=True)
    return {
        name: None if one is None else one.detach().clone()
        for name, one in zip(sources, found, strict=True)
    }


def _failing_line(error: BaseException) -> str:
    """Return the last line of the learner's own code on the way to the error."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename.startswith("<") or "ipykernel" in f.filename]
    return (own[-1].line or "").strip() if own else ""


class _Heard(io.TextIOBase):
    """Count what is printed, and forget it."""

    def __init__(self):
        self.count = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.count += len(text)
        return len(text)
