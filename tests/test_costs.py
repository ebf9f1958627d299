"""Every formula of cost equals what is counted in the model itself."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from course_utils.config import ModelConfig
from course_utils.costs import (
    BERT_BASE,
    GPT2,
    GPT3,
    forward_flops,
    parameter_count,
    training_flops,
    weight_bytes,
)
from course_utils.encoder import Encoder
from course_utils.transformer import LanguageModel, Transformer

KINDS = {
    "encoder": Encoder,
    "language_model": LanguageModel,
    "transformer": Transformer,
}
kinds = pytest.mark.parametrize("kind", KINDS)
CONFIGS = st.builds(
    lambda n_heads, half_head, **fields: ModelConfig(
        d_model=2 * half_head * n_heads, n_heads=n_heads, **fields
    ),
    n_heads=st.integers(1, 3),
    half_head=st.integers(1, 4),
    vocab_size=st.integers(1, 40),
    n_layers=st.integers(1, 3),
    d_ff=st.integers(1, 30),
    max_len=st.integers(8, 20),
    positions=st.sampled_from(["sinusoidal", "learned"]),
    norm_first=st.booleans(),
    norm_embeddings=st.booleans(),
)


def counted(kind, config):
    with torch.device("meta"):
        return sum(weight.numel() for weight in KINDS[kind](config).parameters())


def inputs(kind, config, T, S):
    """Make one text, or one vector a token for the bare encoder."""
    if kind == "encoder":
        return [torch.ones(1, T, config.d_model, requires_grad=True)]
    lengths = (S, T) if kind == "transformer" else (T,)
    return [torch.zeros(1, length, dtype=torch.long) for length in lengths]


# --- weights -----------------------------------------------------------------------


@kinds
@settings(deadline=None, max_examples=15)
@given(config=CONFIGS)
def test_the_number_of_weights_is_that_of_the_model(kind, config):
    assert parameter_count(config, kind) == counted(kind, config)


def test_the_published_models_have_the_published_sizes():
    assert parameter_count(BERT_BASE, "encoder") == 12 * 7_087_872
    # With both segments' embeddings (2 C) and the pooler, C (C + 1): "110M".
    whole = parameter_count(BERT_BASE, "language_model") + 2 * 768 + 768 * 769
    assert whole == 109_482_240
    assert parameter_count(GPT2, "language_model") == 124_439_808
    large = parameter_count(GPT3, "language_model")
    assert large == 174_604_259_328
    assert large == pytest.approx(175e9, rel=0.005)


def test_published_models_can_be_drawn_up_without_memory():
    assert counted("encoder", BERT_BASE) == parameter_count(BERT_BASE, "encoder")
    assert counted("language_model", GPT3) == parameter_count(GPT3, "language_model")


@pytest.mark.parametrize(
    ("dtype", "each"), [(torch.float32, 4), (torch.bfloat16, 2), (torch.int8, 1)]
)
def test_bytes_of_a_number_of_weights(dtype, each):
    assert weight_bytes(1000, dtype) == 1000 * each


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_bytes_of_a_model_are_those_of_its_weights(dtype):
    config = ModelConfig(13, d_model=20, d_ff=33)
    model = LanguageModel(config).to(dtype)
    number = parameter_count(config, "language_model")
    assert weight_bytes(model) == weight_bytes(number, dtype)


# --- operations --------------------------------------------------------------------


@kinds
@settings(deadline=None, max_examples=8)
@given(config=CONFIGS, T=st.integers(1, 7), S=st.integers(1, 8))
def test_operations_are_those_that_torch_counts(kind, config, T, S):
    model, given = KINDS[kind](config), inputs(kind, config, T, S)
    with FlopCounterMode(display=False) as forward:
        out = model(*given)
    assert forward_flops(config, T, S, kind) == forward.get_total_flops()
    with FlopCounterMode(display=False) as backward:
        out.sum().backward()
    both = forward.get_total_flops() + backward.get_total_flops()
    assert training_flops(config, T, S, kind) == both


def test_doubling_the_text_doubles_all_but_attention():
    config = ModelConfig(13, d_model=20, d_ff=33)
    once, twice = (forward_flops(config, T, kind="encoder") for T in (10, 20))
    products = 2 * config.n_layers * (4 * 20 * 20 + 2 * 20 * 33)
    assert once == 10 * products + config.n_layers * 4 * 20 * 100
    assert twice - 2 * once == config.n_layers * 4 * 20 * 200


@pytest.mark.no_typecheck
@pytest.mark.parametrize("formula", [parameter_count, forward_flops, training_flops])
def test_an_unknown_kind_is_refused_with_the_known_ones(formula):
    config, lengths = ModelConfig(13), (5,) if formula is not parameter_count else ()
    message = (
        r"^kind='decoder' is not one of "
        r"\('encoder', 'language_model', 'transformer'\)$"
    )
    with pytest.raises(ValueError, match=message):
        formula(config, *lengths, kind="decoder")
