"""Whole models from the parts: a translator and a language model (lesson 06)."""

import math
from collections.abc import Callable

from jaxtyping import Float, Int
from torch import Tensor, nn

from course_utils.attention import causal_mask, scaled_dot_product_attention
from course_utils.config import ModelConfig
from course_utils.decoder import Decoder
from course_utils.encoder import Encoder, padding_mask
from course_utils.positions import LearnedPositions, SinusoidalPositions

__all__ = ["Embedding", "LanguageModel", "Transformer"]


class Embedding(nn.Module):
    """Turn token ids into vectors that know their position, and back into logits.

    The same matrix serves both directions (weight tying). Beside sinusoids of size
    about 1, token vectors are scaled by √C, as in the paper; learned positions
    adapt by themselves.

    Source: Vaswani et al. 2017, arXiv 1706.03762, sections 3.4 and 3.5.
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        V, C = config.vocab_size, config.d_model
        sinusoidal = config.positions == "sinusoidal"
        self.token = nn.Embedding(V, C)
        self.scale = math.sqrt(C) if sinusoidal else 1.0
        kind = SinusoidalPositions if sinusoidal else LearnedPositions
        self.positions = kind(C, config.max_len)
        norm = nn.LayerNorm(C, eps=config.norm_eps)
        self.norm = norm if config.norm_embeddings else nn.Identity()
        self.dropout = nn.Dropout(config.dropout)
        nn.init.normal_(self.token.weight, std=1 / math.sqrt(C))

    def forward(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T C"]:
        x = self.positions(self.token(ids) * self.scale)
        return self.dropout(self.norm(x))

    def logits(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T V"]:
        """Score every token of the vocabulary by its dot product with `x`."""
        return nn.functional.linear(x, self.token.weight)


class Transformer(nn.Module):
    """Read a source with the encoder, write a target with the decoder.

    Both languages share one vocabulary, so one embedding serves source, target and
    output. Token 0 is padding. Source: Vaswani et al. 2017, arXiv 1706.03762.
    """

    def __init__(
        self, config: ModelConfig, attention: Callable = scaled_dot_product_attention
    ):
        super().__init__()
        self.config = config
        self.embedding = Embedding(config)
        self.encoder = Encoder(config, attention)
        self.decoder = Decoder(config, attention)

    def encode(self, source: Int[Tensor, "B S"]) -> Float[Tensor, "B S C"]:
        """Read the source once; the decoder looks at the result at every step."""
        return self.encoder(self.embedding(source), padding_mask(source))

    def decode(
        self,
        target: Int[Tensor, "B T"],
        memory: Float[Tensor, "B S C"],
        source: Int[Tensor, "B S"],
    ) -> Float[Tensor, "B T V"]:
        """Score the token that follows each prefix of `target`."""
        mask = causal_mask(target.shape[1], target.device)
        x = self.embedding(target)
        x = self.decoder(x, memory, mask, padding_mask(source))
        return self.embedding.logits(x)

    def forward(
        self, source: Int[Tensor, "B S"], target: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T V"]:
        return self.decode(target, self.encode(source), source)


class LanguageModel(nn.Module):
    """Score the next token of a text: encoder layers under a causal mask.

    With learned positions, pre-norm and `gelu_tanh` this is GPT-2.
    Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners".
    """

    def __init__(
        self, config: ModelConfig, attention: Callable = scaled_dot_product_attention
    ):
        super().__init__()
        self.config = config
        self.embedding = Embedding(config)
        self.blocks = Encoder(config, attention)

    def forward(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T V"]:
        mask = causal_mask(ids.shape[1], ids.device)
        return self.embedding.logits(self.blocks(self.embedding(ids), mask))
