"""Weights of one byte for the lean loop, where the processor multiplies them fast.

A weight is stored as round(w / scale) with one scale a row, so a token reads a quarter
of the bytes. Whether that is faster depends on the processor and on the torch build:
the operations used are private, so each stands behind a probe that compares its result
with plain float32, and `quickest_product` measures before it believes.
"""

import time
import warnings
from collections.abc import Callable, Iterable
from functools import cache

import torch
from jaxtyping import Float, Int8
from torch import Tensor

from course_utils.faster.lean import Product, plain_product

__all__ = [
    "int8_both_product",
    "int8_bytes",
    "int8_weight_product",
    "quickest_product",
    "rows_to_int8",
    "works",
]


def rows_to_int8(
    weight: Float[Tensor, "O I"],
) -> tuple[Int8[Tensor, "O I"], Float[Tensor, " O"]]:
    """Round each row to 127 steps each way; return the steps and the rows' scales.

    `weight ≈ steps · scale`, off by half a scale at most; a row of zeros has scale 1.
    """
    largest = weight.abs().amax(dim=1)
    scale = torch.where(largest > 0, largest / 127, 1.0)
    return (weight / scale[:, None]).round().to(torch.int8), scale


def int8_bytes(weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"]) -> int:
    """Return the bytes of a weight in int8: O I, and 4 for each scale and bias."""
    return weight.numel() + 4 * len(weight) + 4 * bias.numel()


def int8_weight_product(
    weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"]
) -> Product:
    """Return a product with int8 weights and bfloat16 activations.

    Where torch lacks the operation, the weights are rounded alike but float32 is used:
    the same answers, no gain. Activations keep 8 bits of precision.
    """
    steps, scale = rows_to_int8(weight.detach())
    if not works("weight"):
        return plain_product(steps * scale[:, None], bias.detach())
    scale, bias = scale.bfloat16(), bias.detach().clone()

    def product(x: Tensor, out: Tensor | None = None) -> Tensor:
        y = torch._weight_int8pack_mm(x.bfloat16(), steps, scale)
        return torch.add(bias, y, out=out)

    return product


def int8_both_product(
    weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"]
) -> Product:
    """Return a product of int8 weights and activations, rounded as they come.

    The activations of all rows of a call share one scale (7 bits on old processors).
    Fallback as in `int8_weight_product`.
    """
    steps, scale = rows_to_int8(weight.detach())
    if not works("both"):
        return plain_product(steps * scale[:, None], bias.detach())
    packed = _packed(steps, scale, bias.detach())
    multiply = torch.ops.quantized.linear_dynamic

    def product(x: Tensor, out: Tensor | None = None) -> Tensor:
        y = multiply(x, packed, False)
        return y if out is None else out.copy_(y)

    return product


def _packed(steps: Tensor, scale: Tensor, bias: Tensor):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch announces the end of these tensors
        zeros = torch.zeros(len(scale), dtype=torch.long)
        weight = torch._make_per_channel_quantized_tensor(
            steps, scale.double(), zeros, 0
        )
        return torch.ops.quantized.linear_prepack(weight, bias.float())


@cache
def works(kind: str) -> bool:
    """Say whether the int8 operation "weight" or "both" is here and computes rightly.

    Its result must be within 3 % of float32 with the same rounded weights.

    Raises:
        ValueError: the kind is unknown.
    """
    if kind not in ("weight", "both"):
        raise ValueError(f"kind={kind!r} is not one of ('weight', 'both')")
    dice = torch.Generator().manual_seed(0)
    weight, x = (torch.randn(n, 64, generator=dice) for n in (96, 1))
    steps, scale = rows_to_int8(weight)
    expected = x @ (steps * scale[:, None]).T
    try:
        if kind == "weight":
            got = torch._weight_int8pack_mm(x.bfloat16(), steps, scale.bfloat16())
        else:
            packed = _packed(steps, scale, torch.zeros(96))
            got = torch.ops.quantized.linear_dynamic(x, packed, False)
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    return bool((got.float() - expected).norm() <= 0.03 * expected.norm())


def quickest_product(
    among: Iterable[Callable] = (plain_product, int8_weight_product, int8_both_product),
    seconds: float = 0.01,
) -> Callable:
    """Return a maker of products that times those given, weight by weight.

    Each weight gets the product that took the least time for one row, in a trial of
    `seconds` for each; the first is kept unless another is at least 5 % faster.
    """
    among = tuple(among)

    def make(weight: Tensor, bias: Tensor) -> Product:
        x = torch.randn(1, weight.shape[1]).to(weight)
        products = [maker(weight, bias) for maker in among]
        times = [_time(product, x, seconds) for product in products]
        times[0] *= 0.95
        return products[times.index(min(times))]

    return make


@torch.inference_mode()
def _time(product: Product, x: Tensor, seconds: float) -> float:
    """Return the least time of one call among several batches of calls."""
    product(x)
    end, best = time.perf_counter() + seconds, float("inf")
    while time.perf_counter() < end:
        start = time.process_time()
        for _ in range(20):
            product(x)
        best = min(best, time.process_time() - start)
    return best
