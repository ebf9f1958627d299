"""Inputs for the checks of lesson 21."""

import torch
from torch import Tensor

from course_utils.answers import Build

__all__ = ["CONFIG", "SIZES", "looped_attention", "weights_of"]

SIZES = {"d_model": 12, "n_heads": 3, "n_layers": 2, "d_ff": 10, "max_len": 9}
CONFIG = Build("course_utils.config.ModelConfig", (11,), SIZES)


def weights_of(module: torch.nn.Module, seed: int) -> dict[str, Tensor]:
    """Return random weights for every parameter, none of them a special value."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: 0.4 * torch.randn(weight.shape, generator=generator)
        for name, weight in module.state_dict().items()
    }


def looped_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attend head by head and query by query, `(H, T, D)`; query t stands at the end.

    With S keys and T queries, query t sees keys 0 ... S - T + t.
    """
    H, T, D = q.shape
    out = torch.empty(H, T, v.shape[-1], dtype=v.dtype)
    for h in range(H):
        for t in range(T):
            seen = k.shape[1] - T + t + 1
            powers = (k[h, :seen] @ q[h, t] / D**0.5).softmax(0)
            out[h, t] = powers @ v[h, :seen]
    return out
