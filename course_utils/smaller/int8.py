"""Weights and activations in 8 bits: a quarter of the bytes (lesson 30).

A number x is kept as a small integer q, and one scale serves many numbers:
x ≈ scale · q. How many share a scale decides how much is lost.
"""

import copy
from collections.abc import Callable

import torch
from jaxtyping import Float, Int, Int8
from torch import Tensor, nn

from course_utils.smaller.kernels import int8_matmul
from course_utils.transformer import Embedding

__all__ = [
    "Int8Embedding",
    "Int8Linear",
    "Int8TiedEmbedding",
    "affine",
    "dequantize",
    "int8_linear",
    "int8_model",
    "quantize",
    "replace_modules",
    "stored_bytes",
    "symmetric_scale",
]


def symmetric_scale(
    x: Float[Tensor, "*shape"], dim: int | tuple[int, ...] | None = None
) -> Float[Tensor, "..."]:
    """Return the step size that lets the largest |x| become 127.

    `dim` names the axes that share a scale: None for one scale in all (per tensor),
    -1 for one for each row (per channel of a weight, per token of an activation).
    The axes are kept with size 1. All zeros get the scale 1, which loses nothing.

    Source: Jacob et al. 2017, arXiv 1712.05877, section 2.1, with zero-point 0.
    """
    axes = tuple(range(x.dim())) if dim is None else dim
    largest = x.abs().amax(dim=axes, keepdim=True)
    return torch.where(largest > 0, largest / 127, 1.0)


def affine(
    x: Float[Tensor, "*shape"], dim: int | tuple[int, ...] | None = None
) -> tuple[Float[Tensor, "..."], Float[Tensor, "..."]]:
    """Return the scale and zero-point that put x's whole range on -128 to 127.

    The zero-point is the integer that stands for 0.0, which the range always
    includes, so that padding and ReLU's zeros stay exact.

    Source: Jacob et al. 2017, arXiv 1712.05877, equation 1 and section 3.
    """
    axes = tuple(range(x.dim())) if dim is None else dim
    low = x.amin(dim=axes, keepdim=True).clamp(max=0)
    high = x.amax(dim=axes, keepdim=True).clamp(min=0)
    scale = torch.where(high > low, (high - low) / 255, 1.0)
    return scale, (-128 - low / scale).round()


def quantize(
    x: Float[Tensor, "*shape"],
    scale: Float[Tensor, "..."],
    zero_point: Float[Tensor, "..."] | int = 0,
) -> Int8[Tensor, "*shape"]:
    """Return the nearest integers: round(x / scale) + zero_point, cut to int8.

    Within the range the error is at most scale / 2; beyond it x is clipped.
    Source: Jacob et al. 2017, arXiv 1712.05877, equation 1.
    """
    return (x / scale).round().add(zero_point).clamp(-128, 127).to(torch.int8)


def dequantize(
    q: Int8[Tensor, "*shape"],
    scale: Float[Tensor, "..."],
    zero_point: Float[Tensor, "..."] | int = 0,
) -> Float[Tensor, "*shape"]:
    """Return the numbers that the integers stand for: scale · (q - zero_point)."""
    return scale * (q.to(scale.dtype) - zero_point)


def int8_linear(
    x: Float[Tensor, "*batch C"],
    weight: Int8[Tensor, "N C"],
    scale: Float[Tensor, "N 1"],
    bias: Float[Tensor, " N"] | None = None,
) -> Float[Tensor, "*batch N"]:
    """Multiply in integers: each token and each row of the weight has its own scale.

    Both scales are constant along the sum, so they come out of it:
    Σ (s q)(r p) = s r Σ q p. The sum is exact, in 32 bits.

    Source: Dettmers et al. 2022, arXiv 2208.07339, equation 5 (vector-wise).
    """
    rows = x.reshape(-1, x.shape[-1])
    token_scale = symmetric_scale(rows, dim=-1)
    total = int8_matmul(quantize(rows, token_scale), weight)  # (tokens, N) in int32
    out = total.to(x.dtype).mul_(token_scale).mul_(scale.squeeze(-1))
    out = out if bias is None else out.add_(bias)
    return out.view(*x.shape[:-1], -1)


class Int8Linear(nn.Module):
    """Stand in for a trained `nn.Linear`: N C + 4 N bytes instead of 4 N C.

    The activations are quantized anew at each call ("dynamic"), a scale a token.
    """

    def __init__(self, linear: nn.Linear):
        super().__init__()
        weight = linear.weight.detach()
        scale = symmetric_scale(weight, dim=-1)
        self.register_buffer("weight", quantize(weight, scale))
        self.register_buffer("scale", scale)
        bias = None if linear.bias is None else linear.bias.detach().clone()
        self.register_buffer("bias", bias)

    def forward(self, x: Float[Tensor, "*batch C"]) -> Float[Tensor, "*batch N"]:
        return int8_linear(x, self.weight, self.scale, self.bias)


class Int8Embedding(nn.Module):
    """Stand in for a trained `nn.Embedding`, one scale a row (a token of the list)."""

    def __init__(self, embedding: nn.Embedding):
        super().__init__()
        weight = embedding.weight.detach()
        scale = symmetric_scale(weight, dim=-1)
        self.register_buffer("weight", quantize(weight, scale))
        self.register_buffer("scale", scale)

    def forward(self, ids: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch C"]:
        return dequantize(self.weight[ids], self.scale[ids])


class Int8TiedEmbedding(Embedding):
    """Stand in for our `Embedding`: the same integers read tokens and score them."""

    def __init__(self, embedding: Embedding):
        nn.Module.__init__(self)
        self.token, self.scale = Int8Embedding(embedding.token), embedding.scale
        self.positions, self.norm = embedding.positions, embedding.norm
        self.dropout = embedding.dropout

    def logits(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T V"]:
        return int8_linear(x, self.token.weight, self.token.scale)


def replace_modules(
    model: nn.Module, swaps: dict[type, Callable[[nn.Module], nn.Module]]
) -> nn.Module:
    """Return a copy of the model with every module of these exact types swapped.

    A swapped module's own parts are left alone. The model given stays as it was.
    """
    model = copy.deepcopy(model)
    if type(model) in swaps:
        return swaps[type(model)](model)
    for name, child in model.named_children():
        setattr(model, name, replace_modules(child, swaps))
    return model


def int8_model(model: nn.Module) -> nn.Module:
    """Return a copy of a trained model whose matrices are kept in 8 bits.

    Norms and biases, which are few, stay as they are. For use, not for training.
    """
    swaps = {
        nn.Linear: Int8Linear,
        nn.Embedding: Int8Embedding,
        Embedding: Int8TiedEmbedding,
    }
    return replace_modules(model, swaps).eval()


def stored_bytes(model: nn.Module) -> int:
    """Return the bytes of all that a file must hold: weights, integers and scales."""
    return sum(tensor.nbytes for tensor in model.state_dict().values())
