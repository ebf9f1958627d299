"""Inputs for the checks of lesson 07: sentences with padding, and scores for them."""

import torch
from torch import Tensor

__all__ = ["answers", "losses", "scores"]


def answers(seed: int, lengths: list[int], V: int) -> Tensor:
    """Return target sentences of these lengths: words, the end (2), padding (0)."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, V, (len(lengths), max(lengths)), generator=generator)
    for row, length in zip(ids, lengths, strict=True):
        row[length - 1] = 2
        row[length:] = 0
    return ids


def scores(seed: int, *shape: int, dtype=torch.float32) -> Tensor:
    """Return random logits; the same seed gives the same."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator).to(dtype)


def losses(logits: Tensor, wish: Tensor) -> Tensor:
    """Return −Σ wish · ln p of each position, for any wished-for distribution."""
    top = logits.amax(-1, keepdim=True).detach()
    log_sum = (logits - top).exp().sum(-1, keepdim=True).log() + top
    return (wish * (log_sum - logits)).sum(-1)
