"""The decoder: writes one token at a time and reads the source (lesson 06)."""

from collections.abc import Callable

from jaxtyping import Bool, Float
from torch import Tensor, nn

from course_utils.attention import scaled_dot_product_attention
from course_utils.config import ModelConfig
from course_utils.encoder import FeedForward
from course_utils.multihead import MultiHeadAttention

__all__ = ["Decoder", "DecoderLayer"]


class DecoderLayer(nn.Module):
    """Look back, look at the source, then think; each part is added to its input.

    Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.1.
    """

    def __init__(
        self, config: ModelConfig, attention: Callable = scaled_dot_product_attention
    ):
        super().__init__()
        C, H, eps = config.d_model, config.n_heads, config.norm_eps
        self.self_attention = MultiHeadAttention(C, H, attention)
        self.cross_attention = MultiHeadAttention(C, H, attention)
        self.feed_forward = FeedForward(config)
        self.norm1 = nn.LayerNorm(C, eps=eps)
        self.norm2 = nn.LayerNorm(C, eps=eps)
        self.norm3 = nn.LayerNorm(C, eps=eps)
        self.dropout = nn.Dropout(config.dropout)
        self.norm_first = config.norm_first

    def forward(
        self,
        x: Float[Tensor, "B T C"],
        memory: Float[Tensor, "B S C"],
        mask: Bool[Tensor, "..."] | None = None,
        source_mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "B T C"]:
        drop, look_back, read = self.dropout, self.self_attention, self.cross_attention
        if self.norm_first:
            h = self.norm1(x)
            x = x + drop(look_back(h, h, mask))
            x = x + drop(read(self.norm2(x), memory, source_mask))
            return x + drop(self.feed_forward(self.norm3(x)))
        x = self.norm1(x + drop(look_back(x, x, mask)))
        x = self.norm2(x + drop(read(x, memory, source_mask)))
        return self.norm3(x + drop(self.feed_forward(x)))


class Decoder(nn.Module):
    """Stack `n_layers` decoder layers; pre-norm stacks end in one more norm."""

    def __init__(
        self, config: ModelConfig, attention: Callable = scaled_dot_product_attention
    ):
        super().__init__()
        layers = [DecoderLayer(config, attention) for _ in range(config.n_layers)]
        self.layers = nn.ModuleList(layers)
        last = nn.LayerNorm(config.d_model, eps=config.norm_eps)
        self.norm = last if config.norm_first else nn.Identity()

    def forward(
        self,
        x: Float[Tensor, "B T C"],
        memory: Float[Tensor, "B S C"],
        mask: Bool[Tensor, "..."] | None = None,
        source_mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "B T C"]:
        for layer in self.layers:
            x = layer(x, memory, mask, source_mask)
        return self.norm(x)
