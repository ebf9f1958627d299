"""The tree that beam search climbs, with what it prunes (lesson 08)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_utils.figures import COLORS, INK
from course_utils.widgets import Explorer, Slider

__all__ = ["GARDEN", "Node", "compute", "draw", "garden_path", "show_beam_tree"]

NextLogits = Callable[[Int[Tensor, "B T"]], Float[Tensor, "B V"]]
SHOWN = 3  # children drawn for each node
ALT = (
    "A tree that grows from left to right, a box for each word with the probability of "
    "the text so far. Pruned boxes have grey dashed edges, the best path thick ones."
)
GARDEN = ("<pad>", "<start>", "<end>", "the", "its", "cat", "dog", "name", "owner")


def garden_path(ids: Int[Tensor, "B T"]) -> Float[Tensor, "B V"]:
    """Score the next of the words `GARDEN` in a made-up language of two-word texts.

    The first word is "the" (0.5), "its" (0.4) or "cat" (0.1). After "the" three words
    are about as likely (0.4, 0.3, 0.3); after "its" one has nearly all (0.9).
    """
    tables = {
        1: {3: 0.5, 4: 0.4, 5: 0.1},
        3: {5: 0.4, 6: 0.3, 8: 0.3},
        4: {7: 0.9, 8: 0.1},
        5: {6: 0.6, 7: 0.4},
    }
    rows = torch.full((len(ids), len(GARDEN)), 1e-9)
    for row, last in zip(rows, ids[:, -1].tolist(), strict=True):
        for token, probability in tables.get(last, {2: 1.0}).items():
            row[token] = probability
    return rows.log()


@dataclass
class Node:
    """A word in the tree: where it hangs, its text's log-probability, its fate."""

    tokens: list[int]
    parent: int | None
    total: float
    score: float
    kept: bool = False
    ended: bool = False


def compute(
    next_logits: NextLogits,
    prefix: Sequence[int],
    width: int = 1,
    length_penalty: float = 0.0,
    step: int = 2,
    max_new: int = 2,
    end_id: int = 2,
) -> dict[str, Any]:
    """Search with a beam of `width` for `max_new` words; return every node tried.

    The rules are those of `course_utils.beam.beam_search`, whose result this equals:
    of all continuations the best 2·width are looked at; an ending among the first
    `width` leaves the beam. `best` is the node with the highest score.
    """
    nodes = [Node(list(prefix), None, 0.0, 0.0, kept=True)]
    live, finished = [0], []
    for length in range(1, max_new + 1):
        if not live:
            break
        ids = torch.tensor([nodes[i].tokens for i in live])
        log_p, first = next_logits(ids).log_softmax(-1), len(nodes)
        nodes += _children(nodes, live, log_p, width, length**length_penalty)
        ranked = sorted(range(first, len(nodes)), key=lambda i: -nodes[i].total)
        over = {i for i in ranked if nodes[i].tokens[-1] == end_id or length == max_new}
        finished += [i for i in ranked[:width] if i in over]
        live = [i for i in ranked if i not in over][:width]
        for i in [*live, *ranked[:width]]:
            nodes[i].kept, nodes[i].ended = True, i in over
    best = max(finished, key=lambda i: nodes[i].score)
    return {
        "nodes": nodes,
        "best": best,
        "path": _path(nodes, best),
        "probability": torch.tensor(nodes[best].total).exp().item(),
        "tokens": nodes[best].tokens,
        "width": width,
        "step": step,
        "start": len(prefix),
    }


def _children(
    nodes: list[Node], live: list[int], log_p: Tensor, width: int, divisor: float
) -> list[Node]:
    """Return each live node's likeliest continuations: all that could be kept."""
    children = []
    for row, parent in zip(log_p, live, strict=True):
        values, tokens = row.topk(min(max(SHOWN, 2 * width), len(row)))
        for value, token in zip(values.tolist(), tokens.tolist(), strict=True):
            if value < -15:  # a probability below 3e-7 is drawn by no one
                continue
            total = nodes[parent].total + value
            text = [*nodes[parent].tokens, token]
            children.append(Node(text, parent, total, total / divisor))
    return children


def _path(nodes: list[Node], index: int | None) -> list[int]:
    path = []
    while index is not None:
        path.append(index)
        index = nodes[index].parent
    return path[::-1]


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the tree up to the chosen step; return the caption."""
    ax = fig.subplots()
    nodes, start, words = data["nodes"], data["start"], data["words"]
    shown = _shown(nodes, start + data["step"])
    heights = _heights(nodes, shown)
    for i in shown:
        node = nodes[i]
        x, y = len(node.tokens) - start, heights[i]
        if node.parent is not None:
            best = i in data["path"]
            style = {"lw": 3, "color": INK} if best else {"lw": 1, "color": "#A0A0A0"}
            ax.plot([x - 1, x], [heights[node.parent], y], zorder=1, **style)
        _box(ax, x, y, node, words[node.tokens[-1]], best=i in data["path"])
    ax.set(xlim=(-0.4, data["step"] + 0.45), ylim=(max(heights.values()) + 0.7, -0.7))
    ax.set_axis_off()
    text = " ".join(words[t] for t in data["tokens"][start:])
    found = f"“{text}” with probability {data['probability']:.2f}"
    ax.set_title(f"Beam of {data['width']} finds {found}")
    kept = sum(node.kept for node in nodes) - 1
    return (
        f"A beam of {data['width']} finds {found}; greedy finds {data['greedy']:.2f}. "
        f"It kept {kept} of {len(nodes) - 1} words tried."
    )


def _shown(nodes: list[Node], longest: int) -> list[int]:
    """Return the nodes to draw: all kept ones and each parent's first few children."""
    seen: dict[int | None, int] = {}
    shown = []
    for i, node in enumerate(nodes):
        seen[node.parent] = seen.get(node.parent, 0) + 1
        if len(node.tokens) <= longest and (node.kept or seen[node.parent] <= SHOWN):
            shown.append(i)
    return shown


def _heights(nodes: list[Node], shown: list[int]) -> dict[int, float]:
    """Give each leaf its own row and each parent the middle of its children."""
    heights: dict[int, float] = {}

    def place(i: int) -> float:
        children = [j for j in shown if nodes[j].parent == i]
        if not children:
            taken = [h for j, h in heights.items() if j in leaves]
            leaves.add(i)
            heights[i] = max(taken, default=-1) + 1
        else:
            rows = [place(j) for j in children]
            heights[i] = (rows[0] + rows[-1]) / 2
        return heights[i]

    leaves: set[int] = set()
    place(shown[0])
    return heights


def _box(ax: Axes, x: float, y: float, node: Node, word: str, best: bool) -> None:
    fill, edge = ("#DCEAF4", COLORS["ours"]) if node.kept else ("#EEEEEE", "#A0A0A0")
    style = {"boxstyle": "round,pad=0.3", "fc": fill, "ec": INK if best else edge}
    style |= {"lw": 2.5 if best else 1.2, "ls": "-" if node.kept else "--"}
    text = f"{word}  {torch.tensor(node.total).exp():.2f}"
    label = ax.text(x, y, text, ha="center", va="center", bbox=style)
    if not node.kept:
        label.set_color("#555555")


def show_beam_tree(
    next_logits: NextLogits = garden_path,
    words: Sequence[str] = GARDEN,
    prefix: Sequence[int] = (1,),
    max_new: int = 2,
    end_id: int = 2,
    state: Mapping[str, Any] | None = None,
) -> Explorer:
    """Return the explorer of beam search over `next_logits` from one prefix of ids.

    `words` names each id. Without arguments: a made-up language in which greedy
    takes the wrong path. More than 4 steps do not fit the picture: `ValueError`.
    """
    if not 1 <= max_new <= 4:
        raise ValueError(f"max_new={max_new}; the picture has room for 1 to 4 steps")
    controls = {
        "width": Slider(1, 4, 1, label="beam width"),
        "length_penalty": Slider(0.0, 2.0, 0.0, 0.1, "length penalty"),
        "step": Slider(1, max_new, max_new),
    }
    fixed = {"max_new": max_new, "end_id": end_id}
    greedy = compute(next_logits, prefix, 1, **fixed)["probability"]

    def of_model(**state: Any) -> dict[str, Any]:
        data = compute(next_logits, prefix, **state, **fixed)
        return {**data, "words": list(words), "greedy": greedy}

    story = [{"width": 1}, {"width": 2}, {"width": 3}]
    return Explorer(
        of_model, draw, controls, ALT, size=(6, 3.2), storyboard=story, state=state
    )
