"""What the few bits of lesson 31 need beside them: nearest levels, checks, watching."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

__all__ = ["MOST", "check_group", "nearest_level", "watched_inputs"]

MOST = 31  # the outermost level of weights that are trained through a rounding


def nearest_level(x: Tensor, scale: Tensor, bits: int) -> Tensor:
    """Return the level q whose number, scale · (q + ½), is nearest to x.

    With b bits the levels are -2^(b-1) to 2^(b-1) - 1.
    """
    half = 2 ** (bits - 1)
    return (x / scale - 0.5).round().clamp(-half, half - 1)


def check_group(width: int, group: int) -> None:
    """Refuse a group that does not divide the width.

    Raises:
        ValueError: says both numbers and a group that fits.
    """
    if width % group:
        fitting = next(g for g in range(min(group, width), 0, -1) if not width % g)
        raise ValueError(
            f"a row of {width} weights cannot be cut into groups of {group}; "
            f"choose a divisor, for example {fitting}"
        )


@contextmanager
def watched_inputs(model: nn.Module, found: dict[str, Tensor]) -> Iterator[None]:
    """While this lasts, add X^T X of each linear map's inputs to `found`, by name."""

    def watch(name: str):
        def add(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            x = inputs[0].detach().flatten(0, -2).float()
            found[name] = found.get(name, torch.zeros(())) + x.T @ x

        return add

    hooks = [
        module.register_forward_pre_hook(watch(name))
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
