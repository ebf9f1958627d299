"""Attention equals torch's, values and gradients, and never looks where it may not."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.attention import (
    attention_weights,
    causal_mask,
    scaled_dot_product_attention,
)
from tests.oracles import DTYPES, assert_same_trace, draw, keep, trace
from tests.tolerances import assert_same

B, H, T, S, D, E = 3, 4, 5, 7, 8, 6

MASKS = {
    "none": None,
    "padding": keep(B, 1, 1, S, seed=1),
    "causal": torch.ones(T, S).tril().bool(),
    "both": torch.ones(T, S).tril().bool() & keep(B, 1, 1, S, seed=2),
    "per query": keep(T, S, seed=3),
    "per head": keep(H, T, S, seed=4),
    "per head and row": keep(B, H, T, S, seed=5),
    "keys only": keep(S, seed=6),
    "a row without keys": keep(T, S, seed=7) & (torch.arange(T) != 2)[:, None],
    "a text without keys": torch.arange(B).view(B, 1, 1, 1).expand(B, 1, 1, S) != 1,
    "nothing": torch.zeros(T, S, dtype=torch.bool),
}


def qkv(*batch, dtype=torch.float32):
    shapes = [(*batch, T, D), (*batch, S, D), (*batch, S, E)]
    return [draw(*s, seed=seed, dtype=dtype) for seed, s in enumerate(shapes, 11)]


def check_against_torch(attention, mask, dtype=torch.float64, batch=(B, H)):
    """Demand torch's values and gradients of the three inputs."""
    inputs = qkv(*batch, dtype=dtype)
    matrix = mask if mask is None else torch.atleast_2d(mask)
    theirs = trace(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, matrix), *inputs
    )
    ours = trace(lambda q, k, v: attention(q, k, v, mask), *inputs)
    assert_same_trace(ours, theirs)


# --- equal to torch ----------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_equals_torch(mask, dtype):
    check_against_torch(scaled_dot_product_attention, mask, dtype)


@pytest.mark.parametrize("batch", [(), (B,), (2, B, H)], ids=str)
def test_any_number_of_leading_axes(batch):
    check_against_torch(scaled_dot_product_attention, MASKS["causal"], batch=batch)


def test_one_query_by_hand():
    q, k = torch.tensor([[2.0, 0.0]]), torch.tensor([[math.sqrt(2), 5.0], [0.0, 3.0]])
    weights = attention_weights(q, k)
    assert_same(weights, torch.tensor([[math.e**2, 1.0]]) / (math.e**2 + 1))
    v = torch.tensor([[10.0, 0.0, 1.0], [0.0, 10.0, 1.0]])
    assert_same(scaled_dot_product_attention(q, k, v), weights @ v)


def test_equals_a_loop():
    q, k, v = qkv(dtype=torch.float64)
    mask = MASKS["per query"]
    expected = torch.zeros(T, E, dtype=torch.float64)
    for t in range(T):
        seen = [s for s in range(S) if mask[t, s]]
        scores = [math.exp(q[t].dot(k[s]).item() / math.sqrt(D)) for s in seen]
        for score, s in zip(scores, seen, strict=True):
            expected[t] += score / sum(scores) * v[s]
    assert_same(scaled_dot_product_attention(q, k, v, mask), expected)


# --- laws --------------------------------------------------------------------------


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_weights_are_an_average_of_what_may_be_seen(mask):
    q, k, _ = qkv(B, H)
    weights = attention_weights(q, k, mask)
    allowed = torch.ones(T, S, dtype=torch.bool) if mask is None else mask
    allowed = allowed.expand_as(weights)
    assert (weights >= 0).all()
    assert (weights[~allowed] == 0).all()
    assert_same(weights.sum(-1), allowed.any(-1).float())


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**30), st.integers(1, 9), st.integers(1, 9), st.floats(-9, 9))
def test_adding_a_constant_to_a_row_of_scores_changes_nothing(seed, T, S, shift):
    q = draw(T, 3, seed=seed, dtype=torch.float64)
    k = draw(S, 3, seed=seed + 1, dtype=torch.float64)
    # One more channel adds shift to every score, if the √D stays the same.
    longer = torch.cat([q * math.sqrt(4 / 3), torch.full((T, 1), 2 * shift)], dim=1)
    ones = torch.cat([k, torch.ones(S, 1, dtype=torch.float64)], dim=1)
    mask = keep(T, S, seed=seed)
    assert_same(attention_weights(longer, ones, mask), attention_weights(q, k, mask))


def test_reordering_the_keys_changes_nothing():
    q, k, v = qkv(B, H, dtype=torch.float64)
    order, mask = torch.tensor([3, 0, 6, 2, 5, 1, 4]), MASKS["per head and row"]
    assert_same(
        scaled_dot_product_attention(
            q, k[..., order, :], v[..., order, :], mask[..., order]
        ),
        scaled_dot_product_attention(q, k, v, mask),
    )


def test_no_gradient_from_a_query_to_a_hidden_key():
    q, k, v = qkv(B, H)
    k.requires_grad_(), v.requires_grad_()
    mask = causal_mask(S)[:T]
    for t in range(T):
        out = scaled_dot_product_attention(q, k, v, mask)[..., t, :].sum()
        for gradient in torch.autograd.grad(out, [k, v]):
            assert (gradient[..., t + 1 :, :] == 0).all()
            assert t == 0 or (gradient[..., t, :] != 0).any()


# --- stress ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        (torch.float64, 1000),
        (torch.float32, 1),
        (torch.float32, 1000),
        (torch.bfloat16, 1000),
        (torch.float16, 1),
    ],
    ids=str,
)
def test_a_query_without_keys_returns_zeros_and_finite_gradients(dtype, size):
    inputs = [size * x for x in qkv(B, H, dtype=dtype)]
    mask = MASKS["a row without keys"]
    result = trace(lambda q, k, v: scaled_dot_product_attention(q, k, v, mask), *inputs)
    assert result.output.dtype == dtype
    assert (result.output[..., 2, :] == 0).all()
    assert (result.inputs["input 0"][..., 2, :] == 0).all()
    assert all(gradient.isfinite().all() for gradient in result.inputs.values())


def test_huge_scores_pick_one_key():
    q, k, v = qkv(B, H)
    for mask in (None, MASKS["per head"]):
        weights = attention_weights(1000 * q, 1000 * k, mask)
        assert_same(weights.max(dim=-1).values, torch.ones(B, H, T))
        assert (1000 * scaled_dot_product_attention(q, k, v, mask)).isfinite().all()


def test_inputs_stay_as_they_are():
    inputs = qkv(B, H)
    before = [x.clone() for x in inputs]
    mask = MASKS["per head"].clone()
    scaled_dot_product_attention(*inputs, mask)
    assert all(map(torch.equal, inputs, before))
    assert torch.equal(mask, MASKS["per head"])


# --- the causal mask ---------------------------------------------------------------


def test_causal_mask_by_a_loop():
    expected = [[s <= t for s in range(T)] for t in range(T)]
    assert causal_mask(T).tolist() == expected
    assert causal_mask(1).tolist() == [[True]]


def test_causal_mask_goes_to_the_device_asked_for():
    assert causal_mask(T, device=torch.device("meta")).device.type == "meta"


# --- the comparison bites ----------------------------------------------------------


def softmax_scores(q, k, mask, dim=-1, scale=None):
    scores = q @ k.transpose(-2, -1) * (D**-0.5 if scale is None else scale)
    return scores.masked_fill(~mask, -1e9).softmax(dim)


def mask_after_softmax(q, k, v, mask):
    weights = (q @ k.transpose(-2, -1) / math.sqrt(D)).softmax(-1)
    return weights.masked_fill(~mask, 0) @ v


def zero_instead_of_minus_infinity(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)
    return scores.masked_fill(~mask, 0).softmax(-1) @ v


FAULTS = {
    "scale missing": lambda q, k, v, m: softmax_scores(q, k, m, scale=1) @ v,
    "scaled by D": lambda q, k, v, m: softmax_scores(q, k, m, scale=1 / D) @ v,
    "scaled by √E": lambda q, k, v, m: softmax_scores(q, k, m, scale=E**-0.5) @ v,
    "mask inverted": lambda q, k, v, m: softmax_scores(q, k, ~m) @ v,
    "mask ignored": lambda q, k, v, m: softmax_scores(q, k, m | True) @ v,
    "mask after softmax": mask_after_softmax,
    "hidden scores set to 0": zero_instead_of_minus_infinity,
    "softmax over the queries": lambda q, k, v, m: softmax_scores(q, k, m, dim=-2) @ v,
    "no gradient to the keys": lambda q, k, v, m: (
        softmax_scores(q, k.detach() + 0 * k, m) @ v
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(fault):
    with pytest.raises(AssertionError, match="is not the same"):
        check_against_torch(fault, MASKS["per head and row"])


def test_only_rows_without_keys_tell_a_plain_softmax_from_ours():
    def plain(q, k, v, mask):
        return softmax_scores(q, k, mask) @ v

    check_against_torch(plain, MASKS["per head and row"])
    with pytest.raises(AssertionError, match="is not the same"):
        check_against_torch(plain, MASKS["a row without keys"])
