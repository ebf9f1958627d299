"""Four ways to tell attention where a token stands (lesson 04)."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

__all__ = [
    "LearnedPositions",
    "SinusoidalPositions",
    "alibi_bias",
    "apply_rope",
    "check_length",
    "sinusoid_table",
]


def sinusoid_table(max_len: int, d_model: int) -> Float[Tensor, "T C"]:
    """Return a row of sines and cosines for each position.

    Channels 2i and 2i+1 hold sin and cos of position / 10000^(2i / C).

    Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.5.

    Raises:
        ValueError: `d_model` is odd.
    """
    if d_model % 2:
        raise ValueError(f"d_model={d_model} is odd; choose {d_model + 1}")
    # On the CPU: not every device knows float64, and no position may be rounded.
    channels = torch.arange(0, d_model, 2, dtype=torch.float64, device="cpu")
    speeds = 10000.0 ** (-channels / d_model)
    angles = torch.arange(max_len, device="cpu")[:, None] * speeds
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1).float()


def check_length(T: int, max_len: int) -> None:
    """Refuse a text of T tokens that is longer than the table of positions."""
    if max_len < T:
        raise ValueError(
            f"the text has {T} tokens, but max_len={max_len}; shorten the text or "
            f"build the model with max_len={T} or more"
        )


class SinusoidalPositions(nn.Module):
    """Add the fixed sinusoid of its position to each vector.

    Raises:
        ValueError: the sequence is longer than `max_len`.
    """

    def __init__(self, d_model: int, max_len: int):
        super().__init__()
        table = sinusoid_table(max_len, d_model)
        self.register_buffer("table", table, persistent=False)

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        check_length(x.shape[1], len(self.table))
        return x + self.table[: x.shape[1]].to(x)


class LearnedPositions(nn.Module):
    """Add a trained vector for its position to each vector (GPT-2, BERT).

    Raises:
        ValueError: the sequence is longer than `max_len`.
    """

    def __init__(self, d_model: int, max_len: int):
        super().__init__()
        self.table = nn.Parameter(torch.randn(max_len, d_model) * 0.02)

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        check_length(x.shape[1], len(self.table))
        return x + self.table[: x.shape[1]]


def apply_rope(
    x: Float[Tensor, "*batch T D"], positions: Int[Tensor, " T"], base: float = 10000.0
) -> Float[Tensor, "*batch T D"]:
    """Rotate channels (2i, 2i+1) of each vector by position · base^(-2i / D).

    Rotating queries and keys makes their dot product depend on the distance of the
    two positions alone.

    Source: Su et al. 2021, arXiv 2104.09864, equation 34.

    Raises:
        ValueError: the head width D is odd.
    """
    D = x.shape[-1]
    if D % 2:
        raise ValueError(f"the head width {D} is odd; rotation needs pairs of channels")
    channels = torch.arange(0, D, 2, dtype=torch.float64, device="cpu")
    angles = positions.cpu()[:, None] * base ** (-channels / D)
    cos, sin = angles.cos().to(x), angles.sin().to(x)
    even, odd = x[..., 0::2], x[..., 1::2]
    rotated = [even * cos - odd * sin, even * sin + odd * cos]
    return torch.stack(rotated, dim=-1).flatten(-2)


def alibi_bias(n_heads: int, T: int) -> Float[Tensor, "H T T"]:
    """Return a penalty, linear in the distance, to be added to the scores.

    Head h (from 1) has slope 2^(-8h / H). Source: Press et al. 2021,
    arXiv 2108.12409, section 3; distances count both ways here.
    """
    heads = torch.arange(1, n_heads + 1)
    slopes = 2.0 ** (-8.0 * heads / n_heads)
    positions = torch.arange(T)
    distance = (positions[None, :] - positions[:, None]).abs()
    return -slopes[:, None, None] * distance
