"""The models that ours are compared with, built in the ordinary way."""

import math

import torch
from torch import Tensor, nn

from course_utils.config import ModelConfig
from course_utils.interop import from_torch
from course_utils.positions import sinusoid_table

__all__ = ["TorchTranslator", "from_translator"]


class TorchTranslator(nn.Module):
    """`nn.Transformer` between an embedding and a tied head, as tutorials build it."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        C, L = config.d_model, config.n_layers
        self.embedding = nn.Embedding(config.vocab_size, C)
        self.dropout = nn.Dropout(config.dropout)
        table = sinusoid_table(config.max_len, C)
        self.register_buffer("table", table, persistent=False)
        self.transformer = nn.Transformer(
            *(C, config.n_heads, L, L, config.d_ff, config.dropout, config.activation),
            layer_norm_eps=config.norm_eps,
            batch_first=True,
            norm_first=config.norm_first,
        )
        if not config.norm_first:  # torch ends post-norm stacks in a norm, too
            self.transformer.encoder.norm = self.transformer.decoder.norm = None

    def embed(self, ids: Tensor) -> Tensor:
        """Scale, add the positions."""
        x = self.embedding(ids) * math.sqrt(self.embedding.embedding_dim)
        return self.dropout(x + self.table[: ids.shape[1]].to(x.dtype))

    def encode(self, source: Tensor) -> Tensor:
        """Read the source."""
        return self.transformer.encoder(
            self.embed(source), src_key_padding_mask=source == 0
        )

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """Score the token after each prefix of the target."""
        T = target.shape[1]
        ahead = torch.ones(T, T, dtype=torch.bool, device=target.device).triu(1)
        x = self.transformer.decoder(
            self.embed(target),
            memory,
            tgt_mask=ahead,
            tgt_key_padding_mask=target == 0,
            memory_key_padding_mask=source == 0,
        )
        return x @ self.embedding.weight.T

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decode(target, self.encode(source), source)


def from_translator(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename the tensors of `TorchTranslator` to those of our `Transformer`."""
    inner = {name.removeprefix("transformer."): t for name, t in tensors.items()}
    token = inner.pop("embedding.weight")
    return {"embedding.token.weight": token, **from_torch(inner)}
