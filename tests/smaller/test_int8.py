"""Eight bits: against torch's own quantizer, by hand, and inside whole models."""

import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.config import ModelConfig
from course_utils.smaller.int8 import (
    Int8Embedding,
    Int8Linear,
    Int8TiedEmbedding,
    affine,
    dequantize,
    int8_linear,
    int8_model,
    quantize,
    replace_modules,
    stored_bytes,
    symmetric_scale,
)
from course_utils.transformer import LanguageModel, Transformer
from tests.oracles import draw
from tests.tolerances import assert_same

SHAPE = ModelConfig(29, d_model=20, n_heads=4, n_layers=3, d_ff=33, max_len=16)
IDS = torch.tensor([[5, 6, 7, 8, 9, 3, 4], [4, 12, 28, 0, 0, 0, 0]])


def torch_quantized(x, scale, zero_point):
    """Return torch's integers for the same scale and zero-point."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        q = torch.quantize_per_tensor(x, scale, zero_point, torch.qint8)
    return q.int_repr()


def test_the_scale_by_hand():
    x = torch.tensor([[0.5, -2.54, 0.0], [1.27, 0.1, -0.2]])
    assert_same(symmetric_scale(x), torch.tensor([[0.02]]))
    assert_same(symmetric_scale(x, dim=-1), torch.tensor([[0.02], [0.01]]))
    assert_same(symmetric_scale(x, dim=0), torch.tensor([[1.27, 2.54, 0.2]]) / 127)
    q = quantize(x, symmetric_scale(x, dim=-1))
    assert q.tolist() == [[25, -127, 0], [127, 10, -20]]


def test_zeros_get_a_scale_that_loses_nothing():
    x = torch.zeros(3, 5)
    for scale, zero_point in ((symmetric_scale(x, -1), 0), affine(x, -1)):
        assert scale.tolist() == [[1.0]] * 3
        assert torch.equal(
            dequantize(quantize(x, scale, zero_point), scale, -128), x
        ) or torch.equal(dequantize(quantize(x, scale, zero_point), scale), x)


@pytest.mark.parametrize("seed", range(3))
def test_the_integers_are_those_of_torch(seed):
    x = draw(7, 13, seed=seed)
    scale = symmetric_scale(x)
    assert torch.equal(quantize(x, scale), torch_quantized(x, scale.item(), 0))
    x = x.relu()
    scale, zero_point = affine(x)
    theirs = torch_quantized(x, scale.item(), int(zero_point))
    assert torch.equal(quantize(x, scale, zero_point), theirs)


@pytest.mark.parametrize("dim", [None, -1, 0])
def test_within_the_range_no_number_moves_more_than_half_a_step(dim):
    x = 3 * draw(5, 11, dtype=torch.float64)
    scale = symmetric_scale(x, dim)
    gap = (dequantize(quantize(x, scale), scale) - x).abs()
    assert (gap <= scale / 2 + 1e-12).all()
    scale, zero_point = affine(x + 2, dim)
    back = dequantize(quantize(x + 2, scale, zero_point), scale, zero_point)
    assert ((back - x - 2).abs() <= scale + 1e-12).all()  # the zero is rounded too


def test_a_zero_point_spends_all_steps_on_a_range_that_lies_on_one_side():
    x = draw(6, 40).relu() + 0.0
    scale, zero_point = affine(x)
    assert zero_point == -128
    assert_same(scale * 255, x.amax().view(1, 1))
    zero = quantize(torch.zeros(1, 1), scale, zero_point)
    assert dequantize(zero, scale, zero_point) == 0


def test_beyond_the_range_numbers_are_clipped():
    one = torch.ones(1)
    q = quantize(torch.tensor([500.0, -500.0]), one)
    assert q.tolist() == [127, -128]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_integer_product_is_the_product_of_what_the_integers_stand_for(dtype):
    x, weight, bias = (
        draw(3, 5, 20, dtype=dtype),
        draw(7, 20, seed=1, dtype=dtype),
        (draw(7, seed=2, dtype=dtype)),
    )
    scale, token_scale = symmetric_scale(weight, -1), symmetric_scale(x, -1)
    q = quantize(weight, scale)
    seen = dequantize(quantize(x, token_scale), token_scale)
    expected = F.linear(seen, dequantize(q, scale), bias)
    assert_same(int8_linear(x, q, scale, bias), expected)
    assert_same(int8_linear(x, q, scale), expected - bias)


def test_a_token_does_not_disturb_the_others():
    x, linear = draw(4, 20), Int8Linear(nn.Linear(20, 7))
    loud = x.clone()
    loud[2] *= 1000
    assert torch.equal(linear(x)[[0, 1, 3]], linear(loud)[[0, 1, 3]])


def test_the_modules_are_near_those_that_they_replace():
    torch.manual_seed(0)
    for linear in (nn.Linear(20, 7), nn.Linear(20, 7, bias=False)):
        x = draw(2, 3, 20)
        small = Int8Linear(linear)
        assert (small(x) - linear(x)).norm() <= 0.02 * linear(x).norm()
        bias_bytes = 0 if linear.bias is None else 4 * 7
        assert stored_bytes(small) == 20 * 7 + 4 * 7 + bias_bytes
    embedding = nn.Embedding(11, 6)
    small = Int8Embedding(embedding)
    ids = torch.tensor([[3, 0, 10], [1, 1, 2]])
    assert (small(ids) - embedding(ids)).abs().max() <= small.scale.max() / 2
    assert stored_bytes(small) == 11 * 6 + 4 * 11


@pytest.mark.parametrize("kind", [LanguageModel, Transformer])
def test_a_whole_model_in_eight_bits_is_near_and_small(kind):
    torch.manual_seed(0)
    model = kind(SHAPE).eval()
    inputs = (IDS,) if kind is LanguageModel else (IDS, IDS[:, :5])
    small = int8_model(model)
    expected, got = model(*inputs), small(*inputs)
    assert got.shape == expected.shape
    assert (got - expected).norm() <= 0.05 * expected.norm()
    matrices = sum(p.numel() for p in model.parameters() if p.dim() == 2)
    assert stored_bytes(small) < stored_bytes(model) - 3 * matrices * 0.9
    kept = [type(m) for m in small.modules()]
    assert nn.Linear not in kept
    assert nn.Embedding not in kept
    assert kept.count(Int8TiedEmbedding) == 1


def test_the_model_that_was_given_stays_as_it_was():
    torch.manual_seed(0)
    model = LanguageModel(SHAPE).train()
    before = {name: t.clone() for name, t in model.state_dict().items()}
    small = int8_model(model)
    assert model.training
    assert not small.training
    assert_same(model.state_dict(), before)
    assert isinstance(model.blocks.layers[0].attention.q_proj, nn.Linear)


def test_only_modules_of_exactly_this_type_are_swapped():
    class Own(nn.Linear):
        pass

    model = nn.Sequential(nn.Linear(3, 3), Own(3, 3), nn.Sequential(nn.Linear(3, 3)))
    out = replace_modules(model, {nn.Linear: lambda old: nn.Identity()})
    assert [type(m) for m in (out[0], out[1], out[2][0])] == [
        nn.Identity,
        Own,
        nn.Identity,
    ]
    assert isinstance(
        replace_modules(nn.Linear(2, 2), {nn.Linear: Int8Linear}), Int8Linear
    )


def test_a_small_model_can_be_stored_and_read_again(tmp_path):
    torch.manual_seed(0)
    small, other = (int8_model(LanguageModel(SHAPE)) for _ in range(2))
    other.load_state_dict(small.state_dict(), strict=True)
    assert torch.equal(small(IDS), other(IDS))
