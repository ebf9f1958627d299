"""Int8 weights: rounded to the step, right on every path, never a slower choice."""

import pytest
import torch
import torch.nn.functional as F

from course_utils.faster import int8
from course_utils.faster.int8 import (
    int8_both_product,
    int8_bytes,
    int8_weight_product,
    quickest_product,
    rows_to_int8,
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


def test_a_row_by_hand():
    steps, scale = rows_to_int8(torch.tensor([[1.27, -0.64, 0.0], [0.0, 0.0, 0.0]]))
    assert steps.tolist() == [[127, -64, 0], [0, 0, 0]]
    assert_same(scale, torch.tensor([0.01, 1.0]))


def test_no_weight_is_off_by_more_than_half_a_step():
    weight, _ = weights()
    steps, scale = rows_to_int8(weight)
    gap = (steps * scale[:, None] - weight).abs()
    assert (gap <= 0.5001 * scale[:, None]).all()
    assert steps.abs().amax(dim=1).eq(127).all()


def test_bytes_are_counted_to_the_last_scale():
    weight, bias = weights(5, 7)
    steps, scale = rows_to_int8(weight)
    assert int8_bytes(weight, bias) == steps.nbytes + scale.nbytes + bias.nbytes == 75


@pytest.mark.parametrize("here", [True, False], ids=["fast", "fallback"])
@pytest.mark.parametrize("kind", MAKERS)
def test_a_product_is_near_the_float_one(kind, here, monkeypatch):
    if not here:
        monkeypatch.setattr(int8, "works", lambda kind: False)
    weight, bias = weights()
    x = torch.randn(1, 32, generator=torch.Generator().manual_seed(4))
    expected, place = F.linear(x, weight, bias), torch.zeros(1, 48)
    product = MAKERS[kind](weight, bias)
    got = product(x)
    assert got.dtype == x.dtype
    assert (got - expected).norm() < 0.02 * expected.norm()
    product(x, out=place)
    assert_same(place, got)


def test_an_operation_that_computes_wrongly_is_not_used(monkeypatch):
    int8.works.cache_clear()
    monkeypatch.setattr(torch, "_weight_int8pack_mm", lambda x, w, s: x @ w.T.to(x))
    assert int8.works("weight") is False
    int8.works.cache_clear()


def test_a_missing_operation_is_not_used(monkeypatch):
    def missing(*_):
        raise NotImplementedError

    int8.works.cache_clear()
    monkeypatch.setattr(int8, "_packed", missing)
    assert int8.works("both") is False
    int8.works.cache_clear()


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind='bits' is not one of"):
        int8.works("bits")


def test_the_quickest_product_is_chosen():
    weight, bias = weights()

    def slow(weight, bias):
        quick = plain_product(weight, bias)
        return lambda x, out=None: [quick(x, out) for _ in range(30)][-1]

    x = torch.randn(1, 32)
    chosen = quickest_product((slow, plain_product), seconds=0.002)(weight, bias)
    assert_same(chosen(x), F.linear(x, weight, bias))
    assert "slow" not in chosen.__qualname__


@pytest.mark.parametrize("kind", MAKERS)
def test_a_text_goes_on_almost_alike(kind):
    model = model_of(LanguageModel, CONFIG)
    lean = LeanText(model, MAKERS[kind])
    assert len(lean(ids(1, 3)[0].tolist(), 5, end_id=-1)) == 8
