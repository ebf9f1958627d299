"""A pruned model is smaller and computes what the masked one of full size computes."""

import copy

import pytest
import torch
from torch import nn

from course_utils.config import ModelConfig
from course_utils.costs import forward_flops
from course_utils.decoder import Decoder
from course_utils.encoder import Encoder, FeedForward
from course_utils.multihead import MultiHeadAttention
from course_utils.smaller.pruning import (
    cut_linear,
    keep_columns,
    keep_heads,
    keep_layers,
    kept_parts,
    load_pruned,
    magnitude_scores,
    mask_out,
    prune,
    pruned_flops,
    taylor_scores,
)
from course_utils.training import translation_loss
from course_utils.transformer import LanguageModel, Transformer
from tests.oracles import draw, randomize
from tests.tolerances import assert_same

CONFIG = ModelConfig(13, d_model=12, n_heads=3, n_layers=2, d_ff=10, max_len=9)
SOURCE = torch.tensor([[5, 6, 7, 8, 2], [9, 4, 2, 0, 0]])
TARGET = torch.tensor([[4, 8, 2], [7, 2, 0]])


def built(kind, config=CONFIG):
    return randomize(kind(config)).eval()


MODELS = {
    "encoder": (Encoder, lambda model: model(draw(2, 5, 12))),
    "decoder": (Decoder, lambda model: model(draw(2, 3, 12), draw(2, 5, 12, seed=1))),
    "transformer": (Transformer, lambda model: model(SOURCE, TARGET)),
    "language_model": (LanguageModel, lambda model: model(SOURCE)),
}
models = pytest.mark.parametrize("name", MODELS)


def some_of(model, seed=0):
    """Name, for each attention and feed-forward, an uneven choice of its parts."""
    dice, kept = torch.Generator().manual_seed(seed), {}
    for name, part in model.named_modules():
        heads = isinstance(part, MultiHeadAttention)
        if heads or isinstance(part, FeedForward):
            units = 3 if heads else 10
            number = int(torch.randint(1, units, (), generator=dice))
            kept[name] = torch.randperm(units, generator=dice)[:number].sort().values
    return kept


def weights(model):
    return sum(weight.numel() for weight in model.parameters())


@models
@pytest.mark.parametrize("seed", [0, 1])
def test_pruned_equals_masked(name, seed):
    kind, run = MODELS[name]
    model = built(kind)
    before, kept = run(model), some_of(model, seed)
    smaller, masked = prune(model, kept), mask_out(model, kept)
    assert_same(run(smaller), run(masked))
    assert (run(smaller) - run(masked)).abs().max() < 1e-6
    assert (run(smaller) - before).abs().max() > 1e-3
    assert weights(smaller) < weights(masked) == weights(model)
    assert torch.equal(run(model), before)


def test_gradients_of_what_stays_are_equal():
    model = built(Encoder)
    kept = {"layers.0.feed_forward": torch.tensor([1, 4, 7])}
    grads = []
    for pruned in (prune(model, kept), mask_out(model, kept)):
        pruned(draw(2, 5, 12)).square().sum().backward()
        grads.append(pruned.layers[0].feed_forward.up_proj.weight.grad)
    assert_same(grads[0], grads[1][[1, 4, 7]])


def test_what_stays_is_the_right_weights():
    model = built(Encoder)
    kept = {"layers.1.attention": torch.tensor([0, 2])}
    old, new = model.layers[1].attention, prune(model, kept).layers[1].attention
    rows = [0, 1, 2, 3, 8, 9, 10, 11]
    assert new.n_heads == 2
    assert torch.equal(new.q_proj.weight, old.q_proj.weight[rows])
    assert torch.equal(new.v_proj.bias, old.v_proj.bias[rows])
    assert torch.equal(new.out_proj.weight, old.out_proj.weight[:, rows])


def test_layers_go_last_and_names_count_from_before():
    model = built(Encoder)
    kept = {"layers.1.attention": torch.tensor([1]), "": torch.tensor([1])}
    smaller = prune(model, kept)
    [layer] = smaller.layers
    assert layer.attention.n_heads == 1
    x = draw(2, 5, 12)
    masked = mask_out(model, {"layers.1.attention": torch.tensor([1])})
    assert_same(smaller(x), masked.norm(masked.layers[1](x)))


def test_a_layer_that_adds_nothing_can_be_dropped():
    model = built(Decoder)
    with torch.no_grad():
        for name, weight in model.layers[0].named_parameters():
            if "out_proj" in name or "down_proj" in name:
                weight.zero_()
    run = MODELS["decoder"][1]
    assert_same(run(prune(model, {"": torch.tensor([1])})), run(model))


def test_everything_kept_changes_nothing():
    model = built(Transformer)
    kept = kept_parts(magnitude_scores(model))
    assert torch.equal(prune(model, kept)(SOURCE, TARGET), model(SOURCE, TARGET))


@models
def test_a_pruned_model_comes_back_from_its_state(name):
    kind, run = MODELS[name]
    model = built(kind)
    smaller = prune(model, some_of(model))
    again = load_pruned(kind(CONFIG), smaller.state_dict())
    assert torch.equal(run(again.eval()), run(smaller))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bias", [True, False])
def test_cut_linear(dtype, bias):
    linear = nn.Linear(5, 7, bias, dtype=dtype)
    rows, columns = torch.tensor([6, 0, 3]), torch.tensor([1, 4])
    small = cut_linear(linear, rows, columns)
    x = torch.zeros(2, 5, dtype=dtype)
    x[:, columns] = draw(2, 2, dtype=dtype)
    assert_same(small(x[:, columns]), linear(x)[:, rows])
    assert small.weight.dtype == dtype


@pytest.mark.parametrize(
    ("shrink", "part", "message"),
    [
        (keep_heads, MultiHeadAttention(12, 3), "of 3 heads"),
        (keep_columns, FeedForward(CONFIG), "of 10 hidden units"),
        (keep_layers, Encoder(CONFIG), "of 2 layers"),
    ],
)
@pytest.mark.parametrize("kept", [[], [1, 1], [10], [-1]])
def test_impossible_choices_are_refused(shrink, part, message, kept):
    with pytest.raises(ValueError, match=message):
        shrink(part, torch.tensor(kept, dtype=torch.long))


def test_an_unknown_part_is_refused_by_name():
    with pytest.raises(
        ValueError, match=r"'layers.7.attention' is no attention.*known"
    ):
        prune(built(Encoder), {"layers.7.attention": torch.tensor([0])})


# --- scores ------------------------------------------------------------------------


def test_magnitude_by_an_independent_loop():
    model = built(Encoder)
    scores = magnitude_scores(model)
    attention, forward = model.layers[0].attention, model.layers[0].feed_forward
    head = 0.0
    for channel in range(4, 8):
        head += sum(
            getattr(attention, f"{name}_proj").weight[channel].square().sum()
            for name in "qkv"
        )
        head += attention.out_proj.weight[:, channel].square().sum()
    unit = forward.up_proj.weight[3].square().sum()
    unit += forward.down_proj.weight[:, 3].square().sum()
    assert_same(scores["layers.0.attention"][1], head.detach())
    assert_same(scores["layers.0.feed_forward"][3], unit.detach())


class Gated(nn.Module):
    """A last map whose inputs pass gates of 1, other ones for each sentence."""

    def __init__(self, linear, units, sentences):
        super().__init__()
        self.linear, self.units = linear, units
        self.gates = nn.Parameter(torch.ones(sentences, 1, units))

    def forward(self, x):
        each = self.linear.in_features // self.units
        return self.linear(x * self.gates.repeat_interleave(each, dim=2))


GATED = ("decoder.layers.1.cross_attention", "encoder.layers.0.feed_forward")


def slopes_of_gates(model, batch):
    """Return the slope of every real gate: a row for each sentence, for each part."""
    gated, size = copy.deepcopy(model), len(batch[0])
    attention, forward = (gated.get_submodule(name) for name in GATED)
    attention.out_proj = Gated(attention.out_proj, 3, size)
    forward.down_proj = Gated(forward.down_proj, 10, size)
    gates = [attention.out_proj.gates, forward.down_proj.gates]
    slopes = torch.autograd.grad(translation_loss(gated, batch), gates)
    return [slope.squeeze(1) for slope in slopes]


def test_taylor_is_the_slope_of_real_gates():
    model, batches = built(Transformer), [(SOURCE, TARGET), (SOURCE[:1], TARGET[:1])]
    scores = taylor_scores(model, batches, translation_loss)
    slopes = zip(*(slopes_of_gates(model, batch) for batch in batches), strict=True)
    for name, (two, one) in zip(GATED, slopes, strict=True):
        assert_same(scores[name], (two.abs().sum(0) + one.abs().sum(0)) / 2)


def test_taylor_counts_help_and_harm_alike():
    """A slope up in one sentence and down in the other does not cancel."""
    model = built(Transformer)
    scores = taylor_scores(model, [(SOURCE, TARGET)], translation_loss)
    slopes = slopes_of_gates(model, (SOURCE, TARGET))
    gaps = [scores[n] - two.sum(0).abs() for n, two in zip(GATED, slopes, strict=True)]
    assert torch.cat(gaps).max() > 1e-4


def test_taylor_leaves_the_model_as_it_was():
    model = built(Transformer)
    taylor_scores(model, [(SOURCE, TARGET)], translation_loss)
    assert not any(module._forward_pre_hooks for module in model.modules())
    assert all(weight.grad is None for weight in model.parameters())


def test_taylor_needs_a_batch():
    with pytest.raises(ValueError, match="there are no batches"):
        taylor_scores(built(Transformer), [], translation_loss)


def test_kept_parts_takes_the_best_of_each_in_order():
    scores = {
        "a.attention": torch.tensor([1.0, 3.0, 2.0]),
        "a.feed_forward": torch.tensor([5.0, 1.0, 4.0, 9.0]),
    }
    kept = kept_parts(scores, heads=0.1, units=0.5)
    assert kept["a.attention"].tolist() == [1]
    assert kept["a.feed_forward"].tolist() == [0, 3]


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5])
def test_kept_parts_refuses_impossible_shares(share):
    with pytest.raises(ValueError, match=rf"share={share} must lie in \(0, 1\]"):
        kept_parts({"attention": torch.ones(3)}, heads=share)


# --- costs -------------------------------------------------------------------------


def test_flops_equal_the_formula_before_pruning():
    T, S = 7, 5
    reading, writing = (
        pruned_flops(Encoder(CONFIG), S),
        pruned_flops(Decoder(CONFIG), T, S),
    )
    logits = 2 * CONFIG.d_model * CONFIG.vocab_size * T
    assert pruned_flops(Encoder(CONFIG), T) == forward_flops(CONFIG, T, kind="encoder")
    assert reading + writing + logits == forward_flops(CONFIG, T, S)


def test_flops_halve_with_everything_halved():
    config = ModelConfig(13, d_model=12, n_heads=4, n_layers=2, d_ff=10)
    model = Encoder(config)
    kept = kept_parts(magnitude_scores(model), heads=0.5, units=0.5)
    assert pruned_flops(prune(model, kept), 7) * 2 == pruned_flops(model, 7)
    quarter = prune(prune(model, kept), {"": torch.tensor([1])})
    assert pruned_flops(quarter, 7) * 4 == pruned_flops(model, 7)
