"""How fast can this go at most? Operations, bytes, and the roof of a machine (20).

A processor does two things: it computes, and it fetches what it computes with. The
slower of the two decides. How many operations a computation does for each byte that
it moves, its arithmetic intensity, tells which one that is.

Source: Williams, Waterman and Patterson 2009, "Roofline: An Insightful Visual
Performance Model for Multicore Architectures", section 3 and figure 1.
"""

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile, record_function

from course_utils.config import ModelConfig
from course_utils.measure import limited_threads

__all__ = [
    "BETWEEN",
    "Work",
    "attainable",
    "memory_bandwidth",
    "peak_flops",
    "product_work",
    "quickest",
    "reading_work",
    "time_by_operation",
]

BETWEEN = "between operations"


@dataclass(frozen=True)
class Work:
    """What a computation has to do: operations, and bytes read and written.

    >>> (Work(48, 104) + Work(48, 104)).flops
    96
    """

    flops: int = 0
    bytes: int = 0

    @property
    def intensity(self) -> float:
        """Operations for each byte moved."""
        return self.flops / self.bytes

    def __add__(self, other: "Work") -> "Work":
        return Work(self.flops + other.flops, self.bytes + other.bytes)

    def __rmul__(self, times: int) -> "Work":
        return Work(times * self.flops, times * self.bytes)


def product_work(n: int, m: int, p: int, dtype: torch.dtype = torch.float32) -> Work:
    """Return the work of a product (n, m) by (m, p): 2 n m p operations.

    Both factors are read once and the result is written once: n m + m p + n p numbers.
    A real product may move more (what has been pushed out of the cache is read again).

    >>> product_work(2, 3, 4)
    Work(flops=48, bytes=104)

    Raises:
        ValueError: a size is less than 1.
    """
    if min(n, m, p) < 1:
        raise ValueError(f"sizes n={n}, m={m}, p={p}; each of them is 1 or more")
    return Work(2 * n * m * p, (n * m + m * p + n * p) * dtype.itemsize)


def attainable(intensity: float, peak: float, bandwidth: float) -> float:
    """Return the most operations a second: min(peak, bandwidth · intensity).

    `peak` is in operations a second, `bandwidth` in bytes a second. The two are equal
    at the ridge, peak / bandwidth operations a byte.

    Source: Williams et al. 2009, section 3.

    Raises:
        ValueError: the peak or the bandwidth is not positive.
    """
    if peak <= 0 or bandwidth <= 0:
        raise ValueError(
            f"peak={peak:g}, bandwidth={bandwidth:g}; both are positive, in operations "
            "and in bytes a second: measure them with peak_flops and memory_bandwidth"
        )
    return min(peak, bandwidth * intensity)


def quickest(function: Callable[[], Any], rounds: int = 5) -> float:
    """Return the least processor time of one call, in seconds, on one thread."""
    with limited_threads(1):
        function()
        seconds = []
        for _ in range(rounds):
            start = time.process_time()
            function()
            seconds.append(time.process_time() - start)
    return max(min(seconds), 1e-9)


def peak_flops(size: int = 1024, rounds: int = 20) -> float:
    """Measure the operations a second in a large float32 product, on one thread."""
    a, b, out = torch.ones(3, size, size).unbind()
    seconds = quickest(lambda: torch.mm(a, b, out=out), rounds)
    return product_work(size, size, size).flops / seconds


def memory_bandwidth(megabytes: int = 128, rounds: int = 10) -> float:
    """Measure the bytes a second, read and written, while a large tensor is copied.

    Twice `megabytes` is needed. It should be larger than any cache of the processor.
    """
    source = torch.ones(megabytes * 250_000)
    target = torch.empty_like(source)
    seconds = quickest(lambda: target.copy_(source), rounds)
    return (source.nbytes + target.nbytes) / seconds


def reading_work(
    config: ModelConfig,
    T: int,
    S: int | None = None,
    B: int = 1,
    dtype: torch.dtype = torch.float32,
) -> dict[str, Work]:
    """Return the work of a language model that reads T tokens of each of B texts.

    Each token looks at S tokens (T unless given). Counted are the matrix products: a
    weight is read once for the whole batch, queries, keys and values once for each
    head and text. With S = T the operations are B times `forward_flops`.
    """
    C, F, L, H, D = (
        config.d_model,
        config.d_ff,
        config.n_layers,
        config.n_heads,
        config.d_head,
    )
    S = T if S is None else S

    def rows(m: int, p: int) -> Work:
        return product_work(B * T, m, p, dtype)

    heads = product_work(T, D, S, dtype) + product_work(T, S, D, dtype)
    return {
        "projections": L * 4 * rows(C, C),
        "attention": L * B * H * heads,
        "feed-forward": L * (rows(C, F) + rows(F, C)),
        "logits": rows(C, config.vocab_size),
    }


def time_by_operation(function: Callable[[], Any], calls: int = 10) -> dict[str, float]:
    """Return the seconds of torch's operations in one call, the longest first.

    Each has its own time, without that of operations that it calls. What is left, the
    Python code between them, stands under `BETWEEN`, so within a call all add up to
    it. Each is the least of several calls, as a disturbance seldom hits the same one
    twice; the sum of what is returned is a little less than any one call took.
    """
    os.environ.setdefault("KINETO_LOG_LEVEL", "6")  # the profiler's own messages
    function()
    with limited_threads(1), profile(activities=[ProfilerActivity.CPU]) as profiler:
        for _ in range(calls + 1):  # the first warms the profiler up
            with record_function(BETWEEN):
                function()
    events = profiler.events()
    spans = [event.time_range for event in events if event.name == BETWEEN][1:]
    least: dict[tuple[str, int], float] = {}  # of the first mm, the second mm, ...
    for span in spans:
        seen = Counter()
        for event in events:
            if span.start <= event.time_range.start < span.end:
                place = event.name, seen[event.name]
                seconds = event.self_cpu_time_total / 1e6
                least[place] = min(least.get(place, seconds), seconds)
                seen[event.name] += 1
    found = Counter()
    for (name, _), seconds in least.items():
        found[name] += seconds
    return dict(found.most_common())
