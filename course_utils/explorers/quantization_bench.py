"""Move the bits, the clipping and an outlier, and watch what rounding costs (30)."""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course_utils.figures import COLORS
from course_utils.plots import bars
from course_utils.widgets import Choice, Explorer, Slider

__all__ = ["SHARED", "compute", "draw", "rounded_to", "show_quantization_bench"]

SHARED = {"the whole tensor": (0, 1), "each row": (1,), "each column": (0,)}
TOKENS, CHANNELS, OUTPUTS, LOUD = 64, 32, 16, 5
ALT = (
    "Left: a histogram of the numbers of one matrix, the levels of its first row "
    "as ticks below. Right: three bars, the error of the output with one scale for "
    "the whole tensor, for each row, for each column."
)


def rounded_to(
    x: Float[Tensor, "T C"], bits: int, axes: tuple[int, ...], clip: float = 1.0
) -> tuple[Float[Tensor, "T C"], Float[Tensor, "..."]]:
    """Return x at the levels of so many bits, and the scales along `axes`.

    `clip` is the share of the largest |x| that still has a level; what lies beyond
    is cut.
    """
    most = 2 ** (bits - 1) - 1
    scale = clip * x.abs().amax(dim=axes, keepdim=True) / most
    return (x / scale).round().clamp(-most, most) * scale, scale


def compute(
    bits: int = 8, outlier: int = 30, clip: float = 1.0, shared: str = "each row"
) -> dict[str, Any]:
    """Return the matrix, the scale of its first row, and three output errors.

    The matrix stands for the activations of 64 tokens with 32 channels, one of which
    is `outlier` times as large. An error is ‖(X̂ - X) W‖ / ‖X W‖ for a random W that
    hardly listens to the loud channel.
    """
    dice = torch.Generator().manual_seed(0)
    x = torch.randn(TOKENS, CHANNELS, generator=dice)
    x[:, LOUD] *= outlier
    weight = torch.randn(CHANNELS, OUTPUTS, generator=dice)
    weight[LOUD] /= outlier
    errors = {}
    for name, axes in SHARED.items():
        seen, _ = rounded_to(x, bits, axes, clip)
        errors[name] = (((seen - x) @ weight).norm() / (x @ weight).norm()).item()
    _, scale = rounded_to(x, bits, SHARED[shared], clip)
    step = scale.expand(TOKENS, CHANNELS)[0, 0].item()
    most = 2 ** (bits - 1) - 1
    used = (x[0] / step).round().clamp(-most, most).unique().numel()
    return {
        "x": x,
        "levels": [step * level for level in range(-most, most + 1)],
        "used": used,
        "errors": errors,
        "shared": shared,
        "bits": bits,
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the histogram above the levels, and the errors; return the caption."""
    left, right = fig.subplots(1, 2)
    values, levels = data["x"].flatten().numpy(), data["levels"]
    left.hist(values, bins=81, color=COLORS["baseline"])
    left.set_yscale("log")
    left.set(xlabel="value", ylabel="how many", title="the numbers, and their levels")
    left.vlines(levels, 0.45, 0.75, color=COLORS["ours"], lw=0.8)
    left.set_ylim(bottom=0.4)
    span = max(abs(values).max(), levels[-1])
    left.set_xlim(-1.05 * span, 1.05 * span)
    errors = data["errors"]
    bars(right, errors, digits=3)
    right.set(title="error of the output")
    best = min(errors, key=errors.get)
    return (
        f"{data['bits']} bits. With one scale for {data['shared']}, the "
        f"{CHANNELS} numbers of the first row use {data['used']} levels. Smallest "
        f"error of the output: one scale for {best}, {errors[best]:.3f}."
    )


def show_quantization_bench(state: Mapping[str, Any] | None = None) -> Explorer:
    """Return the bench: bits, size of the outlier, clipping, who shares a scale."""
    controls = {
        "bits": Slider(2, 8, 8),
        "outlier": Slider(1, 60, 30, label="outlier, times as large"),
        "clip": Slider(0.1, 1.0, 1.0, 0.05, label="share of the range that is kept"),
        "shared": Choice(tuple(SHARED), "each row", label="levels shown for"),
    }
    storyboard = [{"outlier": 1}, {}, {"shared": "each column"}]
    return Explorer(compute, draw, controls, ALT, storyboard=storyboard, state=state)
