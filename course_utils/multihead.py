"""Multi-head attention: several small attentions side by side (lesson 03)."""

from collections.abc import Callable

from jaxtyping import Bool, Float
from torch import Tensor, nn

from course_utils.attention import scaled_dot_product_attention

__all__ = ["MultiHeadAttention", "merge_heads", "split_heads"]


def split_heads(x: Float[Tensor, "B T C"], n_heads: int) -> Float[Tensor, "B H T D"]:
    """Cut the width into heads: head h gets channels h·D to (h+1)·D.

    Raises:
        ValueError: the width is not divisible by `n_heads`.
    """
    B, T, C = x.shape
    if C % n_heads:
        raise ValueError(
            f"d_model={C} is not divisible by n_heads={n_heads}; "
            f"choose a multiple, for example {C + -C % n_heads}"
        )
    return x.view(B, T, n_heads, C // n_heads).transpose(1, 2)


def merge_heads(x: Float[Tensor, "B H T D"]) -> Float[Tensor, "B T H*D"]:
    """Put the heads side by side again; the inverse of `split_heads`."""
    B, H, T, D = x.shape
    return x.transpose(1, 2).reshape(B, T, H * D)


class MultiHeadAttention(nn.Module):
    """Let every position of `x` look at `source` through `n_heads` heads.

    Four linear maps of C² weights and C biases each: 4 C (C + 1) parameters.
    `attention` is any function of `(q, k, v, mask)`; replace the attribute to try
    another one on a trained model.

    Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2.

    Raises:
        ValueError: `d_model` is not divisible by `n_heads`.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        attention: Callable = scaled_dot_product_attention,
    ):
        super().__init__()
        if d_model % n_heads:
            raise ValueError(
                f"d_model={d_model} is not divisible by n_heads={n_heads}; "
                f"choose a multiple, for example {d_model + -d_model % n_heads}"
            )
        self.n_heads, self.attention = n_heads, attention
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def project(self, x: Float[Tensor, "B T C"], source: Float[Tensor, "B S C"]):
        """Return q `(B, H, T, D)` from `x`, and k, v `(B, H, S, D)` from `source`."""
        q = split_heads(self.q_proj(x), self.n_heads)
        k = split_heads(self.k_proj(source), self.n_heads)
        return q, k, split_heads(self.v_proj(source), self.n_heads)

    def forward(
        self,
        x: Float[Tensor, "B T C"],
        source: Float[Tensor, "B S C"],
        mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "B T C"]:
        """Project, attend, merge; `mask` is broadcast to `(B, H, T, S)`."""
        q, k, v = self.project(x, source)
        return self.out_proj(merge_heads(self.attention(q, k, v, mask)))
