"""The one way this course times and weighs anything.

A timing means little alone: another program may have had the processor. So candidates
are compared with each other. They must first return equal results; then they take
turns, round after round, and what is reported is the median of the ratios *within*
rounds, which a slow minute of the machine hardly moves, with its spread.
"""

import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import torch

from course_utils.machine import Machine, file_bytes, peak_memory
from course_utils.tables import html_table, text_table

__all__ = [
    "Comparison",
    "DifferentResults",
    "Machine",
    "Timer",
    "compare",
    "file_bytes",
    "largest_difference",
    "least_seconds",
    "limited_threads",
    "peak_memory",
    "timer",
]

CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}
SHORTEST = 0.004  # seconds; a shorter sample would measure the clock


class DifferentResults(AssertionError):
    """Two candidates of a comparison do not compute the same thing."""


@dataclass(frozen=True)
class Comparison:
    """Seconds per call of each candidate in each round, and what follows from them."""

    seconds: Mapping[str, list[float]]
    baseline: str
    clock: str = "cpu"
    compared: bool = True
    machine: Machine = field(default_factory=Machine.here)

    def ratios(self, name: str) -> list[float]:
        """Return how many times faster than the baseline `name` was, round by round."""
        pairs = zip(self.seconds[self.baseline], self.seconds[name], strict=True)
        return [slow / fast for slow, fast in pairs]

    def ratio(self, name: str) -> float:
        """Return the median of `ratios`: 2.0 means half the baseline's time."""
        return median(self.ratios(name))

    def spread(self, name: str) -> tuple[float, float]:
        """Return the lower and upper quartile of `ratios`."""
        ratios = self.ratios(name)
        if len(ratios) < 2:
            return ratios[0], ratios[0]
        low, _, high = quantiles(ratios, n=4, method="inclusive")
        return low, high

    def milliseconds(self, name: str) -> float:
        """Return the median time of one call."""
        return 1000 * median(self.seconds[name])

    @property
    def names(self) -> list[str]:
        """The candidates, in the order given."""
        return list(self.seconds)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return the table's cells; `middle half` is where half of the ratios lie."""
        rows = [("", "ms a call", "times faster", "middle half")]
        for name in self.names:
            low, high = self.spread(name)
            ms, ratio = self.milliseconds(name), self.ratio(name)
            rows.append((name, f"{ms:.3g}", f"{ratio:.2f}", f"{low:.2f} to {high:.2f}"))
        return rows

    def note(self) -> str:
        """Return, in one line, how this was measured."""
        clock = "processor time" if self.clock == "cpu" else "wall time"
        rounds = len(self.seconds[self.baseline])
        equal = "results equal" if self.compared else "results not compared"
        return f"{equal}; {clock}, {rounds} rounds; {self.machine}"

    def table(self) -> str:
        """Return the comparison as text, ready to print."""
        return text_table(self.rows(), self.note())

    def __repr__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        return html_table(self.rows(), self.note())


def compare(
    functions: Mapping[str, Callable[[], Any]],
    *,
    check: bool | Callable[[Any, Any], bool] = True,
    tolerance: float = 1e-5,
    rounds: int = 9,
    warmup: int = 2,
    baseline: str | None = None,
    clock: str = "cpu",
    threads: int = 1,
) -> Comparison:
    """Time functions of no argument against each other, once their results are equal.

    Results (tensors, numbers, text, and lists, tuples or dicts of them) must agree with
    the baseline's, which is the first unless named, within `tolerance`, absolute and
    relative. Where they differ by design pass `check=fn(expected, got) -> bool`, or
    `check=False`: the table then says so. `clock` is "cpu" (processor time of this
    process, for gates) or "wall". Raises `DifferentResults`, which names both.
    """
    baseline = next(iter(functions), None) if baseline is None else baseline
    if baseline not in functions:
        known = ", ".join(functions) or "none were given"
        raise ValueError(f"baseline={baseline!r} is not among the functions: {known}")
    if clock not in CLOCKS or rounds < 1:
        raise ValueError(f"clock={clock!r}, rounds={rounds}; use cpu or wall, and >= 1")
    with limited_threads(threads):
        results = {name: function() for name, function in functions.items()}
        for name in functions if check else ():
            test = check if callable(check) else None
            _require_equal(results, baseline, name, tolerance, test)
        results.clear()
        seconds = _take_turns(functions, rounds, warmup, CLOCKS[clock])
        return Comparison(seconds, baseline, clock, bool(check), Machine.here())


@contextmanager
def limited_threads(number: int) -> Iterator[None]:
    """Compute with so many threads in the block, then with as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _require_equal(
    results: Mapping[str, Any],
    first: str,
    second: str,
    tolerance: float,
    test: Callable[[Any, Any], bool] | None,
) -> None:
    expected, got = results[first], results[second]
    if expected is None or got is None:
        name = first if expected is None else second
        raise DifferentResults(f"{name!r} returned None; return the result to compare")
    try:
        if test is None:
            gap = largest_difference(expected, got, relative=True)
            equal, why = gap <= tolerance, f"they differ by {gap:.3g} > {tolerance:g}"
        else:
            equal, why = bool(test(expected, got)), "the check passed in returned False"
    except ValueError as error:
        equal, why = False, str(error)
    if not equal:
        raise DifferentResults(
            f"{first!r} and {second!r} do not return equal results: {why}. "
            "Mend one of them before timing, or pass check=False if they should differ"
        )


def largest_difference(expected: Any, got: Any, *, relative: bool = False) -> float:
    """Return the largest absolute difference of two results of the same structure.

    `relative` divides by 1 + |expected|. A NaN on one side only differs by infinity.
    Raises `ValueError` when shapes, lengths, keys or text differ.
    """
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        if expected.keys() != got.keys():
            raise ValueError(f"keys {list(expected)} and {list(got)}")
        pairs = [(expected[key], got[key]) for key in expected]
    elif isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        if len(expected) != len(got):
            raise ValueError(f"lengths {len(expected)} and {len(got)}")
        pairs = list(zip(expected, got, strict=True))
    elif isinstance(expected, str) or isinstance(got, str):
        if expected != got:
            raise ValueError(f"{expected!r} and {got!r}")
        return 0.0
    else:
        return _tensor_difference(expected, got, relative)
    return max((largest_difference(*p, relative=relative) for p in pairs), default=0.0)


def _tensor_difference(expected: Any, got: Any, relative: bool) -> float:
    a, b = (torch.as_tensor(x).detach().cpu().double() for x in (expected, got))
    if a.shape != b.shape:
        raise ValueError(f"shapes {tuple(a.shape)} and {tuple(b.shape)}")
    same = (a == b) | (a.isnan() & b.isnan())
    gap = (a - b).abs() / (1 + a.abs() if relative else 1)
    gap = gap.nan_to_num(nan=math.inf, posinf=math.inf).masked_fill(same, 0)
    return gap.max().item() if gap.numel() else 0.0


def _take_turns(
    functions: Mapping[str, Callable[[], Any]],
    rounds: int,
    warmup: int,
    clock: Callable[[], float],
) -> dict[str, list[float]]:
    """Time every function once a round, each round in another order."""
    calls = {name: _calls(function, warmup) for name, function in functions.items()}
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    names = list(functions)
    collecting = gc.isenabled()
    gc.disable()
    try:
        for turn in range(rounds):
            shift = turn % len(names)
            for name in names[shift:] + names[:shift]:
                seconds[name].append(_sample(functions[name], calls[name], clock))
    finally:
        if collecting:
            gc.enable()
    return seconds


def _calls(function: Callable[[], Any], warmup: int) -> int:
    """Warm up; return how many calls one sample needs to outlast the clock's noise."""
    best = min(_sample(function, 1, time.perf_counter) for _ in range(max(warmup, 1)))
    return max(1, math.ceil(SHORTEST / max(best, 1e-7)))


def _sample(
    function: Callable[[], Any], calls: int, clock: Callable[[], float]
) -> float:
    start = clock()
    for _ in range(calls):
        function()
    return max(clock() - start, 1e-9) / calls


def least_seconds(
    functions: Sequence[Callable[[], Any]], rounds: int = 5, calls: int = 3
) -> list[float]:
    """Return the least processor time of a call of each; for a choice at run time."""
    clock = time.process_time
    turns = [[_sample(f, calls, clock) for f in functions] for _ in range(rounds)]
    return [min(column) for column in zip(*turns, strict=True)]


@dataclass
class Timer:
    """Seconds of wall and processor time, filled in when the block ends."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0


@contextmanager
def timer() -> Iterator[Timer]:
    """Time a block: `with timer() as t: ...`, then read `t.seconds`.

    For one long thing (a training run). To say that one thing is faster than another,
    use `compare`.
    """
    result = Timer()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield result
    finally:
        result.seconds = time.perf_counter() - wall
        result.cpu_seconds = time.process_time() - cpu
