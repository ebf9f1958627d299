"""Every route to a matrix product gives the plain product's numbers."""

import pytest
import torch

from course_utils.faster import routes
from course_utils.faster.routes import (
    blocked_linear,
    fast_linear,
    int8_route,
    plain_linear,
    smooth_int8_route,
)
from tests.tolerances import assert_same


def drawn(N=13, C=24, rows=5):
    dice = torch.Generator().manual_seed(4)
    return [torch.randn(*size, generator=dice) for size in ((N, C), (N,), (rows, C))]


def relative(got, expected):
    return ((got - expected).norm() / expected.norm()).item()


@pytest.mark.parametrize("make", [plain_linear, fast_linear, blocked_linear])
@pytest.mark.parametrize("with_bias", [True, False])
def test_exact_routes(make, with_bias):
    weight, bias, x = drawn()
    bias = bias if with_bias else None
    route = make(weight, bias)
    if route is None:
        assert make is blocked_linear  # a torch without oneDNN
        return
    with torch.inference_mode():
        assert_same(route(x), torch.nn.functional.linear(x, weight, bias))


def test_int8_is_close_with_and_without_the_packed_kernel(monkeypatch):
    weight, bias, x = drawn()
    expected = x @ weight.T + bias
    assert relative(int8_route(weight, bias)(x), expected) < 0.02
    monkeypatch.setattr(routes, "packed_int8_linear", lambda *arguments: None)
    assert relative(int8_route(weight, bias)(x), expected) < 0.02


def test_smoothing_saves_what_an_outlying_channel_would_cost():
    weight, bias, x = drawn()
    x[:, 3] *= 300
    weight[:, 3] /= 300
    expected = x @ weight.T + bias
    smooth = smooth_int8_route(weight, bias, x.abs().amax(dim=0))
    assert (
        relative(smooth(x), expected)
        < relative(int8_route(weight, bias)(x), expected) / 4
    )


def test_a_route_that_is_missing_leaves_the_plain_one(monkeypatch):
    weight, bias, x = drawn()
    monkeypatch.setattr(routes, "blocked_linear", lambda *arguments: None)
    routes.blocks_pay.cache_clear()
    assert_same(fast_linear(weight, bias)(x), plain_linear(weight, bias)(x))
    routes.blocks_pay.cache_clear()
