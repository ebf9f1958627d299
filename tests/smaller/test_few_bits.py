"""Few bits: packing without loss, the best scale, and errors that mend each other."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils.config import ModelConfig
from course_utils.smaller.few_bits import (
    best_scale,
    compensated,
    few_bits,
    input_products,
    output_error,
    pack,
    rounded,
    unpack,
    watched_inputs,
    with_levels,
)
from course_utils.transformer import LanguageModel
from tests.oracles import draw
from tests.tolerances import assert_same

BITS = (2, 3, 4)


def inputs(n=300, C=24, seed=3):
    """Draw inputs whose entries move together, as a layer's inputs do."""
    return draw(n, C, seed=seed) @ draw(C, C, seed=seed + 1)


# --- packing -----------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.data())
def test_packing_loses_nothing_and_wastes_less_than_a_byte(bits, data):
    numbers = data.draw(st.lists(st.integers(0, 2**bits - 1), max_size=70))
    levels = torch.tensor(numbers, dtype=torch.uint8)
    packed = pack(levels, bits)
    assert len(packed) == -(-len(numbers) * bits // 8)
    assert unpack(packed, bits, len(numbers)).tolist() == numbers


def test_packing_by_hand():
    four = torch.tensor([[0x1, 0xA], [0xF, 0x3]], dtype=torch.uint8)
    assert [hex(byte) for byte in pack(four, 4)] == ["0xa1", "0x3f"]
    two = torch.tensor([1, 2, 3, 0, 2], dtype=torch.uint8)
    assert [bin(byte) for byte in pack(two, 2)] == ["0b111001", "0b10"]


def test_a_number_that_needs_more_bits_is_refused():
    with pytest.raises(ValueError, match="9 does not fit into 3 bits, whose largest"):
        pack(torch.tensor([1, 9], dtype=torch.uint8), 3)


# --- rounding ----------------------------------------------------------------------


def test_levels_by_hand():
    weight = torch.tensor([[3.0, -3.0, 1.0, -1.0, 0.3, 0.1, -0.1, -0.3]])
    levels = rounded(weight, 2, 4)
    assert levels.levels.tolist() == [[1, -2, 0, -1, 1, 0, -1, -2]]
    assert_same(levels.scale.float(), torch.tensor([[2.0, 0.2]]).half().float())
    assert_same(levels.dense()[:, :4], weight[:, :4])


@pytest.mark.parametrize("bits", BITS)
def test_each_weight_takes_the_nearest_level(bits):
    weight = draw(5, 24)
    found = rounded(weight, bits, 8)
    half = 2 ** (bits - 1)
    places = torch.arange(-half, half) + 0.5
    scale = found.scale.float().repeat_interleave(8, dim=1)
    every = scale[..., None] * places
    nearest = (every - weight[..., None]).abs().amin(-1)
    assert_same((found.dense() - weight).abs(), nearest)
    assert found.levels.min() >= -half
    assert found.levels.max() < half


@pytest.mark.parametrize("bits", BITS)
def test_the_scale_is_the_best_of_many(bits):
    weight = draw(6, 40)
    error = (rounded(weight, bits, 40).dense() - weight).square().sum(-1)
    half = 2 ** (bits - 1)
    full = weight.abs().amax(-1, keepdim=True) / (half - 0.5)
    for share in torch.linspace(0.4, 1.0, 7):
        scale = (share * full).half().float()
        level = (weight / scale - 0.5).round().clamp(-half, half - 1) + 0.5
        assert (error <= (level * scale - weight).square().sum(-1) + 1e-5).all()


def test_smaller_groups_and_more_bits_lose_less():
    weight = draw(16, 48) * (1 + 9 * draw(1, 48, seed=1).abs())
    errors = {
        (bits, group): (rounded(weight, bits, group).dense() - weight).norm().item()
        for bits in (2, 3, 4, 5)
        for group in (4, 12, 48)
    }
    assert errors[2, 48] > errors[3, 48] > errors[4, 48] > errors[5, 48]
    assert errors[3, 48] > errors[3, 12] > errors[3, 4]


def test_zeros_have_a_scale():
    assert torch.isfinite(rounded(torch.zeros(2, 8), 4, 4).dense()).all()
    assert rounded(torch.zeros(2, 8), 4, 4).dense().abs().max() < 1e-4
    assert best_scale(torch.zeros(1, 3), 2) > 0


def by_rounding(weight, bits, group):
    return rounded(weight, bits, group)


def by_compensation(weight, bits, group):
    return compensated(weight, torch.eye(weight.shape[1]), bits, group)


@pytest.mark.parametrize("function", [by_rounding, by_compensation])
def test_a_group_that_does_not_divide_the_row_is_refused(function):
    message = "row of 10 weights cannot be cut into groups of 4; .* example 2"
    with pytest.raises(ValueError, match=message):
        function(draw(3, 10), 4, 4)


# --- error compensation ------------------------------------------------------------


def greedy_by_hand(weight, H, bits, group):
    """Compensate as the derivation has it: solve for the free columns anew each time.

    The columns not yet rounded move so that the output error is smallest, given those
    that are fixed: a least-squares problem, solved without any factorization.
    """
    left, half = weight.double().clone(), 2 ** (bits - 1)
    written, target = torch.zeros_like(left), weight.double()
    C = left.shape[1]
    for c in range(C):
        if c % group == 0:
            scale = best_scale(left[:, c : c + group], bits)[:, 0]
        level = (left[:, c] / scale - 0.5).round().clamp(-half, half - 1) + 0.5
        written[:, c] = level * scale
        done = torch.arange(C) <= c
        error = (target - written)[:, done]
        free = H[~done][:, ~done]
        if free.numel():
            move = torch.linalg.solve(free, H[~done][:, done] @ error.T).T
            left[:, ~done] = target[:, ~done] + move
    return written


@pytest.mark.parametrize("bits", BITS)
def test_compensation_solves_the_least_squares_problem_it_stands_for(bits):
    weight, x = draw(7, 24), inputs()
    products = x.T @ x
    H = products.double()
    H = H + torch.eye(24).double() * 0.01 * H.diagonal().mean()
    expected = greedy_by_hand(weight, H, bits, 8).float()
    assert_same(compensated(weight, products, bits, 8).dense(), expected)


@pytest.mark.parametrize("bits", BITS)
def test_compensation_lessens_the_error_of_the_output(bits):
    weight, x = draw(16, 24), inputs()
    products = x.T @ x
    plain = output_error(weight, rounded(weight, bits, 8).dense(), products)
    found = compensated(weight, products, bits, 8)
    mended = output_error(weight, found.dense(), products)
    assert mended < 0.85 * plain
    assert found.levels.dtype == torch.int8
    assert found.scale.shape == (16, 3)


def test_where_inputs_do_not_move_together_nothing_can_be_mended():
    weight = draw(6, 16)
    alone = compensated(weight, torch.eye(16), 3, 8)
    assert torch.equal(alone.levels, rounded(weight, 3, 8).levels)


def test_the_output_error_is_that_of_the_outputs():
    weight, other, x = draw(6, 24), draw(6, 24, seed=9), inputs()
    expected = (x @ (weight - other).T).norm() / (x @ weight.T).norm()
    assert abs(output_error(weight, other, x.T @ x) - expected.item()) < 1e-4


def test_products_are_those_of_each_layers_inputs():
    model = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
    x = draw(2, 3, 5)
    found = input_products(model, [(x[:1],), (x[1:],)])
    flat = x.view(-1, 5)
    hidden = model[1](model[0](flat)).detach()
    assert_same(found, {"0": flat.T @ flat, "2": hidden.T @ hidden})
    assert not any(module._forward_pre_hooks for module in model.modules())


# --- whole models ------------------------------------------------------------------

SHAPE = ModelConfig(13, d_model=16, n_heads=2, n_layers=2, d_ff=24, max_len=9)
IDS = torch.tensor([[5, 6, 7, 8, 3], [4, 12, 1, 2, 9]])


@pytest.mark.parametrize("compensate", [False, True])
def test_every_matrix_of_a_model_gets_its_bits(compensate):
    torch.manual_seed(0)
    model = LanguageModel(SHAPE).eval()
    before = {name: w.clone() for name, w in model.state_dict().items()}
    products = input_products(model, [(IDS,)]) if compensate else None
    matrices = few_bits(model, 4, 8, products, embedding_bits=8)
    bits = {name: one.bits for name, one in matrices.items()}
    assert bits.pop("embedding.token.weight") == 8
    assert set(bits.values()) == {4}
    assert len(bits) == 2 * 6
    small = with_levels(model, matrices)
    for name, weight in small.state_dict().items():
        expected = matrices[name].dense() if name in matrices else before[name]
        assert torch.equal(weight, expected)
    assert_same(model.state_dict(), before)
    assert (small(IDS) - model(IDS)).norm() < 0.3 * model(IDS).norm()


def test_watching_ends_with_the_block_even_after_an_error():
    model, found = nn.Sequential(nn.Linear(2, 3)), {}
    with pytest.raises(RuntimeError), watched_inputs(model, found):
        model(torch.ones(1, 5))
    assert not model[0]._forward_pre_hooks
    assert list(found) == ["0"]
