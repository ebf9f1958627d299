"""Draw on axes: cells, bars and lines whose meaning does not rest on color alone.

Colors go by role: the baseline is grey, ours is blue, a trusted reference is orange, a
warning is vermilion. They are from Okabe and Ito's palette, which readers with any
common color vision can tell apart; lines also differ in dash and marker, hidden cells
are hatched, and cells carry their values.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Rectangle

__all__ = [
    "COLORS",
    "COLOR_MAPS",
    "INK",
    "TEXT_COLORS",
    "as_array",
    "bars",
    "drawable",
    "heatmap",
    "lines",
    "strip",
]

INK = "#222222"
COLORS = {
    "baseline": "#6E6E6E",
    "ours": "#0072B2",
    "reference": "#E69F00",
    "warning": "#D55E00",
    "fourth": "#009E73",
}
TEXT_COLORS = {**COLORS, "reference": "#8A5A00"}  # orange is too pale to read
COLOR_MAPS = ("cividis", "viridis", "PuOr", "RdBu")  # the last two for signed data

_DASHES = {"ours": "-", "reference": "--", "baseline": ":", "warning": "-."}
_MARKERS = {"ours": "o", "reference": "s", "baseline": "^", "warning": "X"}
_HIDDEN = {"facecolor": "#E2E2E2", "edgecolor": "#A0A0A0", "hatch": "////", "lw": 0}


def as_array(values: Any) -> np.ndarray:
    """Return a tensor, array or list as an array of floats."""
    if hasattr(values, "detach"):
        values = values.detach().double().cpu().numpy()
    return np.asarray(values, dtype=float)


def drawable(text: str, stand_in: str) -> str:
    """Return `text`, or `stand_in` where it is Chinese and no installed font has it.

    Captions are drawn by the browser, which does have one: say the word there too.
    """
    chinese = any("\u2e80" <= letter <= "\uffef" for letter in text)
    has_font = len(matplotlib.rcParams["font.family"]) > 1  # see figures.use_style
    return stand_in if chinese and not has_font else text


def heatmap(
    ax: Axes,
    matrix: Any,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    masked: Any = None,
    values: bool = True,
    *,
    signed: bool = False,
    limits: tuple[float, float] | None = None,
    digits: int = 2,
) -> None:
    """Draw a matrix as colored cells, with its values printed in them.

    Cells where `masked` is True are hatched grey: hidden, not zero. `signed` centers
    the color scale on zero. `limits` are the values at the two ends of the scale.
    """
    data = as_array(matrix)
    box = (-0.5, data.shape[1] - 0.5, data.shape[0] - 0.5, -0.5)
    _cells(ax, data, box, masked, signed, limits, digits if values else None)
    rows = [drawable(name, f"#{i}") for i, name in enumerate(rows)]
    columns = [drawable(name, f"#{i}") for i, name in enumerate(columns)]
    ax.set_xticks(range(len(columns)), columns or None)
    ax.set_yticks(range(len(rows)), rows or None)
    crowded = sum(map(len, columns)) > 48 * ax.get_position().width
    ax.tick_params("x", rotation=45 if crowded else 0)
    _bare(ax)


def strip(
    ax: Axes,
    values: Any,
    labels: Sequence[str] = (),
    name: str = "",
    *,
    row: int = 0,
    width: float | None = None,
    masked: Any = None,
    signed: bool = False,
    limits: tuple[float, float] | None = None,
    digits: int = 2,
) -> None:
    """Draw a vector as one row of cells, `name` at its left, `labels` above.

    Strips with rows 0, 1, 2, … share their axes, each with its own color scale; `width`
    (in cells) makes a shorter vector as wide as its neighbors.
    """
    data = as_array(values)[None]
    width = width or data.shape[1]
    box = (-0.5, width - 0.5, row + 0.44, row - 0.44)
    hidden = None if masked is None else as_array(masked)[None]
    _cells(ax, data, box, hidden, signed, limits, digits)
    names = [text.get_text() for text in ax.get_yticklabels()] if row else []
    ax.set_yticks(range(row + 1), [*names[:row], name])
    ax.set_ylim(row + 0.5, -0.5)
    if labels:
        step = width / len(labels)
        places = [step * (i + 0.5) - 0.5 for i in range(len(labels))]
        ax.set_xticks(places, labels)
        ax.xaxis.tick_top()
    _bare(ax)


def _cells(ax, data, box, masked, signed, limits, digits) -> None:
    """Draw cells into `box`: left, right, bottom, top; `digits=None` prints nothing."""
    hidden = np.zeros(data.shape, bool) if masked is None else as_array(masked) > 0
    hidden = hidden | ~np.isfinite(data)
    low, high = limits or _limits(data[~hidden], signed)
    shades = matplotlib.colormaps["PuOr" if signed else "cividis"]
    colors = shades(np.clip((data - low) / (high - low), 0, 1))
    colors[hidden] = matplotlib.colors.to_rgba(_HIDDEN["facecolor"])
    ax.imshow(colors, extent=box, aspect="auto", interpolation="nearest")
    left, right, bottom, top = box
    width, height = (right - left) / data.shape[1], (bottom - top) / data.shape[0]
    covers = []
    for y, x in np.ndindex(data.shape):
        corner = (left + x * width, top + y * height)
        if hidden[y, x]:
            covers.append(Rectangle(corner, width, height))
        elif digits is not None:
            ink = "white" if _brightness(colors[y, x]) < 0.5 else INK
            place = (corner[0] + width / 2, corner[1] + height / 2)
            text = f"{data[y, x] + 0.0:.{digits}f}"
            ax.text(*place, text, ha="center", va="center", color=ink)
    if covers:
        ax.add_collection(PatchCollection(covers, **_HIDDEN), autolim=False)


def _limits(data: np.ndarray, signed: bool) -> tuple[float, float]:
    if data.size == 0:
        return 0.0, 1.0
    low, high = float(data.min()), float(data.max())
    if signed:
        high = max(abs(low), abs(high), 1e-9)
        return -high, high
    return low, max(high, low + 1e-9)


def _brightness(rgba: Sequence[float]) -> float:
    return float(np.dot(rgba[:3], (0.30, 0.59, 0.11)))


def _bare(ax: Axes) -> None:
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def bars(
    ax: Axes,
    values: Mapping[str, float],
    unit: str = "",
    roles: Mapping[str, str] | None = None,
    digits: int = 2,
) -> None:
    """Draw one horizontal bar a name, in the order given, each with its value."""
    roles = roles or {}
    names = list(values)
    for y, name in enumerate(names):
        role = roles.get(name, "ours")
        hatch = "//" if role == "warning" else None
        ax.barh(y, values[name], color=COLORS[role], hatch=hatch, edgecolor="white")
        text = f" {values[name]:,.{digits}f}{' ' + unit if unit else ''} "
        ax.text(max(values[name], 0), y, text, va="center")
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.tick_params("y", length=0)
    ax.margins(x=0.25)


def lines(
    ax: Axes,
    x: Sequence[float],
    series: Mapping[str, Any],
    roles: Mapping[str, str] | None = None,
    markers: bool = True,
) -> None:
    """Draw one line a name; up to four are labeled at their right ends.

    Set a logarithmic scale before, so that the labels find their lines.
    """
    order = ["ours", "reference", "baseline", "warning"]
    for place, (name, y) in enumerate(series.items()):
        role = (roles or {}).get(name, order[place % 4])
        marker = _MARKERS[role] if markers else None
        style = {"color": COLORS[role], "ls": _DASHES[role], "marker": marker}
        every = max(1, len(x) // 20)
        ax.plot(
            as_array(x), as_array(y), label=name, gid=role, markevery=every, **style
        )
    if ax.get_xscale() == "linear" and all(float(value).is_integer() for value in x):
        ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(axis="y")
    if len(series) > 4:
        ax.legend()
    else:
        _label_ends(ax)


def _label_ends(ax: Axes) -> None:
    """Write each line's name at its right end, moved apart where two would touch."""
    ax.autoscale_view()
    ends = []
    for line in ax.get_lines():
        x, y = line.get_xydata()[-1]
        height = ax.transAxes.inverted().transform(ax.transData.transform((x, y)))[1]
        ends.append((height, line))
    ends.sort(key=lambda end: end[0])
    gap = 13 / 72 / max(ax.bbox.height / ax.figure.dpi, 0.1)
    floor = -1.0
    for height, line in ends:
        floor = max(height, floor + gap)
        style = {"color": TEXT_COLORS[line.get_gid()], "weight": "bold", "va": "center"}
        ax.text(1.02, floor, line.get_label(), transform=ax.transAxes, **style)
