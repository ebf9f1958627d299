"""Inputs for the checks of lesson 30."""

import torch
from torch import Tensor

__all__ = ["draw", "integers"]


def draw(seed: int, *shape: int, dtype=torch.float32) -> Tensor:
    """Return a random tensor; the same seed gives the same."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator).to(dtype)


def integers(seed: int, *shape: int) -> Tensor:
    """Return random integers of one byte, -127 to 127."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-127, 128, shape, generator=generator).to(torch.int8)
