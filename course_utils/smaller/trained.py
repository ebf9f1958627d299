"""Train through the rounding, so that the other weights adapt to it (lesson 31)."""

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize

from course_utils.smaller.few_bits import Levels

__all__ = ["Rounding", "bits_asked", "trained_levels", "with_rounding", "without"]

MOST = 31  # the outermost level


class Rounding(nn.Module):
    """Let a weight be used as the nearest multiple of `step`, and be learned freely.

    Rounding has the slope 0 nearly everywhere, so nothing could be learned; the
    gradient is passed on as if there were no rounding (straight through).

    Source: Bengio et al. 2013, arXiv 1308.3432, section 2.3; for weights: Jacob et
    al. 2017, arXiv 1712.05877, section 3.
    """

    def __init__(self, step: Float[Tensor, ""]):
        super().__init__()
        self.register_buffer("step", step)

    def levels(self, weight: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        """Return the nearest levels, -31 to 31."""
        return (weight / self.step).round().clamp(-MOST, MOST)

    def forward(self, weight: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return weight + (self.levels(weight) * self.step - weight).detach()


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


def bits_asked(model: nn.Module) -> Float[Tensor, ""]:
    """Return log2(1 + |weight / step|), the mean: about what its level costs in bits.

    Added to the loss, times a small number, it makes levels small and hence cheap.
    """
    sizes = [
        (w / rounding.step).abs() for w, rounding in _rounded_parts(model).values()
    ]
    total = sum(torch.log2(1 + size).sum() for size in sizes)
    return total / sum(size.numel() for size in sizes)


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


def without(model: nn.Module) -> nn.Module:
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
