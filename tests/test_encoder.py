"""The encoder equals torch's in both norms, and padding never matters."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.attention import causal_mask
from course_utils.config import ModelConfig
from course_utils.encoder import Encoder, EncoderLayer, FeedForward, padding_mask
from course_utils.interop import from_torch
from tests.oracles import (
    DTYPES,
    assert_same_trace,
    both_norms,
    carried,
    draw,
    keep,
    randomize,
    torch_layer,
    torch_stack,
    trace,
)
from tests.tolerances import assert_same

B, S, C, H = 3, 7, 20, 4
SMALL = ModelConfig(
    11, d_model=C, n_heads=H, n_layers=3, d_ff=33, norm_eps=1e-3, activation="gelu"
)
REAL = torch.arange(S) < torch.tensor([[S], [2], [4]])
# Ours: True may attend. torch's: True is hidden; first by score, then by key.
MASKS = {
    "none": (None, ()),
    "padding": (REAL[:, None, None, :], (None, ~REAL)),
    "causal": (causal_mask(S), (~causal_mask(S),)),
    "both": (causal_mask(S) & REAL[:, None, None, :], (~causal_mask(S), ~REAL)),
}


def check_same(ours, theirs, mask="both", dtype=torch.float64):
    """Demand the values and gradients of torch's layer or stack."""
    ours, theirs = carried(ours, theirs, from_torch)
    may_attend, hidden = MASKS[mask]
    x = draw(B, S, C, dtype=dtype)
    expected = trace(lambda x: theirs(x, *hidden), x, module=theirs)
    result = trace(lambda x: ours(x, may_attend), x, module=ours)
    assert_same_trace(result, expected, from_torch)


# --- equal to torch ----------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("activation", ["relu", "gelu", "gelu_tanh"])
@pytest.mark.parametrize("config", both_norms(SMALL))
def test_a_layer_equals_torch(config, activation, mask, dtype):
    config = replace(config, activation=activation)
    check_same(EncoderLayer(config), torch_layer("Encoder", config, dtype), mask, dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("config", both_norms(SMALL))
def test_a_stack_equals_torch(config, mask, dtype):
    check_same(Encoder(config), torch_stack("Encoder", config, dtype), mask, dtype)


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_equals_the_fused_kernel_that_torch_uses_in_eval_mode(config):
    theirs = torch_stack("Encoder", config)
    ours, theirs = carried(Encoder(config), theirs.eval(), from_torch)
    x = draw(B, S, C)
    with torch.no_grad():
        fused = theirs(x, src_key_padding_mask=~REAL)
        assert_same(ours(x, padding_mask(REAL.long()))[REAL], fused[REAL])


@pytest.mark.parametrize("config", both_norms(SMALL, dropout=0.3))
def test_dropout_stands_after_each_part_and_nowhere_else(config):
    theirs = torch_layer("Encoder", config)
    theirs.self_attn.dropout, theirs.dropout = 0.0, nn.Identity()
    ours, theirs = carried(EncoderLayer(config), theirs, from_torch)
    x = draw(1, S, C)  # one text: with more, torch draws its zeros in another order
    torch.manual_seed(5)
    expected = theirs(x).detach()
    torch.manual_seed(5)
    assert_same(ours(x).detach(), expected)
    assert not torch.equal(ours(x), ours(x))
    ours.eval(), theirs.eval()
    assert_same(ours(x).detach(), theirs(x).detach())


def test_feed_forward_by_a_loop():
    ours = randomize(FeedForward(replace(SMALL, activation="relu"))).double()
    x, out = draw(B, S, C, dtype=torch.float64), torch.empty(B, S, C).double()
    W1, b1, W2, b2 = (weight.detach() for weight in ours.parameters())
    for b in range(B):
        for s in range(S):
            out[b, s] = W2 @ (W1 @ x[b, s] + b1).clamp(min=0) + b2
    assert_same(ours(x).detach(), out)


# --- laws --------------------------------------------------------------------------


def test_padding_mask_hides_padding():
    ids = torch.tensor([[5, 6, 0], [7, 0, 0]])
    expected = [[[[True, True, False]]], [[[True, False, False]]]]
    assert padding_mask(ids).tolist() == expected
    assert padding_mask(ids, pad_id=7).flatten().tolist() == [1, 1, 1, 0, 1, 1]


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_padding_never_matters(config):
    ours = randomize(Encoder(config)).double()
    x = draw(B, S, C, dtype=torch.float64)
    whole = ours(x, padding_mask(REAL.long())).detach()
    for b, length in enumerate(REAL.sum(dim=1).tolist()):
        assert_same(whole[b, :length], ours(x[b : b + 1, :length]).detach()[0])


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_no_gradient_flows_from_padding(config):
    ours, x = randomize(Encoder(config)), draw(B, S, C).requires_grad_()
    out = ours(x, padding_mask(REAL.long()))
    (gradient,) = torch.autograd.grad(out[REAL].sum(), x)
    assert (gradient[~REAL] == 0).all()
    assert (gradient[REAL] != 0).any(dim=-1).all()


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_without_positions_a_new_order_gives_the_new_order(config):
    ours = randomize(Encoder(config)).double()
    x, order = draw(B, S, C, dtype=torch.float64), torch.tensor([3, 0, 6, 2, 5, 1, 4])
    assert_same(ours(x[:, order]).detach(), ours(x).detach()[:, order])


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_under_a_causal_mask_nothing_leaks(config):
    ours, x = randomize(Encoder(config)), draw(B, S, C).requires_grad_()
    out = ours(x, causal_mask(S))
    for t in range(S):
        (gradient,) = torch.autograd.grad(out[:, t].sum(), x, retain_graph=True)
        assert (gradient[:, t + 1 :] == 0).all()
        assert (gradient[:, : t + 1] != 0).any(dim=-1).all()


def test_only_a_pre_norm_stack_ends_in_a_norm():
    assert isinstance(Encoder(SMALL).norm, nn.LayerNorm)
    assert isinstance(Encoder(replace(SMALL, norm_first=False)).norm, nn.Identity)


def test_the_attention_function_reaches_every_layer():
    ours = Encoder(SMALL, attention=F.scaled_dot_product_attention)
    assert len(ours.layers) == SMALL.n_layers
    for layer in ours.layers:
        assert layer.attention.attention is F.scaled_dot_product_attention


# --- the comparison bites ----------------------------------------------------------


class NormsSwapped(EncoderLayer):
    """Pre-norm where post-norm was asked for, and the reverse."""

    def __init__(self, config):
        super().__init__(replace(config, norm_first=not config.norm_first))


class NoResidual(EncoderLayer):
    def forward(self, x, mask=None):
        return super().forward(x, mask) - x


class NormOfTheSum(EncoderLayer):
    """The residual is taken after the norm: a common slip in pre-norm layers."""

    def forward(self, x, mask=None):
        return super().forward(self.norm1(x) if self.norm_first else x + x, mask)


class OneNormTwice(EncoderLayer):
    def forward(self, x, mask=None):
        self.norm2.weight, self.norm2.bias = self.norm1.weight, self.norm1.bias
        return super().forward(x, mask)


class MaskInverted(EncoderLayer):
    def forward(self, x, mask=None):
        return super().forward(x, ~mask)


class MaskForgotten(EncoderLayer):
    def forward(self, x, mask=None):
        return super().forward(x)


class MaskTransposed(EncoderLayer):
    def forward(self, x, mask=None):
        return super().forward(x, mask.mT)


class TanhCurve(EncoderLayer):
    def __init__(self, config):
        super().__init__(replace(config, activation="gelu_tanh"))


class OtherEpsilon(EncoderLayer):
    def __init__(self, config):
        super().__init__(replace(config, norm_eps=1e-5))


FAULTS = [NormsSwapped, NoResidual, NormOfTheSum, OneNormTwice]
FAULTS += [MaskInverted, MaskForgotten, MaskTransposed]
FAULTS += [TanhCurve, OtherEpsilon]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("config", both_norms(SMALL))
def test_a_planted_fault_is_found(config, fault):
    with pytest.raises(AssertionError, match="is not the same"):
        check_same(fault(config), torch_layer("Encoder", config, torch.float64))


def test_a_mask_for_each_head_is_obeyed():
    layer, x = randomize(EncoderLayer(SMALL)), draw(B, S, C)
    mask = keep(B, H, S, S, seed=9)
    seen = []
    layer.attention.attention = lambda q, k, v, mask: seen.append(mask) or q
    layer(x, mask)
    assert seen == [mask]
