"""Positions: each formula against an independent loop, each law on random numbers."""

import cmath
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.positions import (
    LearnedPositions,
    SinusoidalPositions,
    alibi_bias,
    apply_rope,
    sinusoid_table,
)
from tests.oracles import DTYPES, draw
from tests.tolerances import assert_same

B, T, H, D, C = 3, 5, 4, 6, 10
LONG = 2000

# --- sinusoids ---------------------------------------------------------------------


def sinusoid_by_a_loop(max_len, d_model):
    rows = []
    for position in range(max_len):
        row = []
        for channel in range(d_model):
            pair = channel // 2
            angle = position / 10000 ** (2 * pair / d_model)
            row.append(math.cos(angle) if channel % 2 else math.sin(angle))
        rows.append(row)
    return torch.tensor(rows)


@pytest.mark.parametrize("max_len", [1, T, LONG])
@pytest.mark.parametrize("d_model", [2, C, 16])
def test_sinusoid_equals_the_formula(max_len, d_model):
    expected = sinusoid_by_a_loop(max_len, d_model)
    table = sinusoid_table(max_len, d_model)
    assert (table - expected).abs().max() <= 6e-8  # half a step of float32


def test_sinusoid_starts_with_zeros_and_ones():
    assert sinusoid_table(2, 4)[0].tolist() == [0, 1, 0, 1]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 50), st.integers(0, 50))
def test_a_shift_is_the_same_rotation_for_every_position(position, shift):
    table = sinusoid_table(101, C).double()
    for pair in range(C // 2):
        sin, cos = table[position, 2 * pair : 2 * pair + 2].tolist()
        turned = complex(cos, sin) * cmath.exp(1j * shift / 10000 ** (2 * pair / C))
        there = table[position + shift, 2 * pair : 2 * pair + 2].tolist()
        assert there == pytest.approx([turned.imag, turned.real], abs=1e-6)


@pytest.mark.parametrize("kind", [SinusoidalPositions, LearnedPositions])
@pytest.mark.parametrize("dtype", [*DTYPES, torch.bfloat16], ids=str)
def test_positions_are_added_row_by_row(kind, dtype):
    positions, x = kind(C, 8).to(dtype), draw(B, T, C, dtype=dtype)
    assert positions(x).dtype == dtype
    for t in range(T):
        row = (x[:, t] + positions.table[t]).detach()
        assert_same(positions(x)[:, t].detach(), row)


def test_only_learned_positions_are_weights():
    assert list(LearnedPositions(C, 8).state_dict()) == ["table"]
    assert LearnedPositions(C, 8).table.requires_grad
    assert SinusoidalPositions(C, 8).state_dict() == {}


@pytest.mark.no_typecheck
@pytest.mark.parametrize("kind", [SinusoidalPositions, LearnedPositions])
def test_a_text_that_is_too_long_is_refused(kind):
    assert kind(C, T)(draw(B, T, C)).shape == (B, T, C)
    message = (
        "the text has 5 tokens, but max_len=4; shorten the text or build the model "
        "with max_len=5 or more"
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        kind(C, 4)(draw(B, T, C))


@pytest.mark.no_typecheck
def test_an_odd_width_is_refused():
    with pytest.raises(ValueError, match=r"^d_model=7 is odd; choose 8$"):
        sinusoid_table(T, 7)
    message = "^the head width 7 is odd; rotation needs pairs of channels$"
    with pytest.raises(ValueError, match=message):
        apply_rope(draw(T, 7), torch.arange(T))


def test_the_sinusoid_is_there_even_when_weights_are_not():
    with torch.device("meta"):
        positions = SinusoidalPositions(C, 8)
    assert_same(positions.table, sinusoid_table(8, C))


# --- rotary positions --------------------------------------------------------------


def rope_by_complex_numbers(x, positions, base):
    """Turn channels (2i, 2i+1), read as one number, by position · base^(-2i/D)."""
    D = x.shape[-1]
    pairs = torch.view_as_complex(x.double().unflatten(-1, (D // 2, 2)).contiguous())
    turns = [
        [cmath.exp(1j * position * base ** (-2 * i / D)) for i in range(D // 2)]
        for position in positions.tolist()
    ]
    turned = pairs * torch.tensor(turns, dtype=torch.complex128)
    return torch.view_as_real(turned).flatten(-2).to(x.dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("base", [10000.0, 500.0])
@pytest.mark.parametrize("first", [0, 3, 100_000])
def test_rope_equals_complex_multiplication(dtype, base, first):
    x, positions = draw(B, H, T, D, dtype=dtype), first + torch.arange(T)
    expected = rope_by_complex_numbers(x, positions, base)
    assert_same(apply_rope(x, positions, base), expected)


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 2**30),
    st.integers(0, 3000),
    st.integers(0, 3000),
    st.integers(0, 3000),
)
def test_rope_makes_scores_depend_on_the_distance_alone(seed, m, n, shift):
    q, k = draw(2, 1, D, seed=seed, dtype=torch.float64)

    def score(m, n):
        m, n = torch.tensor([m]), torch.tensor([n])
        return apply_rope(q, m) @ apply_rope(k, n).T

    assert_same(score(m + shift, n + shift), score(m, n))


def test_rope_keeps_lengths_and_leaves_position_0_alone():
    x = draw(B, H, T, D, dtype=torch.float64)
    turned = apply_rope(x, torch.arange(T))
    assert_same(turned.norm(dim=-1), x.norm(dim=-1))
    assert_same(turned[..., 0, :], x[..., 0, :])


def test_rope_takes_positions_in_any_order():
    x, order = draw(B, H, T, D), torch.tensor([3, 0, 4, 1, 2])
    straight = apply_rope(x, torch.arange(T))
    assert_same(apply_rope(x[..., order, :], order), straight[..., order, :])


def test_the_gradient_of_rope_turns_back():
    x = draw(T, D, dtype=torch.float64).requires_grad_()
    back = draw(T, D, seed=1, dtype=torch.float64)
    (gradient,) = torch.autograd.grad(apply_rope(x, torch.arange(T)), x, back)
    assert_same(gradient, apply_rope(back, -torch.arange(T)))


def halves_instead_of_pairs(x, positions):
    order = [*range(0, D, 2), *range(1, D, 2)]
    return apply_rope(x[..., order], positions)


ROPE_FAULTS = {
    "pairs are halves": halves_instead_of_pairs,
    "off by one": lambda x, positions: apply_rope(x, positions + 1),
    "turned the other way": lambda x, positions: apply_rope(x, -positions),
    "another base": lambda x, positions: apply_rope(x, positions, 1000.0),
    "batch for time": lambda x, positions: apply_rope(
        x.transpose(-2, -3), torch.arange(H)
    ).transpose(-2, -3),
}


@pytest.mark.parametrize("fault", ROPE_FAULTS.values(), ids=ROPE_FAULTS)
def test_a_planted_fault_in_rope_is_found(fault):
    x, positions = draw(B, H, T, D, dtype=torch.float64), torch.arange(T)
    expected = rope_by_complex_numbers(x, positions, 10000.0)
    with pytest.raises(AssertionError, match="is not the same"):
        assert_same(fault(x, positions), expected)


# --- linear biases -----------------------------------------------------------------


@pytest.mark.parametrize("n_heads", [1, H, 8])
def test_alibi_equals_a_loop(n_heads):
    bias = alibi_bias(n_heads, T)
    assert bias.shape == (n_heads, T, T)
    for h in range(n_heads):
        for t in range(T):
            for s in range(T):
                expected = -abs(t - s) / 2 ** (8 * (h + 1) / n_heads)
                assert bias[h, t, s].item() == pytest.approx(expected)


def test_alibi_has_the_slopes_of_the_paper():
    slopes = [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]
    assert (-alibi_bias(8, 2)[:, 1, 0]).tolist() == slopes
