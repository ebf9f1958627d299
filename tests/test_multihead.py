"""Multi-head attention equals torch's, with copied weights and converted masks."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import multihead
from course_utils.attention import causal_mask
from course_utils.interop import from_torch
from course_utils.multihead import MultiHeadAttention, merge_heads, split_heads
from tests.oracles import DTYPES, assert_same_trace, carried, draw, keep, trace
from tests.tolerances import assert_same

B, T, S, H, D = 3, 5, 7, 4, 6
C = H * D

PADDING = keep(B, S, seed=1)
# Ours: True may attend, (B, H, T, S). torch's: True is hidden, keys and scores apart.
MASKS = {
    "none": (None, {}),
    "padding": (PADDING[:, None, None, :], {"key_padding_mask": ~PADDING}),
    "per query": (keep(T, S, seed=2), {"attn_mask": ~keep(T, S, seed=2)}),
    "per head": (
        keep(B, H, T, S, seed=3),
        {"attn_mask": ~keep(B, H, T, S, seed=3).flatten(0, 1)},
    ),
    "both": (
        PADDING[:, None, None, :] & keep(T, S, seed=4),
        {"key_padding_mask": ~PADDING, "attn_mask": ~keep(T, S, seed=4)},
    ),
}


def check_against_torch(mask="both", dtype=torch.float64, ours=None):
    """Demand torch's values and gradients: both inputs, all weights."""
    mask, converted = MASKS[mask]
    theirs = nn.MultiheadAttention(C, H, batch_first=True, dtype=dtype)
    ours, theirs = carried(ours or MultiHeadAttention(C, H), theirs, from_torch)
    x, source = draw(B, T, C, dtype=dtype), draw(B, S, C, seed=1, dtype=dtype)
    expected = trace(
        lambda x, source: theirs(x, source, source, **converted)[0],
        *(x, source),
        module=theirs,
    )
    result = trace(lambda x, source: ours(x, source, mask), x, source, module=ours)
    assert_same_trace(result, expected, from_torch)


# --- heads -------------------------------------------------------------------------


def test_head_h_holds_channels_h_d_to_h_plus_1_d():
    x = draw(B, T, C)
    heads = split_heads(x, H)
    assert heads.shape == (B, H, T, D)
    for h in range(H):
        assert torch.equal(heads[:, h], x[:, :, h * D : (h + 1) * D])


def test_merge_undoes_split():
    x = draw(B, T, C)
    assert torch.equal(merge_heads(split_heads(x, H)), x)


@pytest.mark.no_typecheck
def test_heads_must_divide_the_width():
    message = r"^d_model=30 is not divisible by n_heads=4; .* for example 32$"
    with pytest.raises(ValueError, match=message):
        split_heads(draw(B, T, 30), 4)
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(30, 4)


# --- equal to torch ----------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("mask", MASKS)
def test_cross_attention_equals_torch(mask, dtype):
    check_against_torch(mask, dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("padded", [False, True])
def test_self_attention_equals_torch(padded, dtype):
    theirs = nn.MultiheadAttention(C, H, batch_first=True, dtype=dtype)
    ours, theirs = carried(MultiHeadAttention(C, H), theirs, from_torch)
    padding = PADDING if padded else torch.ones(B, S, dtype=torch.bool)
    mask = causal_mask(S) & padding[:, None, None, :]
    hide = {"key_padding_mask": ~padding, "attn_mask": ~causal_mask(S)}
    x = draw(B, S, C, dtype=dtype)
    expected = trace(lambda x: theirs(x, x, x, **hide)[0], x, module=theirs)
    result = trace(lambda x: ours(x, x, mask), x, module=ours)
    assert_same_trace(result, expected, from_torch)


def test_one_head_is_plain_attention():
    ours = MultiHeadAttention(C, 1)
    x, source = draw(B, T, C), draw(B, S, C, seed=1)
    q, k, v = ours.q_proj(x), ours.k_proj(source), ours.v_proj(source)
    expected = ours.out_proj(F.scaled_dot_product_attention(q, k, v))
    assert_same(ours(x, source).detach(), expected.detach())


def test_a_query_that_sees_nothing_gets_the_bias_alone():
    ours = MultiHeadAttention(C, H)
    out = ours(draw(B, T, C), draw(B, S, C), torch.zeros(T, S, dtype=torch.bool))
    assert_same(out.detach(), ours.out_proj.bias.detach().expand(B, T, C))


# --- parts -------------------------------------------------------------------------


def test_project_gives_queries_of_x_and_keys_and_values_of_source():
    ours = MultiHeadAttention(C, H)
    q, k, v = ours.project(draw(B, T, C), draw(B, S, C))
    assert [part.shape for part in (q, k, v)] == [(B, H, T, D), *[(B, H, S, D)] * 2]


def test_the_attention_function_can_be_swapped():
    ours = MultiHeadAttention(C, H)
    x, source, mask = draw(B, T, C), draw(B, S, C, seed=1), keep(T, S)
    by_hand = ours(x, source, mask).detach()
    ours.attention = F.scaled_dot_product_attention
    assert_same(ours(x, source, mask).detach(), by_hand)
    seen = []

    def spy(q, k, v, mask):
        seen.append((q.shape, k.shape, v.shape, mask))
        return torch.zeros_like(q)

    ours.attention = spy
    ours(x, source)
    assert seen == [((B, H, T, D), (B, H, S, D), (B, H, S, D), None)]


def test_weights_are_four_plain_linears():
    names = [f"{part}_proj.{kind}" for part in ("q", "k", "v", "out")
             for kind in ("weight", "bias")]  # fmt: skip
    ours = MultiHeadAttention(C, H)
    assert list(ours.state_dict()) == names
    assert sum(p.numel() for p in ours.parameters()) == 4 * C * (C + 1)


# --- the comparison bites ----------------------------------------------------------


def view_without_transpose(x, n_heads):
    B, T, C = x.shape
    return x.reshape(B, n_heads, T, C // n_heads)


def heads_interleaved(x, n_heads):
    return x.unflatten(-1, (-1, n_heads)).movedim(-1, 1)


def heads_reversed(x, n_heads):
    return split_heads(x, n_heads).flip(1)


def no_transpose_back(x):
    B, H, T, D = x.shape
    return x.reshape(B, T, H * D)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("split_heads", view_without_transpose),
        ("split_heads", heads_interleaved),
        ("split_heads", heads_reversed),
        ("merge_heads", no_transpose_back),
    ],
)
def test_a_planted_fault_in_the_heads_is_found(monkeypatch, name, fault):
    monkeypatch.setattr(multihead, name, fault)
    with pytest.raises(AssertionError, match="is not the same"):
        check_against_torch()


def keys_and_values_exchanged(self, x, source):
    q, k, v = MultiHeadAttention.project(self, x, source)
    return q, v, k


def keys_that_are_values(self, x, source):
    q, _, v = MultiHeadAttention.project(self, x, source)
    return q, v, v


def scaled_by_the_whole_width(q, k, v, mask):
    return F.scaled_dot_product_attention(q, k, v, mask, scale=C**-0.5)


@pytest.mark.parametrize("fault", [keys_and_values_exchanged, keys_that_are_values])
def test_a_planted_fault_in_the_projections_is_found(fault):
    ours = MultiHeadAttention(C, H)
    ours.project = fault.__get__(ours)
    with pytest.raises(AssertionError, match="is not the same"):
        check_against_torch(ours=ours)


def test_a_planted_fault_in_the_scale_is_found():
    ours = MultiHeadAttention(C, H, scaled_by_the_whole_width)
    with pytest.raises(AssertionError, match="is not the same"):
        check_against_torch(ours=ours)
