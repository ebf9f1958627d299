"""Two dials that turn: why only the distance of two positions matters (lesson 04)."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_utils.figures import COLORS, INK, heatmap
from course_utils.positions import apply_rope, sinusoid_table
from course_utils.widgets import Choice, Explorer, Slider

__all__ = ["ROWS", "compute", "draw", "show_positions"]

Q = torch.tensor([1.0, 0.4, 0.8, 0.2, 0.6, 0.1])
K = torch.tensor([0.9, 0.1, 0.7, 0.5, 0.8, 0.3])
ROWS, CHANNELS, REACH = 32, 24, 12
ALT = (
    "Left, two arrows in a circle, a query and a key, turned by their positions. "
    "Middle, a table of sinusoids, positions by channels. Right, bars of the dot "
    "product by distance."
)


def compute(
    m: int = 5,
    n: int = 2,
    shift: int = 0,
    base: float = 100.0,
    q: Float[Tensor, " D"] = Q,
    k: Float[Tensor, " D"] = K,
) -> dict[str, Any]:
    """Rotate `q` to position m + shift and `k` to n + shift; return what follows.

    `dials` are the first channel pairs after turning, `dot` their dot product over
    all channels, `curve` the dot product for every distance m − n.
    """
    places = torch.tensor([m + shift, n + shift])
    turned_q, turned_k = (
        apply_rope(x[None], places[i : i + 1], base)[0] for i, x in enumerate((q, k))
    )
    offsets = torch.arange(-REACH, REACH + 1)
    curve = apply_rope(q.expand(len(offsets), -1), offsets, base) @ k
    dot = (turned_q @ turned_k).item()
    return {
        "places": places.tolist(),
        "offset": m - n,
        "dials": torch.stack([turned_q[:2], turned_k[:2]]),
        "dot": dot,
        "change": dot - curve[offsets == m - n].item(),
        "offsets": offsets,
        "curve": curve,
        "table": sinusoid_table(ROWS, CHANNELS),
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw dials, sinusoid table and bars by distance; return the caption."""
    dials, table, bars = fig.subplots(1, 3, width_ratios=[1.2, 1.0, 1.3])
    _dials(dials, data["dials"], data["places"])
    heatmap(table, data["table"], values=False, signed=True)
    table.set(title="sinusoids", xlabel="channel", ylabel="position")
    table.set(xticks=[0, CHANNELS - 1], yticks=range(0, ROWS, 10))
    for place, name in zip(data["places"], "mn", strict=True):
        if place < ROWS:
            table.text(CHANNELS, place, f"◂{name}", va="center")
    _bars(bars, data)
    m, n = data["places"]
    distance = abs(data["offset"])
    title = f"q · k = {data['dot']:.4f}, wherever the two are {distance} apart"
    fig.suptitle(title, x=0.02, ha="left")
    return (
        f"Query at {m}, key at {n}: dot product {data['dot']:.4f}. At distance "
        f"{data['offset']} without a shift it differs by {abs(data['change']):.0e}."
    )


def _dials(ax: Axes, dials: Float[Tensor, "2 2"], places: list[int]) -> None:
    reach = 1.15 * dials.norm(dim=-1).max().item()
    turn = torch.linspace(0, 2 * math.pi, 80)
    ax.plot(turn.cos() * reach, turn.sin() * reach, color="#BBBBBB", lw=1)
    for arrow, place, name in zip(dials, places, "qk", strict=True):
        color = COLORS["ours" if name == "q" else "warning"]
        dash = "-" if name == "q" else "--"
        style = {"color": color, "lw": 2.5, "arrowstyle": "->", "linestyle": dash}
        ax.annotate("", arrow.tolist(), (0, 0), arrowprops=style)
        x, y = (1.22 * reach * arrow / arrow.norm()).tolist()
        text = f"{name} at\n{place}"
        ax.text(x, y, text, color=color, ha="center", va="center", linespacing=0.9)
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.set_title("first dial", loc="center")
    ax.set(xlim=(-1.5 * reach, 1.5 * reach), ylim=(-1.5 * reach, 1.5 * reach))
    ax.set_axis_off()


def _bars(ax: Axes, data: dict[str, Any]) -> None:
    offsets = data["offsets"].tolist()
    here = [offset == data["offset"] for offset in offsets]
    colors = [COLORS["warning" if hit else "ours"] for hit in here]
    drawn = ax.bar(offsets, data["curve"].tolist(), color=colors)
    drawn[here.index(True)].set_hatch("////")
    ax.axhline(0, color=INK, lw=1)
    ax.set(title="dot product", xlabel="distance m − n")


def show_positions(state: Mapping[str, Any] | None = None) -> Explorer:
    """Return the explorer of rotating positions, sinusoids and distances."""
    controls = {
        "m": Slider(0, 12, 5, label="m (query)"),
        "n": Slider(0, 12, 2, label="n (key)"),
        "shift": Slider(0, 100, 0, label="shift both"),
        "base": Choice((10.0, 100.0, 1000.0, 10000.0), 100.0),
    }
    storyboard = [{"shift": 0}, {"shift": 1}, {"shift": 50}]
    return Explorer(compute, draw, controls, ALT, storyboard=storyboard, state=state)
