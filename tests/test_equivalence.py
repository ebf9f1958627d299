"""Our classes are GPT-2 and BERT when they carry their weights, with any attention.

The rivals are built from a configuration with random weights: nothing is downloaded.
"""

import os
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel

from course_utils.attention import causal_mask, scaled_dot_product_attention
from course_utils.config import ModelConfig
from course_utils.encoder import Encoder, EncoderLayer, padding_mask
from course_utils.interop import from_bert, from_gpt2
from course_utils.transformer import Embedding, LanguageModel, Transformer
from tests.oracles import DTYPES, assert_same_trace, carried, draw, randomize, trace
from tests.tolerances import assert_same

IDS = torch.tensor(
    [[5, 6, 7, 8, 9, 3, 4], [4, 12, 0, 0, 0, 0, 0], [8, 3, 5, 5, 0, 0, 0]]
)
REAL = IDS != 0
B, S, C = 3, 7, 20
SHAPE = ModelConfig(
    13,
    d_model=C,
    n_heads=4,
    n_layers=3,
    d_ff=33,
    max_len=16,
    positions="learned",
    activation="gelu_tanh",
)
BERT = replace(
    SHAPE, activation="gelu", norm_first=False, norm_embeddings=True, norm_eps=1e-12
)
implementations = pytest.mark.parametrize("implementation", ["eager", "sdpa"])
dtypes = pytest.mark.parametrize("dtype", DTYPES, ids=str)
both_modes = pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])


def gpt2(implementation, dtype, config=SHAPE):
    """Build Hugging Face's GPT-2 of our sizes, without dropout."""
    theirs = GPT2Config(
        vocab_size=config.vocab_size,
        n_embd=config.d_model,
        n_head=config.n_heads,
        n_layer=config.n_layers,
        n_inner=config.d_ff,
        n_positions=config.max_len,
        layer_norm_epsilon=config.norm_eps,
        **dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.0),
        attn_implementation=implementation,
        bos_token_id=1,
        eos_token_id=2,
    )
    return GPT2LMHeadModel(theirs).to(dtype)


def bert(implementation, dtype, config=BERT, **options):
    """Build Hugging Face's BERT of our sizes, without dropout and pooler."""
    theirs = BertConfig(
        vocab_size=config.vocab_size,
        hidden_size=config.d_model,
        num_attention_heads=config.n_heads,
        num_hidden_layers=config.n_layers,
        intermediate_size=config.d_ff,
        max_position_embeddings=config.max_len,
        layer_norm_eps=config.norm_eps,
        attn_implementation=implementation,
        **{"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0} | options,
    )
    return BertModel(theirs, add_pooling_layer=False).to(dtype)


class OurBert(nn.Module):
    """BERT from our parts; the embedding of the first segment is in the positions."""

    def __init__(self, config, attention=scaled_dot_product_attention):
        super().__init__()
        self.embedding = Embedding(config)
        self.encoder = Encoder(config, attention)

    def forward(self, ids):
        return self.encoder(self.embedding(ids), padding_mask(ids))


def fold_segment(tensors):
    """Add the first segment's embedding, the only one used, to every position."""
    tensors = from_bert(tensors)
    segment = tensors.pop("embeddings.token_type_embeddings.weight")[0]
    tensors["embedding.positions.table"] = (
        tensors["embedding.positions.table"] + segment
    )
    return tensors


# --- GPT-2 -------------------------------------------------------------------------


def check_gpt2(ours, implementation="eager", dtype=torch.float64, training=True):
    """Demand GPT-2's logits at real positions, and its gradients of all weights."""
    ours, theirs = carried(ours, gpt2(implementation, dtype), from_gpt2)
    ours.train(training), theirs.train(training)
    expected = trace(
        lambda: theirs(IDS, attention_mask=REAL.long()).logits[REAL], module=theirs
    )
    result = trace(lambda: ours(IDS)[REAL], module=ours)
    assert_same_trace(result, expected, from_gpt2)


@both_modes
@dtypes
@implementations
def test_the_language_model_is_gpt2(implementation, dtype, training):
    check_gpt2(LanguageModel(SHAPE), implementation, dtype, training)


@dtypes
def test_a_layer_is_a_layer_of_gpt2(dtype):
    theirs = gpt2("eager", dtype).transformer.h[1]
    ours, theirs = carried(EncoderLayer(SHAPE), theirs, from_gpt2)
    x, mask = draw(B, S, C, dtype=dtype), causal_mask(S)
    hidden = torch.zeros(S, S, dtype=dtype).masked_fill(~mask, -torch.inf)
    expected = trace(lambda x: theirs(x, attention_mask=hidden), x, module=theirs)
    result = trace(lambda x: ours(x, mask), x, module=ours)
    assert_same_trace(result, expected, from_gpt2)


@pytest.mark.parametrize(
    "change",
    [
        {"activation": "gelu"},
        {"norm_first": False},
        {"norm_eps": 1e-3},
        {"n_heads": 2},
    ],
    ids=str,
)
def test_another_choice_is_not_gpt2(change):
    ours = LanguageModel(replace(SHAPE, **change))
    ours.blocks.norm = nn.LayerNorm(C, eps=ours.config.norm_eps)
    with pytest.raises(AssertionError, match="is not the same"):
        check_gpt2(ours)


# --- BERT --------------------------------------------------------------------------


@both_modes
@dtypes
@implementations
def test_embedding_and_encoder_are_bert(implementation, dtype, training):
    theirs = bert(implementation, dtype)
    ours, theirs = carried(OurBert(BERT), theirs, fold_segment)
    ours.train(training), theirs.train(training)
    expected = trace(
        lambda: theirs(IDS, attention_mask=REAL.long()).last_hidden_state[REAL],
        module=theirs,
    )
    # The segment's own gradient is the sum over positions: compare what is shared.
    expected.weights.pop("embeddings.token_type_embeddings.weight")
    result = trace(lambda: ours(IDS)[REAL], module=ours)
    assert_same_trace(result, expected, from_bert)


def check_bert_layer(ours, implementation="eager", dtype=torch.float64, padded=True):
    """Demand the values and gradients of one of BERT's layers."""
    theirs = bert(implementation, dtype).encoder.layer[1]
    ours, theirs = carried(ours, theirs, from_bert)
    x, mask = draw(B, S, C, dtype=dtype), padding_mask(IDS if padded else IDS + 1)
    lowest = torch.finfo(dtype).min
    hidden = torch.zeros(mask.shape, dtype=dtype).masked_fill(~mask, lowest)
    expected = trace(lambda x: theirs(x, hidden), x, module=theirs)
    result = trace(lambda x: ours(x, mask), x, module=ours)
    assert_same_trace(result, expected, from_bert)


@pytest.mark.parametrize("padded", [True, False])
@dtypes
@implementations
def test_a_layer_is_a_layer_of_bert(implementation, dtype, padded):
    check_bert_layer(EncoderLayer(BERT), implementation, dtype, padded)


@pytest.mark.parametrize(
    "change",
    [{"activation": "gelu_tanh"}, {"norm_first": True}, {"norm_eps": 1e-3}],
    ids=str,
)
def test_another_choice_is_not_bert(change):
    with pytest.raises(AssertionError, match="is not the same"):
        check_bert_layer(EncoderLayer(replace(BERT, **change)))


def test_dropout_stands_where_bert_has_it_apart_from_the_weights():
    config = replace(BERT, dropout=0.3)
    theirs = bert("sdpa", torch.float32, hidden_dropout_prob=0.3).encoder.layer[1]
    ours, theirs = carried(EncoderLayer(config), theirs, from_bert)
    ours.train(), theirs.train()
    x = draw(B, S, C)
    torch.manual_seed(5)
    expected = theirs(x).detach()
    torch.manual_seed(5)
    assert_same(ours(x).detach(), expected)


# --- any attention in any model ----------------------------------------------------

MODELS = {
    "transformer": (Transformer, SHAPE, (IDS, IDS[:, :5])),
    "language model": (LanguageModel, SHAPE, (IDS,)),
    "bert": (OurBert, BERT, (IDS,)),
}


@dtypes
@pytest.mark.parametrize(("kind", "config", "inputs"), MODELS.values(), ids=MODELS)
def test_the_fused_attention_gives_the_same_model(kind, config, inputs, dtype):
    fused = randomize(kind(config, attention=F.scaled_dot_product_attention).to(dtype))
    by_hand = kind(config).to(dtype)
    by_hand.load_state_dict(fused.state_dict(), strict=True)
    expected = trace(lambda: fused(*inputs), module=fused)
    assert_same_trace(trace(lambda: by_hand(*inputs), module=by_hand), expected)
