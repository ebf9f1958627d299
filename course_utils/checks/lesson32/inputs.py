"""Inputs for the checks of lesson 32."""

import torch
from torch import Tensor

__all__ = ["PROJECTIONS", "attention_weights", "draw"]

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")


def draw(seed: int, *shapes: tuple[int, ...], dtype=torch.float32) -> list[Tensor]:
    """Return random tensors of these shapes; the same seed gives the same."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator).to(dtype) for shape in shapes]


def attention_weights(seed: int, C: int, dtype=torch.float32) -> dict[str, Tensor]:
    """Return the weights and biases of an attention of width C, by their names."""
    drawn = draw(seed, *[(C, C)] * 4, *[(C,)] * 4, dtype=dtype)
    weights = {f"{name}.weight": drawn[i] for i, name in enumerate(PROJECTIONS)}
    return weights | {f"{n}.bias": drawn[4 + i] for i, n in enumerate(PROJECTIONS)}
