"""Which words can still come out? The knobs of sampling side by side (lesson 08)."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_utils.figures import COLORS, INK
from course_utils.sampling import (
    apply_temperature,
    keep_min_p,
    keep_top_k,
    keep_top_p,
)
from course_utils.widgets import Explorer, Slider

__all__ = ["DRAWS", "compute", "draw", "example", "show_sampling_bench"]

DRAWS, SHOWN = 200, 10
ALT = (
    "Horizontal bars, a row for each word, most probable first: its probability after "
    "all knobs. Squares mark how often it was drawn; removed words are hatched grey."
)


def example() -> tuple[Tensor, list[str]]:
    """Return made-up scores for the word after “the cat sleeps on the”."""
    scores = {
        "mat": 4.0, "sofa": 3.6, "bed": 3.2, "chair": 2.6, "roof": 2.0, "table": 1.6,
        "grass": 1.0, "floor": 0.9, "moon": -0.5, "sentence": -1.2, "seven": -2.0,
        "of": -3.0,
    }  # fmt: skip
    return torch.tensor(list(scores.values())), list(scores)


def compute(
    logits: Float[Tensor, " V"],
    temperature: float = 1.0,
    top_k: int = 50,
    top_p: float = 1.0,
    min_p: float = 0.0,
    seed: int = 0,
) -> dict[str, Any]:
    """Turn the knobs in the order of their names; draw 200 words.

    `mass` is the probability, at this temperature, of the words that remain. Where
    `min_p` is 0 that knob does nothing.
    """
    scaled = apply_temperature(logits, temperature)
    before = scaled.softmax(-1)
    kept = keep_top_p(keep_top_k(scaled, top_k), top_p)
    kept = keep_min_p(kept, min_p) if min_p > 0 else kept
    after = kept.softmax(-1)
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.multinomial(after, DRAWS, replacement=True, generator=generator)
    return {
        "before": before,
        "after": after,
        "kept": after > 0,
        "mass": before[after > 0].sum().item(),
        "counts": drawn.bincount(minlength=len(logits)),
        "order": logits.argsort(descending=True, stable=True),
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the ranked words with their draws; return the caption."""
    ax = fig.subplots()
    order = data["order"][:SHOWN].tolist()
    widest = max(_row(ax, y, data, i) for y, i in enumerate(order))
    ax.set_yticks(range(len(order)), [data["words"][i] for i in order])
    ax.invert_yaxis()
    ax.tick_params("y", length=0)
    ax.set_xlim(0, 1.2 * max(widest, 0.4))
    ax.set_xlabel(f"probability (squares: share of {DRAWS} draws)")
    count, V = int(data["kept"].sum()), len(data["kept"])
    word, first = data["words"][order[0]], order[0]
    ax.set_title(f"{count} of {V} words can still come out")
    return (
        f"{count} of {V} words remain; they held {data['mass']:.1%} of the "
        f"probability. “{word}” now has {data['after'][first].item():.3f} and came out "
        f"{data['counts'][first].item()} times in {DRAWS}."
    )


def _row(ax: Axes, y: int, data: dict[str, Any], i: int) -> float:
    before, after = data["before"][i].item(), data["after"][i].item()
    share = data["counts"][i].item() / DRAWS
    if after > 0:
        ax.barh(y, after, color=COLORS["ours"])
        ax.plot(share, y, "s", **_SQUARE)
        ax.text(max(after, share), y, f"   {after:.3f}", va="center")
        return max(after, share)
    ax.barh(y, before, color="#E2E2E2", hatch="////", edgecolor="#A0A0A0")
    ax.text(before, y, "  removed", va="center")
    return before


_SQUARE = {"mfc": COLORS["reference"], "mec": INK, "ms": 7}


def show_sampling_bench(
    logits: Float[Tensor, " V"] | None = None,
    words: Sequence[str] | None = None,
    state: Mapping[str, Any] | None = None,
) -> Explorer:
    """Return the bench for one next-word distribution: logits and a name for each.

    Without arguments it shows made-up scores. The ten most probable words are drawn,
    all take part.
    """
    if logits is None or words is None:
        logits, words = example()
    if logits.ndim != 1 or len(words) != len(logits):
        shape = tuple(logits.shape)
        raise ValueError(
            f"logits of shape {shape} for {len(words)} words; pass one row"
        )
    V = len(words)
    controls = {
        "temperature": Slider(0.01, 3.0, 1.0, 0.01),
        "top_k": Slider(1, V, V, label="top-k"),
        "top_p": Slider(0.05, 1.0, 1.0, 0.05, "top-p"),
        "min_p": Slider(0.0, 0.5, 0.0, 0.01, "min-p"),
        "seed": Slider(0, 20, 0),
    }
    row = logits.detach().float().cpu()

    def of_row(**state: Any) -> dict[str, Any]:
        return {**compute(row, **state), "words": list(words)}

    story = [{}, {"temperature": 2.0}, {"temperature": 2.0, "top_p": 0.8}]
    return Explorer(
        of_row, draw, controls, ALT, size=(6, 3.2), storyboard=story, state=state
    )
