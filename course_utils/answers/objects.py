"""Small things with a known behavior, handed to an answer by `Ref` or `Build`."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.multihead import MultiHeadAttention

__all__ = [
    "ByLastToken",
    "EveryThird",
    "OncePerToken",
    "Race",
    "average_values",
    "endless",
]


def average_values(q: Tensor, k: Tensor, v: Tensor, mask=None) -> Tensor:
    """Give every query the plain average of all values: an attention without a look."""
    mean = v.mean(dim=-2, keepdim=True)
    return mean.expand(*v.shape[:-2], q.shape[-2], v.shape[-1]) + 0 * q.sum()


class EveryThird(nn.Module):
    """Dropout without luck: every third channel becomes 0, the others 1.5 times."""

    def forward(self, x: Tensor) -> Tensor:
        keep = torch.arange(x.shape[-1], device=x.device) % 3 != 0
        return x * keep.to(x) * 1.5


def endless(items: Sequence[Any], most: int = 50) -> Iterator[Any]:
    """Yield the items again and again, as an endless stream would.

    Raises:
        RuntimeError: more than `most` were drawn; who does that never ends.
    """
    for i in range(most):
        yield items[i % len(items)]
    raise RuntimeError(f"after {most} items this endless stream is still being read")


class ByLastToken:
    """A `next_logits` that looks at the last token alone: row i follows token i."""

    def __init__(self, rows: Tensor):
        self.rows = rows

    def __call__(self, ids: Tensor) -> Tensor:
        return self.rows[ids[:, -1]]


class OncePerToken(MultiHeadAttention):
    """Attention that can be used part by part, and projects `most` positions in all.

    Raises:
        RuntimeError: it is called as a whole, or a position is projected again.
    """

    def __init__(self, d_model: int, n_heads: int, most: int):
        super().__init__(d_model, n_heads)
        self.most, self.read = most, 0

    def project(self, x: Tensor, source: Tensor):
        """Return q, k and v as usual, and count the positions of `source`."""
        self.read += source.shape[1]
        if self.read > self.most:
            raise RuntimeError(
                f"{self.read} positions have been projected, but the text has only "
                f"{self.most}: each one once is enough"
            )
        return super().project(x, source)

    def forward(self, *inputs) -> Tensor:
        """Refuse: the parts are wanted."""
        raise RuntimeError("use its parts here: project, attention, out_proj")


class Race:
    """Two functions, `first` and `second`, and a clock that only they move.

    Calls are counted, both functions together. Each takes the seconds of its function,
    times the `load` of its pair of calls (beyond the end, the last one), times `warm`
    if it is the later one of its pair. The very first call of each takes `cold` seconds
    more, and call number `hiccup` 1,000 seconds more.
    """

    def __init__(
        self,
        seconds: tuple[float, float],
        results: tuple[float, float] = (7.0, 7.0),
        load: Sequence[float] = (1.0,),
        cold: float = 0.0,
        warm: float = 1.0,
        hiccup: int = -1,
    ):
        self.seconds, self.results, self.load = seconds, results, load
        self.cold, self.warm, self.hiccup = cold, warm, hiccup
        self.now, self.calls, self.met = 100.0, 0, set()

    def clock(self) -> float:
        """Return the seconds on the clock."""
        return self.now

    def first(self) -> float:
        """Do the work, one way."""
        return self._run(0)

    def second(self) -> float:
        """Do the work, the other way."""
        return self._run(1)

    def _run(self, which: int) -> float:
        load = self.load[min(self.calls // 2, len(self.load) - 1)]
        spent = self.seconds[which] * load * (self.warm if self.calls % 2 else 1)
        spent += 0 if which in self.met else self.cold
        spent += 1000 if self.calls == self.hiccup else 0
        self.now, self.calls = self.now + spent, self.calls + 1
        self.met.add(which)
        return self.results[which]
