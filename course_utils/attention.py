"""Attention: each query takes a weighted average of the values.

Lesson 02 builds this file. Every function works on `(T, D)` matrices and, since
all leading axes are left alone, on batches and heads as well.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["attention_weights", "causal_mask", "scaled_dot_product_attention"]


def attention_weights(
    q: Float[Tensor, "*batch T D"],
    k: Float[Tensor, "*batch S D"],
    mask: Bool[Tensor, "..."] | None = None,
) -> Float[Tensor, "*batch T S"]:
    """Return how much each query attends to each key; every row sums to 1.

    `mask` is broadcast to `(..., T, S)`; True means "may attend". A query that may
    attend to nothing gets a row of zeros, never NaN.

    Source: Vaswani et al. 2017, arXiv 1706.03762, equation 1. Cost: 2 T S D FLOPs.
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        return scores.softmax(dim=-1)
    lowest = torch.finfo(scores.dtype).min
    weights = torch.where(mask, scores, lowest).softmax(dim=-1)
    return weights * mask.any(dim=-1, keepdim=True)


def scaled_dot_product_attention(
    q: Float[Tensor, "*batch T D"],
    k: Float[Tensor, "*batch S D"],
    v: Float[Tensor, "*batch S E"],
    mask: Bool[Tensor, "..."] | None = None,
) -> Float[Tensor, "*batch T E"]:
    """Average the values with the attention weights of each query.

    `mask` as in `attention_weights`; a fully masked query returns zeros. Values may
    be of another width E than the keys.

    Source: Vaswani et al. 2017, arXiv 1706.03762, equation 1.
    Cost: 2 T S (D + E) FLOPs, T S weights in memory.
    """
    return attention_weights(q, k, mask) @ v


def causal_mask(T: int, device: torch.device | None = None) -> Bool[Tensor, "T T"]:
    """Return the mask that lets position t attend to positions 0..t only.

    `causal_mask(3)` → `[[1, 0, 0], [1, 1, 0], [1, 1, 1]]` as booleans.
    """
    return torch.ones(T, T, dtype=torch.bool, device=device).tril()
