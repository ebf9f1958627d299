"""Inputs and right positions, by complex numbers, for the checks of lesson 04."""

import torch
from torch import Tensor

__all__ = ["TABLE", "hands", "table_of"]

TABLE = "Sinusoidal positions"


def hands(positions: Tensor, width: int) -> Tensor:
    """Return the hands of the clock as complex numbers, a row for each position."""
    speeds = [1 / 10000 ** (i / width) for i in range(0, width, 2)]
    angles = torch.outer(positions.double(), torch.tensor(speeds, dtype=torch.float64))
    return torch.polar(torch.ones_like(angles), angles)


def table_of(positions: Tensor, width: int) -> Tensor:
    """Return sine and cosine of every hand, side by side, `(T, C)`."""
    pairs = torch.view_as_real(hands(positions, width))
    return pairs.flip(-1).flatten(1).float()
