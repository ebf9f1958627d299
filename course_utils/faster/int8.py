"""Weights of one byte for the lean loop, where the processor multiplies them fast.

A weight is stored as round(w / scale) with one scale a row, so a token reads a quarter
of the bytes. Whether that is faster depends on the processor and on the torch build:
the operations used are private, so each stands behind a probe that compares its result
with a known one, and `quickest_product` measures before it believes.
"""

from collections.abc import Callable, Iterable
from functools import cache, partial

import torch
from jaxtyping import Float
from torch import Tensor

from course_utils.faster.lean import Product, plain_product
from course_utils.faster.routes import int8_rows
from course_utils.measure import least_seconds
from course_utils.smaller.int8 import dequantize, quantize, symmetric_scale
from course_utils.smaller.kernels import pack_int8, packed_bits

__all__ = [
    "int8_both_product",
    "int8_weight_product",
    "quickest_product",
    "weight_kernel_works",
]


def int8_weight_product(
    weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"]
) -> Product:
    """Return a product with int8 weights and bfloat16 activations.

    Where torch lacks the operation, the weights are rounded alike but float32 is used:
    the same answers, no gain. Activations keep 8 bits of precision.
    """
    weight, bias = weight.detach(), bias.detach().clone()
    scale = symmetric_scale(weight, dim=-1)
    steps = quantize(weight, scale)
    if not weight_kernel_works():
        return plain_product(dequantize(steps, scale), bias)
    scale = scale.flatten().bfloat16()

    def product(x: Tensor, out: Tensor | None = None) -> Tensor:
        y = torch._weight_int8pack_mm(x.bfloat16(), steps, scale)
        return torch.add(bias, y, out=out)

    return product


def int8_both_product(
    weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"]
) -> Product:
    """Return a product of int8 weights and activations, rounded as they come.

    The activations of all rows of a call share one scale. Fallback as in
    `int8_weight_product`.
    """
    steps, scale = int8_rows(weight.detach())
    if not packed_bits():
        return plain_product(dequantize(steps, scale), bias.detach())
    packed = pack_int8(steps, scale, bias.detach().float())
    multiply = torch.ops.quantized.linear_dynamic

    def product(x: Tensor, out: Tensor | None = None) -> Tensor:
        y = multiply(x, packed, False)
        return y if out is None else out.copy_(y)

    return product


@cache
def weight_kernel_works() -> bool:
    """Say whether torch's product with int8 weights is here and computes rightly.

    Its result must be within 3 % of float32 with the same rounded weights.
    """
    dice = torch.Generator().manual_seed(0)
    weight, x = (torch.randn(n, 64, generator=dice) for n in (96, 1))
    scale = symmetric_scale(weight, dim=-1)
    steps = quantize(weight, scale)
    expected = x @ dequantize(steps, scale).T
    try:
        rows = scale.flatten().bfloat16()
        got = torch._weight_int8pack_mm(x.bfloat16(), steps, rows)
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    return bool((got.float() - expected).norm() <= 0.03 * expected.norm())


def quickest_product(
    among: Iterable[Callable] = (plain_product, int8_weight_product, int8_both_product),
) -> Callable:
    """Return a maker of products that times those given, weight by weight.

    Each weight gets the product that took the least time for one row; the first is
    kept unless another is at least 5 % faster.
    """
    among = tuple(among)

    def make(weight: Tensor, bias: Tensor) -> Product:
        x = torch.randn(1, weight.shape[1]).to(weight)
        products = [maker(weight, bias) for maker in among]
        with torch.inference_mode():
            times = least_seconds([partial(one, x) for one in products], calls=20)
        times[0] *= 0.95
        return products[times.index(min(times))]

    return make
