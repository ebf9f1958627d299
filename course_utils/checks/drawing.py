"""Random inputs for the checks."""

import torch
from torch import Tensor

__all__ = ["draw"]


def draw(seed: int, *shapes: tuple[int, ...], dtype=torch.float32) -> list[Tensor]:
    """Return random tensors of these shapes; the same seed gives the same."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator).to(dtype) for shape in shapes]
