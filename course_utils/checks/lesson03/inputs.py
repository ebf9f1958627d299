"""Inputs and a right multi-head attention, head by head, for lesson 03."""

import math

import torch
from torch import Tensor, nn

from course_utils.attention import scaled_dot_product_attention

__all__ = ["HeadByHead", "attend_one", "holes", "weights"]


def holes(shape: tuple[int, ...], seed: int) -> Tensor:
    """Return a random mask in which each query may attend to one key or more."""
    generator = torch.Generator().manual_seed(seed)
    mask = torch.rand(shape, generator=generator) < 0.5
    mask[..., 0] |= ~mask.any(-1)
    return mask


def weights(seed: int, C: int, keys: int, values: int) -> dict[str, Tensor]:
    """Return random weights; `keys` and `values` are the widths of all heads."""
    sizes = {
        "q_proj": (keys, C),
        "k_proj": (keys, C),
        "v_proj": (values, C),
        "out_proj": (C, values),
    }
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, (rows, columns) in sizes.items():
        weight = torch.randn(rows, columns, generator=generator)
        state[f"{name}.weight"] = weight / math.sqrt(columns)
        state[f"{name}.bias"] = torch.randn(rows, generator=generator)
    return state


def attend_one(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Return attention for one sentence and one head, from the definition."""
    scores = torch.einsum("td,sd->ts", q, k) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return scores.softmax(-1) @ v


class HeadByHead(nn.Module):
    """A right multi-head attention: a loop over heads, and a sum instead of a merge.

    Its small methods are what the slips of this lesson replace.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        attention=scaled_dot_product_attention,
        d_key: int | None = None,
        d_value: int | None = None,
    ):
        super().__init__()
        if d_model % n_heads and None in (d_key, d_value):
            raise ValueError(f"{d_model} is not divisible by {n_heads}")
        self.n_heads, self.attention = n_heads, attention
        keys, values = self.widths(d_model, n_heads, d_key, d_value)
        self.q_proj = nn.Linear(d_model, keys)
        self.k_proj = nn.Linear(d_model, keys)
        self.v_proj = nn.Linear(d_model, values)
        self.out_proj = nn.Linear(values, d_model)

    def widths(self, d_model, n_heads, d_key, d_value):
        """Return how wide the keys and the values of all heads are together."""
        usual = d_model // n_heads
        keys = usual if d_key is None else d_key
        values = usual if d_value is None else d_value
        return n_heads * keys, n_heads * values

    def project(self, x, source):
        """Return what queries, keys and values are made of."""
        return self.q_proj(x), self.k_proj(source), self.v_proj(source)

    def split(self, x):
        """Return the channels of each head, `(B, H, T, D)`."""
        return torch.stack(x.tensor_split(self.n_heads, dim=-1), dim=1)

    def merge(self, heads):
        """Return the heads side by side."""
        return torch.cat(heads.unbind(1), dim=-1)

    def look(self, q, k, v, mask):
        """Return what every head has found."""
        return self.attention(q, k, v, mask)

    def forward(self, x, source, mask=None):
        """Project, split, attend, merge, mix."""
        q, k, v = map(self.split, self.project(x, source))
        return self.out_proj(self.merge(self.look(q, k, v, mask)))
