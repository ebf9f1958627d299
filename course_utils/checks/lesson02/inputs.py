"""Inputs and a right attention, for the checks of lesson 02."""

import math

import torch
from torch import Tensor

__all__ = ["attend", "holes", "weights_of"]


def holes(T: int, S: int, seed: int) -> Tensor:
    """Return a random mask in which each query may attend to one key or more."""
    generator = torch.Generator().manual_seed(seed)
    mask = torch.rand(T, S, generator=generator) < 0.5
    mask[torch.arange(T), torch.arange(T) % S] = True
    return mask


def weights_of(scores: Tensor, mask: Tensor | None) -> Tensor:
    """Return a masked softmax written from the definition: exp, then divide."""
    powers = (scores - scores.amax(-1, keepdim=True).detach()).exp()
    if mask is not None:
        scores = torch.where(mask, scores, -math.inf)
        top = scores.amax(-1, keepdim=True).detach()
        powers = (scores - torch.where(top.isinf(), 0.0, top)).exp()
    total = powers.sum(-1, keepdim=True)
    return powers / torch.where(total == 0, 1.0, total)


def attend(q, k, v, mask=None, bias=None):
    """Return attention with everything that the exercises of this lesson ask for."""
    scores = torch.einsum("...td,...sd->...ts", q, k) / math.sqrt(q.shape[-1])
    if bias is not None:
        scores = scores + bias
    return torch.einsum("...ts,...se->...te", weights_of(scores, mask), v)
