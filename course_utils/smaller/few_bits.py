"""Four bits and fewer: groups, packing, and errors that mend each other (lesson 31).

With so few levels no zero is kept: level q of a group stands for scale · (q + ½), so
that 2 bits give -1.5, -0.5, 0.5 and 1.5 scales, as far up as down.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import torch
from jaxtyping import Float, Int8, UInt8
from torch import Tensor, nn

from course_utils.smaller.grid import MOST, check_group, nearest_level

__all__ = [
    "Levels",
    "Rounding",
    "best_scale",
    "compensated",
    "few_bits",
    "input_products",
    "output_error",
    "pack",
    "rounded",
    "unpack",
    "watched_inputs",
    "with_levels",
]


class Levels(NamedTuple):
    """A matrix as small integers: number = scale of its group · (level + shift)."""

    levels: Int8[Tensor, "N C"]
    scale: Float[Tensor, "N K"]  # float16; K groups a row
    shift: float
    bits: int

    def dense(self) -> Float[Tensor, "N C"]:
        """Return the float32 matrix that the levels stand for."""
        N, C = self.levels.shape
        groups = self.levels.float().view(N, self.scale.shape[1], -1)
        return ((groups + self.shift) * self.scale.float()[..., None]).view(N, C)


def pack(levels: UInt8[Tensor, "*shape"], bits: int) -> UInt8[Tensor, " n"]:
    """Put integers of so many bits shoulder to shoulder into bytes, low bits first.

    n integers take ceil(n · bits / 8) bytes.

    Raises:
        ValueError: an integer needs more bits; the message names it.
    """
    flat = levels.flatten()
    if flat.numel() and int(flat.max()) >= 2**bits:
        raise ValueError(
            f"{int(flat.max())} does not fit into {bits} bits, whose largest number "
            f"is {2**bits - 1}; quantize to {bits} bits first"
        )
    places = torch.arange(bits, dtype=torch.uint8)
    stream = ((flat[:, None] >> places) & 1).flatten()
    stream = nn.functional.pad(stream, (0, -len(stream) % 8)).view(-1, 8)
    eight = torch.arange(8, dtype=torch.uint8)
    return (stream << eight).sum(dim=1, dtype=torch.uint8)


def unpack(packed: UInt8[Tensor, " n"], bits: int, count: int) -> UInt8[Tensor, " m"]:
    """Return the `count` integers that `pack` put into bytes."""
    stream = (packed[:, None] >> torch.arange(8, dtype=torch.uint8)) & 1
    places = torch.arange(bits, dtype=torch.uint8)
    used = stream.flatten()[: count * bits].view(count, bits)
    return (used << places).sum(dim=1, dtype=torch.uint8)


def best_scale(
    group: Float[Tensor, "*batch C"], bits: int
) -> Float[Tensor, "*batch 1"]:
    """Return, for each row, the scale with the smallest squared error.

    It is sought among scales that clip the largest numbers more and more: with few
    levels, a finer grid for the many is worth an error of the few. float16 values.
    """
    outermost = 2 ** (bits - 1) - 0.5
    full = group.abs().amax(dim=-1, keepdim=True) / outermost
    full = full.clamp(min=2**-14)  # the smallest normal float16
    shares = (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
    scales = [(share * full).half().to(group.dtype) for share in shares]
    errors = [
        (scale * (nearest_level(group, scale, bits) + 0.5) - group)
        .square()
        .sum(-1, keepdim=True)
        for scale in scales
    ]
    which = torch.stack(errors).argmin(dim=0, keepdim=True)
    return torch.stack(scales).gather(0, which)[0]


def rounded(weight: Float[Tensor, "N C"], bits: int, group: int) -> Levels:
    """Round each weight to the nearest level of its group.

    A group of g weights shares a 16-bit scale: bits + 16 / g bits for each weight.

    Raises:
        ValueError: the group does not divide the width.
    """
    N, C = weight.shape
    check_group(C, group)
    groups = weight.detach().float().view(N, -1, group)
    scale = best_scale(groups, bits)
    levels = nearest_level(groups, scale, bits).view(N, C).to(torch.int8)
    return Levels(levels, scale[..., 0].half(), 0.5, bits)


def compensated(
    weight: Float[Tensor, "N C"],
    products: Float[Tensor, "C C"],
    bits: int,
    group: int,
    damping: float = 0.01,
) -> Levels:
    """Round column by column; the columns not yet rounded make up for each error.

    `products` is X^T X of the inputs: what counts is the error of the *output*, and
    inputs that move together let one weight repair another. Cost: C^3 + N C^2.

    Source: Frantar et al. 2022, arXiv 2210.17323, algorithm 1 (GPTQ).

    Raises:
        ValueError: the group does not divide the width.
    """
    C = weight.shape[1]
    check_group(C, group)
    left = weight.detach().double().clone()
    H = products.double()
    H = H + torch.eye(C).double() * (damping * H.diagonal().mean() + 1e-10)
    R = torch.linalg.cholesky(torch.linalg.inv(H), upper=True)
    levels, scales = torch.empty_like(left), []
    for c in range(C):
        if c % group == 0:
            scales.append(best_scale(left[:, c : c + group], bits))
        levels[:, c] = nearest_level(left[:, c], scales[-1][:, 0], bits)
        written = (levels[:, c] + 0.5) * scales[-1][:, 0]
        error = (left[:, c] - written) / R[c, c]
        left[:, c:] -= error[:, None] * R[c, c:]
    return Levels(levels.to(torch.int8), torch.cat(scales, 1).half(), 0.5, bits)


def output_error(
    weight: Float[Tensor, "N C"],
    written: Float[Tensor, "N C"],
    products: Float[Tensor, "C C"],
) -> float:
    """Return the error of the output, ‖X (W - Ŵ)^T‖ / ‖X W^T‖, from X^T X alone.

    Source: Frantar et al. 2022, arXiv 2210.17323, equation 1.
    """

    def size(w: Tensor) -> Tensor:
        return ((w @ products) * w).sum()

    return (size(weight - written) / size(weight)).sqrt().item()


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


def input_products(
    model: nn.Module, batches: Iterable[tuple[Tensor, ...]]
) -> dict[str, Float[Tensor, "C C"]]:
    """Return X^T X of the inputs of every `nn.Linear`, summed over all batches.

    The model is left as it was. Cost: 2 C² for each position and layer.
    """
    found: dict[str, Tensor] = {}
    with torch.no_grad(), watched_inputs(model, found):
        for batch in batches:
            model(*batch)
    return found


def few_bits(
    model: nn.Module,
    bits: int,
    group: int,
    products: Mapping[str, Float[Tensor, "C C"]] | None = None,
    embedding_bits: int = 8,
) -> dict[str, Levels]:
    """Return the levels of every matrix of a model, by the name of its weight.

    With `products`, from `input_products`, errors of linear maps are compensated. The
    embedding, a table of rows that are read one by one, is rounded.

    Raises:
        ValueError: the group does not divide the width of a matrix.
    """
    found = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.Embedding):
            found[name] = rounded(module.weight, embedding_bits, group)
        elif isinstance(module, nn.Linear) and products is None:
            found[name] = rounded(module.weight, bits, group)
        elif isinstance(module, nn.Linear):
            found[name] = compensated(module.weight, products[name], bits, group)
    return {f"{name}.weight": levels for name, levels in found.items()}


def with_levels(model: nn.Module, matrices: Mapping[str, Levels]) -> nn.Module:
    """Return a copy of the model in floats whose matrices are what the levels say."""
    model = copy.deepcopy(model)
    dense = {name: levels.dense() for name, levels in matrices.items()}
    model.load_state_dict(model.state_dict() | dense, strict=True)
    return model


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
