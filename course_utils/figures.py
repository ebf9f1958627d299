"""Make a figure in the course's style, and show it with a description.

fig = figure()
heatmap(fig.subplots(), weights, words, words)
show(fig, alt="A heat map of attention weights, queries by keys: ...")
"""

import html
import io
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageColor

from course_utils.plots import (
    COLOR_MAPS,
    COLORS,
    INK,
    bars,
    heatmap,
    lines,
    strip,
)

__all__ = [
    "COLORS",
    "COLOR_MAPS",
    "Picture",
    "bars",
    "figure",
    "heatmap",
    "lines",
    "palette_png",
    "png_bytes",
    "render",
    "show",
    "strip",
    "use_style",
]

MIN_ALT = 40
_HAN_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)
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


def png_bytes(fig: Figure, dpi: int = 144, colors: int = 64) -> bytes:
    """Return the figure as a PNG with a palette of `colors`: about 10 KB, not 40."""
    return palette_png(render(fig, dpi), dpi, colors)


def render(fig: Figure, dpi: int) -> Image.Image:
    """Return the figure as an image of `dpi` pixels an inch."""
    canvas = fig.canvas if hasattr(fig.canvas, "buffer_rgba") else FigureCanvasAgg(fig)
    fig.set_dpi(dpi)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def palette_png(pixels: Image.Image, dpi: int, colors: int = 64) -> bytes:
    """Return an image as a PNG with a palette of `colors`, the roles' among them."""
    names = ("#FFFFFF", INK, *COLORS.values())
    roles = np.array([ImageColor.getrgb(name) for name in names])
    free = pixels.quantize(colors - len(roles), dither=Image.Dither.NONE)
    others = np.array(free.getpalette()).reshape(-1, 3)
    distance = abs(others[:, None] - roles).max(2)
    near = distance.min(1) < 10  # would be taken for a role's color
    others[near] = roles[distance.argmin(1)[near]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([*roles.flatten().tolist(), *others.flatten().tolist()])
    small = pixels.quantize(palette=palette, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True, dpi=(dpi, dpi))
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
        return f'<figure style="margin:0">{img}{text if self.caption else ""}</figure>'

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
