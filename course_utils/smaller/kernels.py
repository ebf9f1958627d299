"""Multiply integers fast where this machine can, and right everywhere.

The fast routes are private operations of torch, which may vanish, be slow on one
processor or saturate on another. Each is probed once, on numbers whose product is
known, before anything relies on it; the plain route always exists.
"""

import warnings
from collections.abc import Callable
from functools import cache

import torch
from jaxtyping import Float, Int8, Int32
from torch import Tensor

from course_utils.measure import least_seconds

__all__ = [
    "int8_matmul",
    "pack_int8",
    "packed_bits",
    "packed_int8_linear",
    "plain_int8_matmul",
    "top_level",
]

EXACT = 1024  # terms of at most 128 · 128 whose sum float32 holds exactly (2^24)


def plain_int8_matmul(
    a: Int8[Tensor, "T C"], b: Int8[Tensor, "N C"]
) -> Int32[Tensor, "T N"]:
    """Return a @ b.T, exactly, by a matrix product of floats that hold integers.

    A float32 holds every integer up to 2^24, so up to 1024 products of bytes add up
    without rounding, in any order; wider rows are cut in pieces.
    """
    pieces = zip(a.split(EXACT, dim=1), b.split(EXACT, dim=1), strict=True)
    return sum((x.float() @ y.float().T).int() for x, y in pieces)


def int8_matmul(a: Int8[Tensor, "T C"], b: Int8[Tensor, "N C"]) -> Int32[Tensor, "T N"]:
    """Return a @ b.T in 32-bit integers, by torch's integer kernel where it pays.

    Cost: T N C multiplications of bytes, four or more to a 32-bit lane.
    """
    if _integer_kernel_pays(a.device.type):
        return torch._int_mm(a, b.T)
    return plain_int8_matmul(a, b)


def _bytes(*shape: int, seed: int = 0) -> Int8[Tensor, "..."]:
    dice = torch.Generator().manual_seed(seed)
    return torch.randint(-128, 128, shape, generator=dice).to(torch.int8)


@cache
def _integer_kernel_pays(device: str) -> bool:
    """Say whether torch's private kernel is right here, and not slower than floats."""
    try:
        for T, C, N in [(1, 5, 3), (17, 64, 24), (33, 40, 7), (64, 512, 512)]:
            a, b = _bytes(T, C).to(device), _bytes(N, C, seed=1).to(device)
            plain = plain_int8_matmul(a, b)
            if not torch.equal(torch._int_mm(a, b.T), plain):
                return False
    except (AttributeError, RuntimeError):
        return False
    ways = [lambda: torch._int_mm(a, b.T), lambda: plain_int8_matmul(a, b)]
    fast, slow = least_seconds(ways)
    return fast <= slow


def packed_int8_linear(
    weight: Int8[Tensor, "N C"],
    scale: Float[Tensor, "N 1"],
    bias: Float[Tensor, " N"] | None = None,
) -> Callable[[Float[Tensor, "*batch C"]], Float[Tensor, "*batch N"]] | None:
    """Return a fast function of x, a scale for each token; None where there is none.

    torch's older integer kernel packs the weight once and has one scale for all of
    x, so each row is first brought to a largest entry of 1. On a processor whose
    8-bit sums saturate, activations get 7 bits, unless no weight is beyond `top_level`.
    """
    bits = packed_bits() if weight.device.type == "cpu" else 0
    if bits == 7 and weight.abs().max() <= top_level():
        bits = 8
    if not bits:
        return None
    packed = pack_int8(weight, scale)

    def linear(x: Float[Tensor, "*batch C"]) -> Float[Tensor, "*batch N"]:
        size = x.abs().amax(dim=-1, keepdim=True).clamp(min=1e-30)
        out = torch.ops.quantized.linear_dynamic(x / size, packed, bits == 7)
        out = out.mul_(size)
        return out if bias is None else out.add_(bias)

    return linear


def top_level() -> int:
    """Return the largest weight with which no sum of the packed kernel saturates.

    Where two products share 16 bits, 255 · 63 · 2 is the most that fits.
    """
    return 63 if packed_bits() == 7 else 127


def pack_int8(
    weight: Int8[Tensor, "N C"],
    scale: Float[Tensor, "N 1"],
    bias: Float[Tensor, " N"] | None = None,
) -> object:
    """Return the weight as `torch.ops.quantized.linear_dynamic` wants it.

    Raises:
        AttributeError, RuntimeError: this torch has no such kernel; see `packed_bits`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch announces the end of these tensors
        rows, zero = scale.flatten().double(), torch.zeros(len(scale), dtype=torch.long)
        q = torch._make_per_channel_quantized_tensor(weight, rows, zero, 0)
        return torch.ops.quantized.linear_prepack(q, bias)


@cache
def packed_bits() -> int:
    """Return the most activation bits with which the packed kernel is right, or 0."""
    # All large and of one sign: where two products share 16 bits, this overflows.
    x, weight = torch.ones(3, 64), torch.full((5, 64), 127, dtype=torch.int8)
    expected = torch.full((3, 5), 64.0)
    for bits in (8, 7):
        try:
            packed = pack_int8(weight, torch.full((5, 1), 1 / 127))
            out = torch.ops.quantized.linear_dynamic(x, packed, bits == 7)
        except (AttributeError, RuntimeError):
            return 0
        if torch.allclose(out, expected, rtol=0.02):
            return bits
    return 0
