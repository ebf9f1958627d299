"""Integer products: exact by every route, and a route that fails is not taken."""

import pytest
import torch
import torch.nn.functional as F

from course_utils.smaller import kernels
from course_utils.smaller.int8 import dequantize, quantize, symmetric_scale
from course_utils.smaller.kernels import (
    int8_matmul,
    packed_int8_linear,
    plain_int8_matmul,
)
from tests.oracles import draw

SIZES = [(1, 5, 3), (7, 64, 11), (3, 1024, 5), (2, 2500, 9)]


@pytest.fixture(autouse=True)
def _fresh_probes():
    """Probe anew before and after each test."""
    for probe in (kernels._integer_kernel_pays, kernels.packed_bits):
        probe.cache_clear()
    yield
    for probe in (kernels._integer_kernel_pays, kernels.packed_bits):
        probe.cache_clear()


def integers(*shape, seed):
    dice = torch.Generator().manual_seed(seed)
    return torch.randint(-128, 128, shape, generator=dice).to(torch.int8)


@pytest.mark.parametrize(("T", "C", "N"), SIZES)
def test_the_product_is_exact(T, C, N):
    a, b = integers(T, C, seed=0), integers(N, C, seed=1)
    expected = (a.long() @ b.long().T).int()
    assert torch.equal(plain_int8_matmul(a, b), expected)
    assert torch.equal(int8_matmul(a, b), expected)


def test_the_largest_sum_is_exact():
    a = torch.full((2, 1500), -128, dtype=torch.int8)
    assert plain_int8_matmul(a, a).unique().tolist() == [128 * 128 * 1500]


def wrong(a, b):
    return (a.int() @ b.int()) + 1


def missing(*arguments):
    raise RuntimeError("not implemented on this machine")


@pytest.mark.parametrize("kernel", [wrong, missing])
def test_a_kernel_that_is_wrong_or_absent_is_not_used(monkeypatch, kernel):
    monkeypatch.setattr(torch, "_int_mm", kernel)
    a, b = integers(4, 9, seed=2), integers(6, 9, seed=3)
    assert torch.equal(int8_matmul(a, b), plain_int8_matmul(a, b))


def test_the_packed_kernel_agrees_with_floats():
    weight, bias = draw(11, 64, seed=4), draw(11, seed=5)
    x = draw(2, 7, 64) * torch.tensor([1.0, 100.0]).view(2, 1, 1)
    scale = symmetric_scale(weight, -1)
    q = quantize(weight, scale)
    linear = packed_int8_linear(q, scale, bias)
    if linear is None:
        assert kernels.packed_bits() == 0
        return
    expected = F.linear(x, dequantize(q, scale), bias)
    error = (linear(x) - expected).norm(dim=-1) / expected.norm(dim=-1)
    assert linear(x).shape == expected.shape
    assert error.max() < 0.03  # a row's own scale: the loud half does not hurt


def test_without_the_packed_kernel_there_is_none(monkeypatch):
    monkeypatch.setattr(kernels, "pack_int8", missing)
    q = integers(3, 8, seed=6)
    assert packed_int8_linear(q, torch.ones(3, 1)) is None
