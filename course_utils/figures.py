"""Draw every picture of the course in one style, and show it with a description.

Colors go by role, never by whim: the baseline is grey, ours is blue, a trusted
reference is orange, a warning is vermilion. Colors are from Okabe and Ito's palette,
which readers with any common color vision can tell apart; lines also differ in dash and
marker, masked cells are hatched.
"""

import html
import io
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

__all__ = [
    "COLORS",
    "COLOR_MAPS",
    "Picture",
    "bars",
    "figure",
    "heatmap",
    "lines",
    "png_bytes",
    "show",
    "strip",
    "use_style",
]

INK = "#222222"
COLORS = {
    "baseline": "#6E6E6E",
    "ours": "#0072B2",
    "reference": "#E69F00",
    "warning": "#D55E00",
    "fourth": "#009E73",
}
COLOR_MAPS = ("cividis", "viridis", "PuOr", "RdBu")  # the last two for signed data
MIN_ALT = 40

TEXT_COLORS = {**COLORS, "reference": "#8A5A00"}  # orange is too pale to read
_DASHES = {"ours": "-", "reference": "--", "baseline": ":", "warning": "-."}
_MARKERS = {"ours": "o", "reference": "s", "baseline": "^", "warning": "X"}
_HAN_FONTS = ("Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei")
_TEXT_SIZES = ("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize")
_STYLE = {
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), INK),
    **dict.fromkeys(("figure.facecolor", "savefig.facecolor"), "white"),
    **dict.fromkeys((*_TEXT_SIZES, "legend.fontsize"), 10),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "legend.frameon"), False),
    "axes.facecolor": "white",
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "grid.color": "#E3E3E3",
    "lines.linewidth": 2,
    "lines.markersize": 5,
    "hatch.linewidth": 0.7,
}


def use_style() -> None:
    """Set the course's fonts, sizes and colors for every figure made from now on."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in _HAN_FONTS if name in installed)]
    matplotlib.rcParams.update({**_STYLE, "font.family": families})


def figure(width: float = 6, height: float = 3) -> Figure:
    """Return an empty figure in the course's style, `width` by `height` inches.

    It belongs to no global state, so nothing appears until `show` is called.
    """
    use_style()
    fig = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(fig)
    return fig


def png_bytes(fig: Figure, dpi: int = 144, colors: int = 96) -> bytes:
    """Return the figure as a PNG with a palette of `colors`: about 10 KB, not 40."""
    canvas = fig.canvas if hasattr(fig.canvas, "buffer_rgba") else FigureCanvasAgg(fig)
    fig.set_dpi(dpi)
    canvas.draw()
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    return _palette_png(pixels, colors, dpi)


def _palette_png(pixels: Image.Image, colors: int, dpi: int) -> bytes:
    buffer = io.BytesIO()
    palette = pixels.quantize(colors, dither=Image.Dither.NONE)
    palette.save(buffer, "PNG", optimize=True, dpi=(dpi, dpi))
    return buffer.getvalue()


@dataclass(frozen=True)
class Picture:
    """A finished picture with its description: what a notebook cell shows."""

    png: bytes
    alt: str
    caption: str = ""
    width: int = 576

    def to_html(self) -> str:
        """Return a `<figure>` whose description survives JupyterLab and exporters."""
        data = b64encode(self.png).decode()
        img = (
            f'<img alt="{html.escape(self.alt)}" width="{self.width}" '
            f'style="max-width:100%;height:auto;background:#fff" '
            f'src="data:image/png;base64,{data}">'
        )
        text = f"<figcaption>{html.escape(self.caption)}</figcaption>"
        return f"<figure>{img}{text if self.caption else ''}</figure>"

    def save(self, path: Any) -> None:
        """Write the PNG to `path`."""
        with open(path, "wb") as file:
            file.write(self.png)

    def __repr__(self) -> str:
        return f"{self.alt}\n{self.caption}".strip()

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        parts = {
            "text/html": self.to_html(),
            "image/png": b64encode(self.png).decode(),
            "text/plain": repr(self),
        }
        return parts, {"image/png": {"alt": self.alt, "width": self.width}}


def show(fig: Figure, alt: str, caption: str | None = None) -> Picture:
    """Return `fig` as a picture described by `alt`; end a cell with it.

    `alt` is for readers who cannot see: the kind of chart, its axes, the finding.
    Raises `ValueError` when it has fewer than 40 characters.
    """
    alt = " ".join(alt.split())
    if len(alt) < MIN_ALT:
        raise ValueError(
            f"alt={alt!r} has {len(alt)} characters, fewer than {MIN_ALT}; say the "
            "kind of chart, what its axes are, and what it shows"
        )
    width = round(fig.get_figwidth() * 96)
    return Picture(png_bytes(fig), alt, caption or "", width)


def _array(values: Any) -> np.ndarray:
    if hasattr(values, "detach"):
        values = values.detach().float().cpu().numpy()
    return np.asarray(values, dtype=float)


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
    data = _array(matrix)
    hidden = np.zeros(data.shape, bool) if masked is None else _array(masked) > 0
    visible = np.ma.masked_array(data, hidden | ~np.isfinite(data))
    low, high = limits or _limits(visible, signed)
    colors = matplotlib.colormaps["PuOr" if signed else "cividis"]
    image = ax.imshow(visible, cmap=colors, vmin=low, vmax=high, aspect="auto")
    for y, x in np.ndindex(data.shape):
        if visible.mask is not np.False_ and visible.mask[y, x]:
            _hatch(ax, x, y)
        elif values:
            shade = "white" if _luminance(image.to_rgba(data[y, x])) < 0.5 else INK
            text = f"{data[y, x]:.{digits}f}"
            ax.text(x, y, text, ha="center", va="center", color=shade)
    _label_cells(ax, rows, columns)


def _limits(data: np.ndarray, signed: bool) -> tuple[float, float]:
    if data.count() == 0:
        return 0.0, 1.0
    low, high = float(data.min()), float(data.max())
    if signed:
        high = max(abs(low), abs(high), 1e-9)
        return -high, high
    return low, max(high, low + 1e-9)


def _luminance(rgba: Sequence[float]) -> float:
    return float(np.dot(rgba[:3], (0.30, 0.59, 0.11)))


def _hatch(ax: Axes, x: float, y: float) -> None:
    style = {"facecolor": "#E2E2E2", "edgecolor": "#A0A0A0", "hatch": "////", "lw": 0}
    ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, **style))


def _label_cells(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    tall = sum(map(len, columns)) > 36
    ax.tick_params("x", rotation=45 if tall else 0)


def strip(ax: Axes, values: Any, labels: Sequence[str] = (), name: str = "", **options):
    """Draw one row of cells: a heat map of a single vector, `name` at its left."""
    row = _array(values)[None]
    masked = options.pop("masked", None)
    masked = None if masked is None else _array(masked)[None]
    heatmap(ax, row, [name], labels, masked, **options)


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
        ax.plot(_array(x), _array(y), label=name, gid=role, markevery=every, **style)
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
    gap = 13 / 72 / max(ax.figure.get_figheight() * ax.get_position().height, 0.1)
    floor = -1.0
    for height, line in ends:
        floor = max(height, floor + gap)
        style = {"color": TEXT_COLORS[line.get_gid()], "weight": "bold", "va": "center"}
        ax.text(1.02, floor, line.get_label(), transform=ax.transAxes, **style)
