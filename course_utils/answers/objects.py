"""Small things with a known behavior, handed to an answer by `Ref` or `Build`."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.multihead import MultiHeadAttention

__all__ = ["ByLastToken", "EveryThird", "OncePerToken", "average_values", "endless"]


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
