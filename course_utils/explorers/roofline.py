"""Is it waiting for numbers or computing? A model under the roof of a machine (20)."""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from course_utils.config import ModelConfig
from course_utils.faster.roofline import Work, attainable, reading_work
from course_utils.figures import COLORS, INK
from course_utils.widgets import Choice, Explorer, Slider

__all__ = ["compute", "draw", "draw_roof", "show_roofline"]

GIGA = 1e9
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "int8": torch.int8}
READS = {"prefill": "all T tokens at once", "decode": "one token after T"}
WIDTHS, LAYERS, WORDS, HEAD = (256, 768, 2048, 4096), 4, 1000, 64
EXAMPLE = {"peak": 60 * GIGA, "bandwidth": 12 * GIGA}  # a made-up processor core
MARKS = {"projections": "o", "attention": "s", "feed-forward": "^", "logits": "D"}
ALT = (
    "A roofline on logarithmic axes, operations a byte by billion operations a second: "
    "a line that rises with the bandwidth and turns level at the peak. A mark for each "
    "kind of matrix product of a model."
)


def draw_roof(ax: Axes, peak: float, bandwidth: float, low: float, high: float) -> None:
    """Draw the roof over intensities from `low` to `high`; rates are in billions."""
    ridge = peak / bandwidth
    x = [min(low, ridge / 2), ridge, max(high, 2 * ridge)]
    rates = [attainable(one, peak, bandwidth) / GIGA for one in x]
    ax.set(xscale="log", yscale="log", xlabel="operations a byte")
    ax.set_ylabel("billion operations a second")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
    ax.plot(x, rates, color=COLORS["baseline"])
    ax.axvline(ridge, color=COLORS["baseline"], lw=1, ls=":")
    ax.annotate(f"ridge: {ridge:.1f}", (ridge, rates[0]), ha="center", **_ABOVE)
    ax.grid()


_ABOVE = {"bbox": {"fc": "white", "ec": "none", "pad": 1.5}, "va": "center"}


def compute(
    batch: int = 1,
    T: int = 256,
    width: int = 768,
    dtype: str = "float32",
    reads: str = "decode",
    peak: float = EXAMPLE["peak"],
    bandwidth: float = EXAMPLE["bandwidth"],
) -> dict[str, Any]:
    """Return for each kind of product its intensity, its roof and its least time.

    Rates are in billion operations a second, times in milliseconds. The model has 4
    layers, heads of 64 and 1,000 words; the peak is taken to be the same for each
    dtype, so that only the bytes change.
    """
    sizes = {"d_model": width, "n_heads": width // HEAD, "d_ff": 4 * width}
    config = ModelConfig(WORDS, **sizes, n_layers=LAYERS, max_len=T)
    new = T if reads == "prefill" else 1
    works = reading_work(config, new, T, batch, DTYPES[dtype])
    rates = {n: attainable(w.intensity, peak, bandwidth) for n, w in works.items()}
    total = sum(works.values(), Work())
    seconds = sum(work.flops / rates[name] for name, work in works.items())
    return {
        "intensity": {name: work.intensity for name, work in works.items()},
        "rates": {name: rate / GIGA for name, rate in rates.items()},
        "total": total.intensity,
        "ridge": peak / bandwidth,
        "milliseconds": 1000 * seconds,
        "each": 1000 * seconds / (batch * new),
        "peak": peak / GIGA,
        "bandwidth": bandwidth / GIGA,
        "what": f"{reads}: {READS[reads]}",
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the products under the roof; return the caption."""
    ax = fig.subplots()
    points = data["intensity"]
    draw_roof(ax, data["peak"] * GIGA, data["bandwidth"] * GIGA, 0.1, 1000.0)
    for name, intensity in points.items():
        style = {"color": COLORS["ours"], "mec": INK, "ms": 8, "alpha": 0.8}
        rate = data["rates"][name]
        ax.plot(intensity, rate, MARKS[name], label=name, ls="", **style)
    ax.legend(loc="lower right")
    left = [name for name, one in points.items() if one < data["ridge"]]
    waits = f"Products that wait for memory: {len(left)} of {len(points)}"
    ax.set_title(waits)
    side = "left" if data["total"] < data["ridge"] else "right"
    which = f" ({', '.join(left)})" if left else ""
    return (
        f"{data['what']}. {waits}{which}. All together do {data['total']:.2f} "
        f"operations a byte, {side} of the ridge at {data['ridge']:.2f}, and take at "
        f"least {data['milliseconds']:.2f} ms, {data['each']:.3f} ms a token."
    )


def show_roofline(
    peak: float = EXAMPLE["peak"],
    bandwidth: float = EXAMPLE["bandwidth"],
    state: Mapping[str, Any] | None = None,
) -> Explorer:
    """Return the roofline of a machine: batch, T, width, dtype, prefill or decode.

    `peak` is in operations, `bandwidth` in bytes a second: those that you measured.
    Without them the processor is made up.
    """
    if not (0 < peak < math.inf and 0 < bandwidth < math.inf):
        raise ValueError(
            f"peak={peak:g}, bandwidth={bandwidth:g}; both are positive: measure them "
            "with peak_flops() and memory_bandwidth()"
        )
    controls = {
        "batch": Slider(1, 64, 1),
        "T": Slider(16, 2048, 256, 16),
        "width": Choice(WIDTHS, 768),
        "dtype": Choice(tuple(DTYPES), "float32"),
        "reads": Choice(tuple(READS), "decode", label="what is read"),
    }
    story = [{}, {"batch": 64}, {"reads": "prefill"}]
    here = partial(compute, peak=peak, bandwidth=bandwidth)
    return Explorer(
        here, draw, controls, ALT, size=(6, 3.4), storyboard=story, state=state
    )
