"""The encoder: layers that read a whole sequence at once (lesson 05)."""

from collections.abc import Callable

import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course_utils.attention import scaled_dot_product_attention
from course_utils.config import ModelConfig
from course_utils.multihead import MultiHeadAttention

__all__ = ["Encoder", "EncoderLayer", "FeedForward", "padding_mask"]


def padding_mask(ids: Int[Tensor, "B S"], pad_id: int = 0) -> Bool[Tensor, "B 1 1 S"]:
    """Return the mask that hides padding from every head and query."""
    return (ids != pad_id)[:, None, None, :]


class FeedForward(nn.Module):
    """Transform each position on its own: widen to F, bend, narrow to C.

    Source: Vaswani et al. 2017, arXiv 1706.03762, equation 2.
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.up_proj = nn.Linear(config.d_model, config.d_ff)
        self.down_proj = nn.Linear(config.d_ff, config.d_model)
        self.activation = config.activation

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        hidden = self.up_proj(x)
        if self.activation == "relu":
            return self.down_proj(F.relu(hidden))
        curve = "tanh" if self.activation == "gelu_tanh" else "none"
        return self.down_proj(F.gelu(hidden, approximate=curve))


class EncoderLayer(nn.Module):
    """Look around, then think: attention and feed-forward, each added to the input.

    With `norm_first` the norm stands before each part (GPT-2 and most models today),
    otherwise after the sum (the original paper, BERT).

    Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.1; pre-norm: Xiong et
    al. 2020, arXiv 2002.04745.
    """

    def __init__(
        self, config: ModelConfig, attention: Callable = scaled_dot_product_attention
    ):
        super().__init__()
        self.attention = MultiHeadAttention(config.d_model, config.n_heads, attention)
        self.feed_forward = FeedForward(config)
        self.norm1 = nn.LayerNorm(config.d_model, eps=config.norm_eps)
        self.norm2 = nn.LayerNorm(config.d_model, eps=config.norm_eps)
        self.dropout = nn.Dropout(config.dropout)
        self.norm_first = config.norm_first

    def forward(
        self, x: Float[Tensor, "B T C"], mask: Bool[Tensor, "..."] | None = None
    ) -> Float[Tensor, "B T C"]:
        if self.norm_first:
            h = self.norm1(x)
            x = x + self.dropout(self.attention(h, h, mask))
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, x, mask)))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


class Encoder(nn.Module):
    """Stack `n_layers` encoder layers; pre-norm stacks end in one more norm."""

    def __init__(
        self, config: ModelConfig, attention: Callable = scaled_dot_product_attention
    ):
        super().__init__()
        layers = [EncoderLayer(config, attention) for _ in range(config.n_layers)]
        self.layers = nn.ModuleList(layers)
        last = nn.LayerNorm(config.d_model, eps=config.norm_eps)
        self.norm = last if config.norm_first else nn.Identity()

    def forward(
        self, x: Float[Tensor, "B T C"], mask: Bool[Tensor, "..."] | None = None
    ) -> Float[Tensor, "B T C"]:
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)
