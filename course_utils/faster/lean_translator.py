"""The lean loop for an encoder-decoder: one sentence, end to end (lesson 21)."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_utils.faster.lean import (
    LookBack,
    Norm,
    Think,
    Words,
    check_lean,
    joined_product,
    out_product,
    plain_product,
)
from course_utils.multihead import MultiHeadAttention
from course_utils.positions import check_length
from course_utils.transformer import Transformer

__all__ = ["LeanTranslator", "LookAround", "Read"]


class LookAround:
    """Self-attention of an encoder's layer over a whole sentence."""

    def __init__(self, part: MultiHeadAttention, norm: nn.LayerNorm, product: Callable):
        self.norm, self.out, self.H = (
            Norm(norm),
            out_product(part, product),
            part.n_heads,
        )
        self.kvq = joined_product(part, "kvq", product)

    def __call__(self, x: Float[Tensor, "S C"]) -> Float[Tensor, "S C"]:
        S = len(x)
        kvq = self.kvq(self.norm(x)).view(S, 3, self.H, -1)
        k, v, q = kvq.permute(1, 2, 0, 3).unbind(0)  # (H, S, D) each
        seen = torch.bmm(torch.bmm(q, k.transpose(1, 2)).softmax(-1), v)
        return self.out(seen.transpose(0, 1).reshape(S, -1)).add_(x)


class Read:
    """Cross-attention of one layer; `prepare` computes the source's keys once."""

    def __init__(self, part: MultiHeadAttention, norm: nn.LayerNorm, product: Callable):
        self.norm, self.out, self.H = (
            Norm(norm),
            out_product(part, product),
            part.n_heads,
        )
        self.q = joined_product(part, "q", product)
        self.kv = joined_product(part, "kv", product)

    def prepare(self, memory: Float[Tensor, "S C"]) -> None:
        """Remember what this layer needs of the encoded source."""
        kv = self.kv(memory).view(len(memory), 2, self.H, -1)
        self.k, self.v = kv[:, 0].permute(1, 2, 0), kv[:, 1].transpose(0, 1)

    def __call__(self, x: Float[Tensor, "1 C"]) -> Float[Tensor, "1 C"]:
        q = self.q(self.norm(x)).view(self.H, 1, -1)
        seen = torch.bmm(torch.bmm(q, self.k).softmax(-1), self.v)
        return self.out(seen.view(1, -1)).add_(x)


class LeanTranslator:
    """Translate one sentence, tokens to tokens: `lean(source)`.

    Raises as `LeanText`.
    """

    @torch.no_grad()
    def __init__(self, model: Transformer, product: Callable = plain_product):
        check_lean(model)
        self.max_len, self.words = model.config.max_len, Words(model.embedding)
        self.encoder = [
            (
                LookAround(layer.attention, layer.norm1, product),
                Think(layer.feed_forward, layer.norm2, product),
            )
            for layer in model.encoder.layers
        ]
        self.decoder = [
            (
                LookBack(layer.self_attention, layer.norm1, product, self.max_len),
                Read(layer.cross_attention, layer.norm2, product),
                Think(layer.feed_forward, layer.norm3, product),
            )
            for layer in model.decoder.layers
        ]
        self.norms = Norm(model.encoder.norm), Norm(model.decoder.norm)

    def read(self, source: list[int]) -> None:
        """Encode a sentence; every layer of the decoder keeps its keys and values."""
        check_length(len(source), self.max_len)
        x = self.words.vectors[source] + self.words.table[: len(source)]
        for look_around, think in self.encoder:
            x = think(look_around(x))
        x = self.norms[0](x)
        for _, read, _ in self.decoder:
            read.prepare(x)

    @torch.inference_mode()
    def __call__(
        self,
        source: list[int],
        max_new: int | None = None,
        start_id: int = 1,
        end_id: int = 2,
    ) -> list[int]:
        """Return the translation, up to and including the end token."""
        self.read(source)
        ids = [start_id]
        for t in range(min(max_new or self.max_len - 1, self.max_len)):
            x = self.words.one(ids[t], t)
            for look_back, read, think in self.decoder:
                x = think(read(look_back(x, t)))
            ids.append(int(self.words.scores(self.norms[1](x)).argmax()))
            if ids[-1] == end_id:
                break
        return ids[1:]
