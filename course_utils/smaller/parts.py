"""The parts of a model that can be cut, and how many units each of them has."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_utils.encoder import FeedForward
from course_utils.multihead import MultiHeadAttention

__all__ = [
    "channels",
    "check_kept",
    "last_map",
    "parts_of",
    "recorded_inputs",
    "sum_by_unit",
    "units_of",
]


def channels(kept: Int[Tensor, " K"], width: int) -> Int[Tensor, " K*width"]:
    """Return the channels of these heads: head h owns h·D to (h+1)·D."""
    return (kept[:, None] * width + torch.arange(width)).flatten()


def check_kept(kept: Tensor, number: int, what: str) -> None:
    """Refuse a choice of parts that do not exist, or of none, or of one twice."""
    wrong = len(kept) == 0 or len(kept.unique()) < len(kept)
    if wrong or kept.min() < 0 or kept.max() >= number:
        raise ValueError(
            f"kept={kept.tolist()} of {number} {what}; name at least one, each once, "
            f"from 0 to {number - 1}"
        )


def parts_of(model: nn.Module) -> dict[str, nn.Module]:
    """Return every attention and feed-forward of a model by its name."""
    kinds = (MultiHeadAttention, FeedForward)
    return {n: m for n, m in model.named_modules() if type(m) in kinds}


def last_map(part: nn.Module) -> nn.Linear:
    """Return the map through which everything in an attention or feed-forward goes."""
    is_attention = isinstance(part, MultiHeadAttention)
    return part.out_proj if is_attention else part.down_proj


def units_of(part: nn.Module) -> int:
    """Return how many heads, or hidden units, a part has."""
    is_attention = isinstance(part, MultiHeadAttention)
    return part.n_heads if is_attention else part.down_proj.in_features


def sum_by_unit(
    part: nn.Module, columns: Float[Tensor, "*batch N"]
) -> Float[Tensor, "*batch K"]:
    """Add up the numbers of the columns that belong to one head, or to one unit."""
    return columns.unflatten(-1, (units_of(part), -1)).sum(dim=-1)


@contextmanager
def recorded_inputs(modules: Mapping[str, nn.Module]) -> Iterator[dict[str, Tensor]]:
    """While this lasts, keep what last went into each of these modules, by its name.

    The inputs stay in the graph, so that the slope of a loss at them can be asked.
    """
    inputs: dict[str, Tensor] = {}

    def keep(name: str):
        def hook(module: nn.Module, given: tuple[Tensor, ...]) -> None:
            inputs[name] = given[0]

        return hook

    hooks = [one.register_forward_pre_hook(keep(name)) for name, one in modules.items()]
    try:
        yield inputs
    finally:
        for hook in hooks:
            hook.remove()
