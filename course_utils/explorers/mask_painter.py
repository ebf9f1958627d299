"""Paint a mask and see by gradient which outputs can cheat (lesson 02)."""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Bool, Float
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.attention import causal_mask, scaled_dot_product_attention
from course_utils.figures import COLORS, heatmap
from course_utils.widgets import Choice, Explorer, Slider, Switch

__all__ = ["PATTERNS", "compute", "draw", "leak", "paint", "show_mask_painter"]

PATTERNS = ("causal", "all", "padding", "window", "prefix")
ALT = (
    "Two grids, a row for each position that is computed, a column for each position "
    "that is read. Left: which may be read. Right: the size of the gradient."
)


def paint(pattern: str, T: int, size: int = 2) -> Bool[Tensor, "T T"]:
    """Return a mask, True = may attend.

    `size` counts the padded positions at the end ("padding"), the positions seen
    ("window", itself included) or the free positions at the start ("prefix").
    """
    position = torch.arange(T)
    if pattern == "all":
        return torch.ones(T, T, dtype=torch.bool)
    if pattern == "padding":
        return (position < T - size).expand(T, T).clone()
    if pattern == "window":
        return causal_mask(T) & (position[:, None] - position < size)
    if pattern == "prefix":
        return causal_mask(T) | (position < size)
    return causal_mask(T)


def leak(
    mask: Bool[Tensor, "T T"], layers: int = 1, seed: int = 0
) -> Float[Tensor, "T T"]:
    """Return how strongly input s moves output t: the norm of the gradient.

    The network is `layers` attentions with random weights, each added to its input.
    A cell is exactly 0 where no path leads from s to t.
    """
    T, C = len(mask), 4
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(T, C, generator=generator)
    maps = torch.randn(layers, 3, C, C, generator=generator) / C**0.5

    def outputs(x: Tensor) -> Tensor:
        for q, k, v in maps:
            x = x + scaled_dot_product_attention(x @ q, x @ k, x @ v, mask)
        return x

    gradient = torch.autograd.functional.jacobian(outputs, x)
    return gradient.norm(dim=(1, 3))


def compute(
    pattern: str = "causal",
    size: int = 2,
    flip: bool = False,
    row: int = 1,
    column: int = 3,
    layers: int = 1,
    T: int = 6,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the mask, its gradient grid, and the cells where output t reads s > t.

    `flip` turns the one cell (`row`, `column`) of the pattern around.
    """
    allowed = paint(pattern, T, min(size, T))
    if flip:
        allowed[row, column] ^= True
    gradient = leak(allowed, layers, seed)
    future = ~causal_mask(T)
    cheats = [tuple(cell) for cell in ((gradient > 0) & future).nonzero().tolist()]
    flipped = (row, column) if flip else None
    return {
        "allowed": allowed,
        "gradient": gradient,
        "cheats": cheats,
        "flipped": flipped,
        "blind": (~allowed.any(1)).nonzero().flatten().tolist(),
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the mask and the gradient grid side by side; return the caption."""
    left, right = fig.subplots(1, 2)
    allowed, gradient, cheats = data["allowed"], data["gradient"], data["cheats"]
    names = [str(i) for i in range(len(allowed))]
    options = {"limits": (1, 2), "digits": 0}
    heatmap(left, allowed.float(), names, names, ~allowed, **options)
    heatmap(right, gradient, names, names, gradient == 0)
    left.set(title="mask: 1 = may read", xlabel="position read", ylabel="computed")
    count = {0: "no cell leaks", 1: "1 cell leaks"}.get(len(cheats))
    title = f"gradient: {count or f'{len(cheats)} cells leak'}"
    right.set(title=title, xlabel="position read")
    for t, s in cheats:
        style = {"fill": False, "edgecolor": COLORS["warning"], "lw": 3}
        right.add_patch(Rectangle((s - 0.42, t - 0.42), 0.84, 0.84, **style))
    if data["flipped"]:
        t, s = data["flipped"]
        left.plot(s + 0.32, t - 0.32, "*", color=COLORS["warning"], ms=9)
    return _caption(data)


def _caption(data: dict[str, Any]) -> str:
    cheats = data["cheats"]
    if not cheats:
        text = "No output depends on a later position: this mask cannot cheat."
    else:
        t, s = cheats[0]
        text = (
            f"Cells of the future that leak (outlined): {len(cheats)}. Output {t}, for "
            f"example, depends on position {s}."
        )
    if data["blind"]:
        text += f" Rows {data['blind']} may read nothing, and get zeros, not NaN."
    return text


def show_mask_painter(T: int = 6, state: Mapping[str, Any] | None = None) -> Explorer:
    """Return the mask painter for `T` positions."""
    controls = {
        "pattern": Choice(PATTERNS, "causal"),
        "size": Slider(1, T, 2, label="padding, window or prefix size"),
        "flip": Switch(False, "flip one cell (★):"),
        "row": Slider(0, T - 1, 1),
        "column": Slider(0, T - 1, T - 3),
        "layers": Slider(1, 3, 1),
    }

    def of_length(**state: Any) -> dict[str, Any]:
        return compute(**state, T=T)

    storyboard = [{}, {"flip": True}, {"flip": True, "layers": 2}]
    return Explorer(of_length, draw, controls, ALT, storyboard=storyboard, state=state)
