"""Train through the rounding, so that the other weights adapt to it (lesson 31)."""

import copy

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from course_utils.smaller.few_bits import Levels, Rounding

__all__ = ["trained_levels", "with_rounding", "without_rounding"]


def _rounded_parts(model: nn.Module) -> dict[str, tuple[Tensor, Rounding]]:
    """Return the free weight and the rounding of every matrix that has one."""
    found = {}
    for name, module in model.named_modules():
        if parametrize.is_parametrized(module, "weight"):
            listed = module.parametrizations.weight
            found[f"{name}.weight"] = (listed.original, listed[0])
    return found


def with_rounding(model: nn.Module, share: float) -> nn.Module:
    """Return a copy whose linear maps and embeddings learn through a rounding.

    One step for each matrix: `share` times the standard deviation of its weights.
    """
    model = copy.deepcopy(model)
    for module in list(model.modules()):
        if isinstance(module, nn.Linear | nn.Embedding):
            step = (share * module.weight.detach().std()).half().float()
            parametrize.register_parametrization(module, "weight", Rounding(step))
    return model


def trained_levels(model: nn.Module) -> dict[str, Levels]:
    """Return what each rounded matrix of the model has become."""
    return {
        name: Levels(
            rounding.levels(weight.detach()).to(torch.int8),
            rounding.step.half().view(1, 1),
            0.0,
            0,
        )
        for name, (weight, rounding) in _rounded_parts(model).items()
    }


def without_rounding(model: nn.Module) -> nn.Module:
    """Return a copy without rounding: a plain model with the rounded weights."""
    return _plain(copy.deepcopy(model))


def _plain(module: nn.Module) -> nn.Module:
    if parametrize.is_parametrized(module, "weight"):
        weight = nn.Parameter(module.weight.detach().clone())
        if isinstance(module, nn.Embedding):
            return nn.Embedding(*weight.shape, _weight=weight)
        plain = nn.Linear(1, 1)
        plain.out_features, plain.in_features = weight.shape
        plain.weight, plain.bias = weight, module.bias
        return plain
    for name, child in module.named_children():
        setattr(module, name, _plain(child))
    return module
