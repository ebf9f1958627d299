"""The decoder equals torch's in both norms, and never looks ahead."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.attention import causal_mask
from course_utils.config import ModelConfig
from course_utils.decoder import Decoder, DecoderLayer
from course_utils.interop import from_torch
from tests.oracles import (
    DTYPES,
    assert_same_trace,
    both_norms,
    carried,
    draw,
    randomize,
    torch_layer,
    torch_stack,
    trace,
)
from tests.tolerances import assert_same

B, T, S, C = 3, 5, 7, 20
SMALL = ModelConfig(
    11, d_model=C, n_heads=4, n_layers=2, d_ff=33, norm_eps=1e-3, activation="gelu"
)
READ = torch.arange(S) < torch.tensor([[3], [S], [4]])
WRITTEN = torch.arange(T) < torch.tensor([[T], [2], [4]])
CAUSAL = causal_mask(T)
# Ours: target mask and source mask, True may attend. torch's: True is hidden, in the
# order tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask.
MASKS = {
    "none": ((None, None), (None, None, None, None)),
    "causal": ((CAUSAL, None), (~CAUSAL, None, None, None)),
    "padding": (
        (WRITTEN[:, None, None], READ[:, None, None]),
        (None, None, ~WRITTEN, ~READ),
    ),
    "both": (
        (CAUSAL & WRITTEN[:, None, None], READ[:, None, None]),
        (~CAUSAL, None, ~WRITTEN, ~READ),
    ),
}


def check_same(ours, theirs, masks="both", dtype=torch.float64):
    """Demand the values and gradients of torch's layer or stack."""
    ours, theirs = carried(ours, theirs, from_torch)
    may_attend, hidden = MASKS[masks]
    x, memory = draw(B, T, C, dtype=dtype), draw(B, S, C, seed=1, dtype=dtype)
    expected = trace(lambda *both: theirs(*both, *hidden), x, memory, module=theirs)
    result = trace(lambda *both: ours(*both, *may_attend), x, memory, module=ours)
    assert_same_trace(result, expected, from_torch)


# --- equal to torch ----------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("masks", MASKS)
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("config", both_norms(SMALL))
def test_a_layer_equals_torch(config, activation, masks, dtype):
    config = replace(config, activation=activation)
    theirs = torch_layer("Decoder", config, dtype)
    check_same(DecoderLayer(config), theirs, masks, dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("masks", MASKS)
@pytest.mark.parametrize("config", both_norms(SMALL))
def test_a_stack_equals_torch(config, masks, dtype):
    check_same(Decoder(config), torch_stack("Decoder", config, dtype), masks, dtype)


@pytest.mark.parametrize("config", both_norms(SMALL, dropout=0.3))
def test_dropout_stands_after_each_part_and_nowhere_else(config):
    theirs = torch_layer("Decoder", config)
    theirs.self_attn.dropout = theirs.multihead_attn.dropout = 0.0
    theirs.dropout = nn.Identity()
    ours, theirs = carried(DecoderLayer(config), theirs, from_torch)
    # One text: with more, torch draws its zeros in another order.
    x, memory = draw(1, T, C), draw(1, S, C, seed=1)
    torch.manual_seed(5)
    expected = theirs(x, memory).detach()
    torch.manual_seed(5)
    assert_same(ours(x, memory).detach(), expected)
    assert not torch.equal(ours(x, memory), ours(x, memory))


# --- laws --------------------------------------------------------------------------


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_nothing_leaks_from_the_future_or_from_padding(config):
    ours = randomize(Decoder(config))
    x, memory = draw(B, T, C).requires_grad_(), draw(B, S, C, seed=1).requires_grad_()
    out = ours(x, memory, CAUSAL, READ[:, None, None])
    for t in range(T):
        one = out[:, t].sum()
        to_x, to_memory = torch.autograd.grad(one, [x, memory], retain_graph=True)
        assert (to_x[:, t + 1 :] == 0).all()
        assert (to_x[:, : t + 1] != 0).any(dim=-1).all()
        assert (to_memory[~READ] == 0).all()
        assert (to_memory[READ] != 0).any(dim=-1).all()


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_the_order_of_the_source_does_not_matter(config):
    ours, order = (
        randomize(Decoder(config)).double(),
        torch.tensor([3, 0, 6, 2, 5, 1, 4]),
    )
    x = draw(B, T, C, dtype=torch.float64)
    memory = draw(B, S, C, seed=1, dtype=torch.float64)
    mask = READ[:, None, None]
    shuffled = ours(x, memory[:, order], CAUSAL, mask[..., order])
    assert_same(shuffled.detach(), ours(x, memory, CAUSAL, mask).detach())


def test_only_a_pre_norm_stack_ends_in_a_norm():
    assert isinstance(Decoder(SMALL).norm, nn.LayerNorm)
    assert isinstance(Decoder(replace(SMALL, norm_first=False)).norm, nn.Identity)


def test_the_attention_function_reaches_both_attentions_of_every_layer():
    ours = Decoder(SMALL, attention=F.scaled_dot_product_attention)
    assert len(ours.layers) == SMALL.n_layers
    for layer in ours.layers:
        assert layer.self_attention.attention is F.scaled_dot_product_attention
        assert layer.cross_attention.attention is F.scaled_dot_product_attention


# --- the comparison bites ----------------------------------------------------------


class NormsSwapped(DecoderLayer):
    """Pre-norm where post-norm was asked for, and the reverse."""

    def __init__(self, config):
        super().__init__(replace(config, norm_first=not config.norm_first))


class CausalSource(DecoderLayer):
    """The mask of the target is laid over the source, too."""

    def forward(self, x, memory, mask=None, source_mask=None):
        causal = torch.ones(x.shape[1], memory.shape[1]).tril().bool()
        return super().forward(x, memory, mask, source_mask & causal)


class Peeking(DecoderLayer):
    def forward(self, x, memory, mask=None, source_mask=None):
        return super().forward(x, memory, None, source_mask)


class SourcePaddingRead(DecoderLayer):
    def forward(self, x, memory, mask=None, source_mask=None):
        return super().forward(x, memory, mask)


class MasksExchanged(DecoderLayer):
    """The source has the target's padding."""

    def forward(self, x, memory, mask=None, source_mask=None):
        padded = F.pad(mask[:, :, -1:], (0, memory.shape[1] - x.shape[1]))
        return super().forward(x, memory, mask, padded)


class ReadsItself(DecoderLayer):
    """Cross-attention to the target instead of the source."""

    def forward(self, x, memory, mask=None, source_mask=None):
        return super().forward(x, x + 0 * memory.sum(), mask, mask)


class MemoryNormed(DecoderLayer):
    def forward(self, x, memory, mask=None, source_mask=None):
        return super().forward(x, self.norm2(memory), mask, source_mask)


class PartsInAnotherOrder(DecoderLayer):
    """Reads the source first, then looks back."""

    def forward(self, x, memory, mask=None, source_mask=None):
        read, back = self.cross_attention, self.self_attention
        if self.norm_first:
            x = x + read(self.norm1(x), memory, source_mask)
            h = self.norm2(x)
            return self.last(x + back(h, h, mask))
        x = self.norm1(x + read(x, memory, source_mask))
        return self.last(self.norm2(x + back(x, x, mask)))

    def last(self, x):
        if self.norm_first:
            return x + self.feed_forward(self.norm3(x))
        return self.norm3(x + self.feed_forward(x))


FAULTS = [NormsSwapped, CausalSource, Peeking, SourcePaddingRead, MasksExchanged]
FAULTS += [ReadsItself, MemoryNormed, PartsInAnotherOrder]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("config", both_norms(SMALL))
def test_a_planted_fault_is_found(config, fault):
    theirs = torch_layer("Decoder", config, torch.float64)
    with pytest.raises(AssertionError, match="is not the same"):
        check_same(fault(config), theirs)
