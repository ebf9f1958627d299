"""Every head of every layer at a glance, and what a wrong reshape does (lesson 03)."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.attention import attention_weights
from course_utils.figures import COLORS, heatmap
from course_utils.multihead import split_heads
from course_utils.widgets import Explorer, Slider, Switch

__all__ = ["MAX_WORDS", "compute", "draw", "example", "pack", "show_heads", "split"]

MAX_WORDS = 256  # more would make the picture heavier than the lesson
WORDS = ("the", "black", "cat", "sees", "the", "dog")
ALT = (
    "Left, small attention maps, a row for each layer and a column for each head; "
    "middle, one of them large, queries by keys; right, the numbers that one row reads."
)


def example(seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return queries and keys `(L, T, C)` = (2, 6, 8) for two heads a layer.

    Head 0 looks for the word itself, head 1 for the word before it (a matching code
    for each position), with a little noise; layer 1 looks twice as sharply.
    """
    generator = torch.Generator().manual_seed(seed)
    turn = torch.arange(6) * (2 * torch.pi / 6)
    place = torch.stack([turn.cos(), turn.sin()], -1)
    before = place.roll(1, 0)
    keys = torch.cat([place, place * 0, place, place * 0], -1)
    queries = torch.cat([place, place * 0, before, place * 0], -1)
    noise = torch.randn(2, 6, 8, generator=generator)
    sharpness = torch.tensor([5.0, 12.0])[:, None, None]
    return sharpness * queries + 0.1 * noise, keys.expand(2, 6, 8) + 0.1 * noise


def split(x: Float[Tensor, "L T C"], n_heads: int, wrong: bool) -> Tensor:
    """Cut the width into heads: `(L, H, T, D)`.

    `wrong` views the memory as `(L, H, T, D)` at once, without the transpose: the
    shape is right, the numbers belong to other words.
    """
    if wrong:
        return x.reshape(len(x), n_heads, x.shape[1], -1)
    return split_heads(x, n_heads)


def pack(weights: Float[Tensor, "L H T T"]) -> UInt8[Tensor, "L H T T"]:
    """Return weights in steps of 1/255: one byte a cell instead of four."""
    return (weights * 255).round().to(torch.uint8)


def compute(
    queries: Float[Tensor, "L T C"],
    keys: Float[Tensor, "L T C"],
    n_heads: int,
    layer: int = 0,
    head: int = 0,
    row: int = 0,
    column: int = 0,
    wrong: bool = False,
) -> dict[str, Any]:
    """Return all maps as bytes, one cell's weight, and where its numbers come from.

    `origin[t, c]` is True for the numbers that position `row` of the head reads.
    """
    q, k = split(queries, n_heads, wrong), split(keys, n_heads, wrong)
    weights = attention_weights(q, k)
    T, C = queries.shape[1:]
    address = torch.arange(T * C, dtype=torch.float32).view(1, T, C)
    read = split(address, n_heads, wrong)[0, head, row].long()
    origin = torch.zeros(T * C, dtype=torch.bool)
    origin[read] = True
    return {
        "maps": pack(weights),
        "map": weights[layer, head],
        "weight": weights[layer, head, row, column].item(),
        "cell": (layer, head, row, column),
        "origin": origin.view(T, C),
        "wrong": wrong,
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw thumbnails, the large map and the origin of one row; return the caption."""
    words, (layer, head, row, column) = data["words"], data["cell"]
    small, large, source = fig.subfigures(1, 3, width_ratios=[1.0, 1.9, 1.6])
    _thumbnails(small, data["maps"], layer, head)
    ax = large.subplots()
    few = len(words) <= 8
    heatmap(ax, data["map"], words, words, values=few, limits=(0, 1), digits=1)
    ax.set_title(f"layer {layer}, head {head}")
    ax.tick_params("x", rotation=90)
    ax.add_patch(_frame(column, row))
    ax = source.subplots()
    origin = data["origin"]
    heatmap(ax, origin.float(), words, (), ~origin, values=False, limits=(1, 2))
    ax.set(title=f"read by “{words[row]}”", xlabel="channel")
    ax.set_xticks([0, origin.shape[1] - 1])
    title = f"“{words[row]}” looks at “{words[column]}” with {data['weight']:.2f}"
    fig.suptitle(title, x=0.02, ha="left")
    return _caption(data)


def _thumbnails(fig: Figure, maps: UInt8[Tensor, "L H T T"], layer: int, head: int):
    L, H = maps.shape[:2]
    axes = fig.subplots(L, H, squeeze=False)
    style = {"cmap": "cividis", "vmin": 0, "vmax": 255}
    for index, ax in enumerate(axes.flat):
        ax.imshow(maps[index // H, index % H].numpy(), aspect="auto", **style)
        ax.set(xticks=[], yticks=[])
        chosen = index == layer * H + head
        for spine in ax.spines.values():
            spine.set(visible=True, color=COLORS["warning"], lw=3 if chosen else 0)
        if index % H == 0:
            ax.set_ylabel(f"layer {index // H}")
        if index < H:
            ax.set_title(
                f"{'head ' if H < 4 else ''}{index}", loc="center", fontsize=10
            )


def _frame(x: int, y: int) -> Rectangle:
    style = {"fill": False, "edgecolor": COLORS["warning"], "lw": 3}
    return Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, **style)


def _caption(data: dict[str, Any]) -> str:
    words, (layer, head, row, column) = data["words"], data["cell"]
    owners = data["origin"].any(1).nonzero().flatten().tolist()
    text = (
        f"Layer {layer}, head {head}: “{words[row]}” looks at “{words[column]}” with "
        f"{data['weight']:.2f}. "
    )
    if owners == [row]:
        return text + "It reads its own numbers, and no other word's."
    names = " and ".join(f"“{words[i]}”" for i in owners)
    return text + f"Wrong reshape: this row reads numbers that belong to {names}."


def show_heads(
    queries: Float[Tensor, "L T C"] | None = None,
    keys: Float[Tensor, "L T C"] | None = None,
    n_heads: int = 2,
    words: Sequence[str] = WORDS,
    state: Mapping[str, Any] | None = None,
) -> Explorer:
    """Return the explorer of all heads from queries and keys before they are split.

    For one trained `MultiHeadAttention` pass `q_proj(x)` and `k_proj(x)`. Without
    arguments it shows an example. Raises `ValueError` for more than 256 words.
    """
    if queries is None or keys is None:
        queries, keys = example()
    L, T, _ = queries.shape
    if T > MAX_WORDS or len(words) != T:
        raise ValueError(f"{len(words)} words for {T} positions; at most {MAX_WORDS}")
    controls = {
        "layer": Slider(0, L - 1, 0),
        "head": Slider(0, n_heads - 1, n_heads - 1),
        "row": Slider(0, T - 1, min(2, T - 1), label="row (query)"),
        "column": Slider(0, T - 1, min(1, T - 1), label="column (key)"),
        "wrong": Switch(False, "wrong reshape: no transpose"),
    }
    queries, keys = queries.detach(), keys.detach()

    def with_words(**state: Any) -> dict[str, Any]:
        return {**compute(queries, keys, n_heads, **state), "words": list(words)}

    story = [{"head": 0}, {}, {"wrong": True}]
    return Explorer(with_words, draw, controls, ALT, storyboard=story, state=state)
