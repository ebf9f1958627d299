"""The whole models: equal to `nn.Transformer`, blind to padding and to the future."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from course_utils import transformer
from course_utils.config import ModelConfig
from course_utils.interop import TorchTranslator, from_translator
from course_utils.transformer import Embedding, LanguageModel, Transformer
from tests.oracles import (
    DTYPES,
    assert_same_trace,
    both_norms,
    carried,
    draw,
    randomize,
    trace,
)
from tests.tolerances import TOLERANCE, assert_same

SMALL = ModelConfig(
    13, d_model=20, n_heads=4, n_layers=2, d_ff=33, max_len=16, activation="gelu"
)
SOURCE = torch.tensor(
    [[5, 6, 7, 8, 9, 3, 4], [4, 12, 0, 0, 0, 0, 0], [8, 3, 5, 5, 0, 0, 0]]
)
TARGET = torch.tensor([[1, 7, 3, 11, 6], [1, 4, 9, 0, 0], [1, 10, 5, 8, 0]])
MODELS = {
    "transformer": (Transformer, (SOURCE, TARGET)),
    "language model": (LanguageModel, (TARGET,)),
}
# torch tells, for every pre-norm model, that a fast path is off; nothing to mend.
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")
models = pytest.mark.parametrize(("kind", "inputs"), MODELS.values(), ids=MODELS)


def check_same(ours, config, dtype=torch.float64):
    """Demand `nn.Transformer`'s logits, and its gradients of all weights."""
    theirs = TorchTranslator(config).to(dtype)
    ours, theirs = carried(ours, theirs, from_translator)
    expected = trace(lambda: theirs(SOURCE, TARGET), module=theirs)
    result = trace(lambda: ours(SOURCE, TARGET), module=ours)
    assert_same_trace(result, expected, from_translator)


def embedded(model, *ids):
    """Return the logits, and the embedding of each input, ready for gradients."""
    seen = []

    def remember(module, args, out):
        seen.append(out)

    handle = model.embedding.register_forward_hook(remember)
    logits = model(*ids)
    handle.remove()
    return logits, seen


# --- equal to nn.Transformer -------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("config", both_norms(SMALL))
def test_equals_torch(config, dtype):
    check_same(Transformer(config), config, dtype)


def test_embedding_scales_adds_positions_and_norms():
    for fields in ({}, {"positions": "learned"}, {"norm_embeddings": True}):
        config = replace(SMALL, **fields)
        ours = randomize(Embedding(config)).double()
        scale = 1 if config.positions == "learned" else 20**0.5
        expected = ours.token.weight[TARGET] * scale + ours.positions.table[:5]
        if config.norm_embeddings:
            weight, bias = ours.norm.weight, ours.norm.bias
            expected = F.layer_norm(expected, (20,), weight, bias, 1e-5)
        assert_same(ours(TARGET).detach(), expected.detach())
        x = draw(3, 5, 20, dtype=torch.float64)
        assert_same(ours.logits(x).detach(), x @ ours.token.weight.detach().T)


# --- who sees what -----------------------------------------------------------------


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_a_translation_sees_the_whole_source_and_its_own_past(config):
    logits, seen = embedded(randomize(Transformer(config)), SOURCE, TARGET)
    for t in range(TARGET.shape[1]):
        one = logits[:, t].square().sum()
        to_source, to_target = torch.autograd.grad(one, seen, retain_graph=True)
        assert (to_target[:, t + 1 :] == 0).all()
        assert (to_target[:, : t + 1][TARGET[:, : t + 1] != 0] != 0).any(-1).all()
        assert (to_source[SOURCE == 0] == 0).all()
        assert (to_source[SOURCE != 0] != 0).any(-1).all()


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_a_language_model_sees_its_past_only(config):
    logits, seen = embedded(randomize(LanguageModel(config)), TARGET)
    for t in range(TARGET.shape[1]):
        one = logits[:, t].square().sum()
        (gradient,) = torch.autograd.grad(one, seen, retain_graph=True)
        assert (gradient[:, t + 1 :] == 0).all()
        assert (gradient[:, : t + 1] != 0).any(-1).all()


@models
def test_other_tokens_later_change_nothing_before(kind, inputs):
    ours = randomize(kind(SMALL)).double()
    *source, ids = inputs
    before = ours(*source, ids).detach()
    for t in range(1, ids.shape[1]):
        changed = torch.cat([ids[:, :t], 12 - ids[:, t:]], dim=1)
        assert_same(ours(*source, changed).detach()[:, :t], before[:, :t])


@pytest.mark.parametrize("config", both_norms(SMALL))
def test_padding_never_matters_to_a_translation(config):
    ours = randomize(Transformer(config)).double()
    batch = ours(SOURCE, TARGET).detach()
    longer = ours(F.pad(SOURCE, (0, 4)), F.pad(TARGET, (0, 3))).detach()
    for row, (source, target) in enumerate(zip(SOURCE, TARGET, strict=True)):
        source, target = source[source != 0], target[target != 0]
        alone = ours(source[None], target[None]).detach()[0]
        assert_same(batch[row, : len(target)], alone)
        assert_same(longer[row, : len(target)], alone)


def test_padding_never_matters_to_a_language_model():
    ours = randomize(LanguageModel(SMALL)).double()
    longer = ours(F.pad(TARGET, (0, 3))).detach()
    assert_same(longer[:, : TARGET.shape[1]], ours(TARGET).detach())


@models
def test_padding_alone_gives_finite_numbers(kind, inputs):
    ours = randomize(kind(SMALL))
    result = trace(lambda: ours(*map(torch.zeros_like, inputs)), module=ours)
    assert result.output.isfinite().all()
    assert all(gradient.isfinite().all() for gradient in result.weights.values())


# --- a model is what its seed, dtype and weights say -------------------------------


@models
def test_the_same_seed_gives_the_same_model(kind, inputs):
    torch.manual_seed(3)
    first = kind(SMALL)
    torch.manual_seed(3)
    second = kind(SMALL)
    assert torch.equal(first(*inputs), second(*inputs))
    assert torch.equal(first(*inputs), first(*inputs))


@models
def test_dropout_works_in_training_only(kind, inputs):
    ours = kind(replace(SMALL, dropout=0.4))
    assert not torch.equal(ours(*inputs), ours(*inputs))
    ours.eval()
    assert torch.equal(ours(*inputs), ours(*inputs))
    plain = kind(SMALL)
    plain.load_state_dict(ours.state_dict(), strict=True)
    assert torch.equal(ours(*inputs), plain(*inputs))


@models
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_the_dtype_is_that_of_the_weights(kind, inputs, positions):
    ours = randomize(kind(replace(SMALL, positions=positions)))
    expected = ours.double()(*inputs).detach()
    for dtype in (torch.float32, torch.bfloat16):
        logits = ours.to(dtype)(*inputs).detach()
        assert logits.dtype == dtype
        gap = (logits.double() - expected).norm() / expected.norm()
        assert gap <= TOLERANCE[dtype]


@models
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_the_device_is_that_of_the_weights(kind, inputs, positions):
    config = replace(SMALL, positions=positions)
    with torch.device("meta"):
        ours = kind(config)
    logits = ours(*(ids.to("meta") for ids in inputs))
    assert (logits.device.type, logits.shape[-1]) == ("meta", config.vocab_size)


@models
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_a_model_without_memory_takes_weights(kind, inputs, positions):
    trained = randomize(kind(replace(SMALL, positions=positions)))
    with torch.device("meta"):
        ours = kind(trained.config)
    ours.load_state_dict(trained.state_dict(), strict=True, assign=True)
    assert torch.equal(ours(*inputs), trained(*inputs))


LINEARS = ["q_proj", "k_proj", "v_proj", "out_proj"]
FEED_FORWARD = ["feed_forward.up_proj", "feed_forward.down_proj"]


def names_of(stack, attentions, norms):
    parts = [f"{name}.{linear}" for name in attentions for linear in LINEARS]
    parts += FEED_FORWARD + [f"norm{number + 1}" for number in range(norms)]
    parts = [f"{stack}.layers.{n}.{part}" for n in range(2) for part in parts]
    both = ("weight", "bias")
    return [f"{part}.{kind}" for part in [*parts, f"{stack}.norm"] for kind in both]


def test_the_names_of_weights_are_stable():
    encoder = names_of("encoder", ["attention"], 2)
    decoder = names_of("decoder", ["self_attention", "cross_attention"], 3)
    token = ["embedding.token.weight"]
    assert list(Transformer(SMALL).state_dict()) == token + encoder + decoder
    bert = replace(SMALL, positions="learned", norm_embeddings=True, norm_first=False)
    token += ["embedding.positions.table"]
    token += ["embedding.norm.weight", "embedding.norm.bias"]
    blocks = names_of("blocks", ["attention"], 2)[:-2]
    assert list(LanguageModel(bert).state_dict()) == token + blocks


# --- the comparison bites ----------------------------------------------------------


class NotScaled(Transformer):
    def __init__(self, config):
        super().__init__(config)
        self.embedding.scale = 1.0


class PositionsOffByOne(Transformer):
    def __init__(self, config):
        super().__init__(config)
        self.embedding.positions.table.copy_(self.embedding.positions.table.roll(1, 0))


class LastNormMissing(Transformer):
    def __init__(self, config):
        super().__init__(config)
        self.decoder.norm.forward = lambda x: x


class HeadCut(Transformer):
    """The head is tied in value, but its gradient does not reach the embedding."""

    def __init__(self, config):
        super().__init__(config)
        token = self.embedding.token
        self.embedding.logits = lambda x: x @ token.weight.detach().T


class SourcePaddingEncoded(Transformer):
    def encode(self, source):
        return self.encoder(self.embedding(source))


class SourcePaddingDecoded(Transformer):
    def decode(self, target, memory, source):
        return super().decode(target, memory, source + 1)


class SourceReadBackwards(Transformer):
    def encode(self, source):
        return super().encode(source).flip(1)


FAULTS = [NotScaled, PositionsOffByOne, LastNormMissing, HeadCut]
FAULTS += [SourcePaddingEncoded, SourcePaddingDecoded, SourceReadBackwards]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault):
    with pytest.raises(AssertionError, match="is not the same"):
        check_same(fault(SMALL), SMALL)


@pytest.mark.parametrize("mask", ["ones", "transposed"])
def test_a_wrong_causal_mask_is_found(monkeypatch, mask):
    def wrong(T, device=None):
        square = torch.ones(T, T, dtype=torch.bool)
        return square if mask == "ones" else square.triu()

    monkeypatch.setattr(transformer, "causal_mask", wrong)
    with pytest.raises(AssertionError, match="is not the same"):
        check_same(Transformer(SMALL), SMALL)
