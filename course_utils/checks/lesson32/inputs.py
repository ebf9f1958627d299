"""Inputs for the checks of lesson 32."""

import torch
from torch import Tensor

from course_utils.checks.drawing import draw

__all__ = ["PROJECTIONS", "attention_weights"]

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")


def attention_weights(seed: int, C: int, dtype=torch.float32) -> dict[str, Tensor]:
    """Return the weights and biases of an attention of width C, by their names."""
    drawn = draw(seed, *[(C, C)] * 4, *[(C,)] * 4, dtype=dtype)
    weights = {f"{name}.weight": drawn[i] for i, name in enumerate(PROJECTIONS)}
    return weights | {f"{n}.bias": drawn[4 + i] for i, n in enumerate(PROJECTIONS)}
