"""The key/value cache: read each token once, whatever is written (lesson 21).

`cached_text_steps` and `cached_translation_steps` score the next token as those of
lesson 06 do, and can take their place in every decoding function. They drive the
parts that the modules expose; the modules know nothing of them.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course_utils.attention import causal_mask
from course_utils.config import ModelConfig
from course_utils.decoder import DecoderLayer
from course_utils.encoder import EncoderLayer, padding_mask
from course_utils.multihead import MultiHeadAttention, merge_heads, split_heads
from course_utils.positions import check_length
from course_utils.transformer import Embedding, LanguageModel, Transformer

__all__ = [
    "CachedSteps",
    "KVCache",
    "Memory",
    "attend_cached",
    "cached_text_steps",
    "cached_translation_steps",
    "common_length",
    "decoder_layer_cached",
    "embed_from",
    "encoder_layer_cached",
    "kv_bytes",
    "mask_from",
    "new_caches",
]


def kv_bytes(
    config: ModelConfig, T: int, B: int = 1, dtype: torch.dtype = torch.float32
) -> int:
    """Return the bytes of all keys and values: 2 L B T C · bytes of a number.

    Heads share the width C, so their number does not matter.
    """
    return 2 * config.n_layers * B * T * config.d_model * dtype.itemsize


class KVCache:
    """Hold the keys and values of one layer; `length` says how many are filled.

    Room for `max_len` tokens is taken once, so a new token is written in its place
    and nothing is copied. Source: Shazeer 2019, arXiv 1911.02150, section 2.4.

    Raises:
        ValueError: more tokens come than there is room for.
    """

    def __init__(self, k: Float[Tensor, "B H max_len D"], v: Float[Tensor, "..."]):
        self.k, self.v, self.length = k, v, 0

    def append(self, k: Float[Tensor, "B H T D"], v: Float[Tensor, "B H T D"]):
        """Store T new keys and values; return all of them, `(B, H, length, D)`."""
        start, end = self.length, self.length + k.shape[2]
        if end > self.k.shape[2]:
            raise ValueError(
                f"the cache has room for {self.k.shape[2]} tokens, and {end} came; "
                f"write less or make it with max_len={end} or more"
            )
        self.k[:, :, start:end], self.v[:, :, start:end] = k, v
        self.length = end
        return self.k[:, :, :end], self.v[:, :, :end]


def new_caches(
    config: ModelConfig, B: int, like: Tensor, max_len: int | None = None
) -> list[KVCache]:
    """Return an empty cache for each layer, of the kind and on the device of `like`.

    There is room for `max_len` tokens, by default as many as the model can read.
    """
    shape = (B, config.n_heads, max_len or config.max_len, config.d_head)
    return [
        KVCache(like.new_empty(shape), like.new_empty(shape))
        for _ in range(config.n_layers)
    ]


def attend_cached(
    attention: MultiHeadAttention,
    x: Float[Tensor, "B T C"],
    cache: KVCache,
    mask: Bool[Tensor, "T S"] | None,
) -> Float[Tensor, "B T C"]:
    """Let T new positions look at themselves and at all that the cache holds.

    The three parts of `MultiHeadAttention.forward`, with the cache between them.
    """
    q, k, v = attention.project(x, x)
    k, v = cache.append(k, v)
    return attention.out_proj(merge_heads(attention.attention(q, k, v, mask)))


def embed_from(
    embedding: Embedding, ids: Int[Tensor, "B T"], start: int
) -> Float[Tensor, "B T C"]:
    """Embed tokens that stand at positions `start`, `start` + 1, ..."""
    table, end = embedding.positions.table, start + ids.shape[1]
    check_length(end, len(table))
    x = embedding.token(ids) * embedding.scale
    return embedding.norm(x + table[start:end].to(x))


def encoder_layer_cached(
    layer: EncoderLayer,
    x: Float[Tensor, "B T C"],
    cache: KVCache,
    mask: Bool[Tensor, "T S"] | None,
) -> Float[Tensor, "B T C"]:
    """Return what the layer makes of T new positions, in evaluation mode."""
    if layer.norm_first:
        x = x + attend_cached(layer.attention, layer.norm1(x), cache, mask)
        return x + layer.feed_forward(layer.norm2(x))
    x = layer.norm1(x + attend_cached(layer.attention, x, cache, mask))
    return layer.norm2(x + layer.feed_forward(x))


class Memory:
    """Hold what one layer's cross-attention needs of the source: computed once.

    The source does not grow while the target is written, so neither do its keys.
    """

    def __init__(
        self,
        attention: MultiHeadAttention,
        memory: Float[Tensor, "B S C"],
        mask: Bool[Tensor, "B 1 1 S"],
    ):
        self.attention, self.mask = attention, mask
        self.k = split_heads(attention.k_proj(memory), attention.n_heads)
        self.v = split_heads(attention.v_proj(memory), attention.n_heads)

    def read(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        """Let T target positions look at the source."""
        part = self.attention
        q = split_heads(part.q_proj(x), part.n_heads)
        return part.out_proj(merge_heads(part.attention(q, self.k, self.v, self.mask)))


def decoder_layer_cached(
    layer: DecoderLayer,
    x: Float[Tensor, "B T C"],
    cache: KVCache,
    mask: Bool[Tensor, "T S"] | None,
    memory: Memory,
) -> Float[Tensor, "B T C"]:
    """Return what the layer makes of T new positions, in evaluation mode."""
    if layer.norm_first:
        x = x + attend_cached(layer.self_attention, layer.norm1(x), cache, mask)
        x = x + memory.read(layer.norm2(x))
        return x + layer.feed_forward(layer.norm3(x))
    x = layer.norm1(x + attend_cached(layer.self_attention, x, cache, mask))
    x = layer.norm2(x + memory.read(x))
    return layer.norm3(x + layer.feed_forward(x))


class CachedSteps:
    """Score the token after each row, reading only the tokens that are new.

    `read(ids, start, caches)` returns the logits of the last of the tokens `ids`, the
    first of which stands at position `start`; `new(B)` makes empty caches. Rows that do
    not go on where those of the last call ended are read again from where they differ,
    so the scores are right for whatever is asked.
    """

    def __init__(self, read: Callable, new: Callable[[int], list[KVCache]]):
        self.read, self.new = read, new
        self.seen = torch.empty(0, 0, dtype=torch.long)
        self.caches: list[KVCache] = []

    @torch.no_grad()
    def __call__(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B V"]:
        B, T = ids.shape
        if len(self.seen) != B:
            self.caches, self.seen = self.new(B), ids[:, :0]
        start = min(common_length(self.seen, ids), T - 1)
        for cache in self.caches:
            cache.length = start
        self.seen = ids[:, :start]  # what is stored if reading fails
        logits = self.read(ids[:, start:], start, self.caches)
        self.seen = ids
        return logits


def common_length(a: Int[Tensor, "B S"], b: Int[Tensor, "B T"]) -> int:
    """Return how many columns of two sets of rows agree, counted from the left."""
    shorter = min(a.shape[1], b.shape[1])
    same = (a[:, :shorter] == b[:, :shorter]).all(dim=0)
    return int(same.cumprod(dim=0).sum())


def mask_from(start: int, T: int, device: torch.device) -> Bool[Tensor, "T S"] | None:
    """Return the causal mask's rows from `start` on; None for one, which sees all."""
    return None if T == 1 else causal_mask(start + T, device)[start:]


def cached_text_steps(model: LanguageModel, max_len: int | None = None) -> CachedSteps:
    """Return `text_steps` with a cache for `max_len` tokens, by default the model's."""

    def read(ids: Tensor, start: int, caches: list[KVCache]) -> Tensor:
        x = embed_from(model.embedding, ids, start)
        mask = mask_from(start, ids.shape[1], ids.device)
        for layer, cache in zip(model.blocks.layers, caches, strict=True):
            x = encoder_layer_cached(layer, x, cache, mask)
        return model.embedding.logits(model.blocks.norm(x[:, -1:]))[:, 0]

    like = model.embedding.token.weight
    return CachedSteps(read, lambda B: new_caches(model.config, B, like, max_len))


@torch.no_grad()
def cached_translation_steps(
    model: Transformer, source: Int[Tensor, "B S"], max_len: int | None = None
) -> CachedSteps:
    """Return `translation_steps` with a cache; the source's keys are computed once."""
    encoded, seen = model.encode(source), padding_mask(source)
    layers = model.decoder.layers
    memories = [Memory(layer.cross_attention, encoded, seen) for layer in layers]

    def read(ids: Tensor, start: int, caches: list[KVCache]) -> Tensor:
        x = embed_from(model.embedding, ids, start)
        mask = mask_from(start, ids.shape[1], ids.device)
        for layer, cache, memory in zip(layers, caches, memories, strict=True):
            x = decoder_layer_cached(layer, x, cache, mask, memory)
        return model.embedding.logits(model.decoder.norm(x[:, -1:]))[:, 0]

    return CachedSteps(read, lambda B: new_caches(model.config, B, encoded, max_len))
