"""Carry weights from torch's and Hugging Face's layers into ours, for comparisons.

Each function takes tensors by name, weights or gradients, as `named_parameters` lists
them, and returns them under our names. Fused projections are cut into query, key and
value. Nothing else changes, so that `load_state_dict(strict=True)` can be demanded.
"""

import math
import warnings
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from course_utils.config import ModelConfig
from course_utils.positions import sinusoid_table

__all__ = [
    "TorchTranslator",
    "from_bert",
    "from_gpt2",
    "from_torch",
    "from_translator",
]

Tensors = Mapping[str, Tensor]
Rules = Iterable[tuple[str, str]]

TORCH = (
    ("multihead_attn.", "cross_attention."),
    ("linear1.", "feed_forward.up_proj."),
    ("linear2.", "feed_forward.down_proj."),
)
BERT = (
    ("embeddings.word_embeddings.", "embedding.token."),
    ("embeddings.position_embeddings.weight", "embedding.positions.table"),
    ("embeddings.LayerNorm.", "embedding.norm."),
    ("attention.self.query.", "attention.q_proj."),
    ("attention.self.key.", "attention.k_proj."),
    ("attention.self.value.", "attention.v_proj."),
    ("attention.output.dense.", "attention.out_proj."),
    ("attention.output.LayerNorm.", "norm1."),
    ("intermediate.dense.", "feed_forward.up_proj."),
    ("output.dense.", "feed_forward.down_proj."),
    ("output.LayerNorm.", "norm2."),
    ("layer.", "layers."),
)
GPT2 = (
    ("transformer.wte.weight", "embedding.token.weight"),
    ("transformer.wpe.weight", "embedding.positions.table"),
    ("transformer.h.", "blocks.layers."),
    ("transformer.ln_f.", "blocks.norm."),
    ("ln_1.", "norm1."),
    ("ln_2.", "norm2."),
    ("attn.c_attn.", "attention.in_proj_"),
    ("attn.c_proj.", "attention.out_proj."),
    ("mlp.c_fc.", "feed_forward.up_proj."),
    ("mlp.c_proj.", "feed_forward.down_proj."),
)


def _renamed(name: str, rules: Rules) -> str:
    for theirs, ours in rules:
        name = name.replace(theirs, ours)
    return name


def _cut(tensors: Tensors) -> dict[str, Tensor]:
    """Cut each `in_proj_` tensor into those of the three projections."""
    result = {}
    for name, tensor in tensors.items():
        place, fused, kind = name.partition("in_proj_")
        if not fused:
            result[name] = tensor
            continue
        for letter, part in zip("qkv", tensor.chunk(3), strict=True):
            result[f"{place}{letter}_proj.{kind}"] = part
    return result


def from_torch(tensors: Tensors) -> dict[str, Tensor]:
    """Rename the tensors of `nn.Transformer`, or of any of its parts."""
    reads = any("multihead_attn." in name for name in tensors)
    result = {}
    for name, tensor in tensors.items():
        in_decoder = reads and not name.startswith("encoder.")
        own = "self_attention." if in_decoder else "attention."
        result[_renamed(name, (("self_attn.", own), *TORCH))] = tensor
    return _cut(result)


def from_bert(tensors: Tensors) -> dict[str, Tensor]:
    """Rename the tensors of Hugging Face's `BertModel`, or of any of its parts."""
    return {_renamed(name, BERT): tensor for name, tensor in tensors.items()}


def from_gpt2(tensors: Tensors) -> dict[str, Tensor]:
    """Rename the tensors of Hugging Face's `GPT2LMHeadModel`, or of a `GPT2Block`.

    GPT-2 stores its matrices transposed, as (inputs, outputs).
    """
    result = {}
    for name, tensor in tensors.items():
        matrix = ".c_" in name and tensor.ndim == 2
        result[_renamed(name, GPT2)] = tensor.T if matrix else tensor
    return _cut(result)


class TorchTranslator(nn.Module):
    """`nn.Transformer` between an embedding and a tied head, as tutorials build it."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        C, L = config.d_model, config.n_layers
        self.embedding = nn.Embedding(config.vocab_size, C)
        table = sinusoid_table(config.max_len, C)
        self.register_buffer("table", table, persistent=False)
        sizes = C, config.n_heads, L, L, config.d_ff, config.dropout, config.activation
        with warnings.catch_warnings():  # a fast path is off; we do not need it
            warnings.filterwarnings("ignore", "enable_nested_tensor is True")
            self.transformer = nn.Transformer(
                *sizes,
                layer_norm_eps=config.norm_eps,
                batch_first=True,
                norm_first=config.norm_first,
            )
        if not config.norm_first:  # torch ends post-norm stacks in one more norm
            self.transformer.encoder.norm = self.transformer.decoder.norm = None

    def embed(self, ids: Tensor) -> Tensor:
        """Scale the token vectors, add the positions."""
        x = self.embedding(ids) * math.sqrt(self.embedding.embedding_dim)
        return x + self.table[: ids.shape[1]].to(x)

    def encode(self, source: Tensor) -> Tensor:
        """Read the source."""
        x = self.embed(source)
        return self.transformer.encoder(x, src_key_padding_mask=source == 0)

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """Score the token after each prefix; padding at its end is in the future."""
        x, T = self.embed(target), target.shape[1]
        x = self.transformer.decoder(
            x,
            memory,
            tgt_mask=torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1),
            memory_key_padding_mask=source == 0,
        )
        return x @ self.embedding.weight.T

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decode(target, self.encode(source), source)


def from_translator(tensors: Tensors) -> dict[str, Tensor]:
    """Rename the tensors of `TorchTranslator` to those of our `Transformer`."""
    inner = {name.removeprefix("transformer."): t for name, t in tensors.items()}
    token = inner.pop("embedding.weight")
    return {"embedding.token.weight": token, **from_torch(inner)}
