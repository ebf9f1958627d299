"""Int8 weights: right on every path, never a slower choice."""

import pytest
import torch
import torch.nn.functional as F

from course_utils.faster import int8
from course_utils.faster.int8 import (
    int8_both_product,
    int8_weight_product,
    quickest_product,
    weight_kernel_works,
)
from course_utils.faster.lean import LeanText, plain_product
from course_utils.transformer import LanguageModel
from tests.faster.test_cache import CONFIG, ids, model_of
from tests.tolerances import assert_same

MAKERS = {"weight": int8_weight_product, "both": int8_both_product}


def weights(outputs=48, inputs=32):
    dice = torch.Generator().manual_seed(3)
    weight, bias = (torch.randn(n, generator=dice) for n in (outputs * inputs, outputs))
    return weight.view(outputs, inputs), bias


@pytest.mark.parametrize("here", [True, False], ids=["fast", "fallback"])
@pytest.mark.parametrize("kind", MAKERS)
def test_a_product_is_near_the_float_one(kind, here, monkeypatch):
    if not here:
        monkeypatch.setattr(int8, "weight_kernel_works", lambda: False)
        monkeypatch.setattr(int8, "packed_bits", lambda: 0)
    weight, bias = weights()
    x = torch.randn(1, 32, generator=torch.Generator().manual_seed(4))
    expected, place = F.linear(x, weight, bias), torch.zeros(1, 48)
    product = MAKERS[kind](weight, bias)
    got = product(x)
    assert got.dtype == x.dtype
    assert (got - expected).norm() < 0.02 * expected.norm()
    product(x, out=place)
    assert_same(place, got)


def wrong(x, weight, scale):
    return x @ weight.T.to(x)


def missing(*_):
    raise NotImplementedError


@pytest.mark.parametrize("kernel", [wrong, missing])
def test_an_operation_that_is_wrong_or_missing_is_not_used(kernel, monkeypatch):
    weight_kernel_works.cache_clear()
    monkeypatch.setattr(torch, "_weight_int8pack_mm", kernel)
    assert weight_kernel_works() is False
    weight_kernel_works.cache_clear()


def test_the_quickest_product_is_chosen():
    weight, bias = weights()

    def slow(weight, bias):
        quick = plain_product(weight, bias)
        return lambda x, out=None: [quick(x, out) for _ in range(30)][-1]

    x = torch.randn(1, 32)
    chosen = quickest_product((slow, plain_product))(weight, bias)
    assert_same(chosen(x), F.linear(x, weight, bias))
    assert "slow" not in chosen.__qualname__


@pytest.mark.parametrize("kind", MAKERS)
def test_a_text_goes_on_almost_alike(kind):
    model = model_of(LanguageModel, CONFIG)
    lean = LeanText(model, MAKERS[kind])
    assert len(lean(ids(1, 3)[0].tolist(), 5, end_id=-1)) == 8
