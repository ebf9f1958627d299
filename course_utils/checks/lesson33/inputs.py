"""Inputs for the checks of lesson 33."""

import torch
from torch import Tensor

__all__ = ["draw", "targets"]


def draw(seed: int, *shapes: tuple[int, ...], dtype=torch.float32) -> list[Tensor]:
    """Return random logits of these shapes; the same seed gives the same."""
    generator = torch.Generator().manual_seed(seed)
    return [2 * torch.randn(shape, generator=generator).to(dtype) for shape in shapes]


def targets(seed: int, B: int, T: int, V: int) -> Tensor:
    """Return targets `(B, T)`; the rows end in more and more padding."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, V, (B, T), generator=generator)
    return ids * (torch.arange(T)[None, :] < T - torch.arange(B)[:, None])
