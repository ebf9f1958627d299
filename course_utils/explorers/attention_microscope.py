"""One query of attention under the microscope (lesson 02)."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course_utils.attention import causal_mask
from course_utils.figures import strip
from course_utils.widgets import Explorer, Slider, Switch

__all__ = ["EXAMPLE", "compute", "draw", "example", "show_attention_microscope"]

EXAMPLE = ("the", "black", "cat", "sleeps", "here")
ALT = (
    "Five rows of cells with numbers, one column a word: the dot products of one query "
    "with all keys, the same scaled, masked and after softmax, and the output."
)


def example() -> tuple[Tensor, Tensor, Tensor]:
    """Return q, k, v of `EXAMPLE`, made by hand so that each number can be read.

    The channels of a key say what a word *is*: article, color, animal, action. Those
    of a query say what it looks for: the animal looks for its color, the action for
    the animal. Values carry another message, four numbers a word.
    """
    k = torch.tensor(
        [[2.0, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 2], [1, 0, 0, 1]]
    )
    q = torch.tensor(
        [[1.0, 0, 1, 0], [0, 1, 2, 0], [1, 3, 1, 0], [0, 0, 3, 1], [0, 0, 1, 3]]
    )
    v = torch.tensor(
        [[0.0, 0, 0, 1], [3, 0, 0, 0], [0, 3, 0, 0], [0, 0, 3, 0], [0, 0, 1, 2]]
    )
    return q, k, v


def compute(
    q: Float[Tensor, "T D"],
    k: Float[Tensor, "S D"],
    v: Float[Tensor, "S E"],
    query: int = 0,
    temperature: float = 1.0,
    scale: bool = True,
    causal: bool = False,
    nudge: float = 0.0,
) -> dict[str, Any]:
    """Follow query row `query` through every step of attention.

    `temperature` divides the scores, `nudge` is added to the query's first channel.
    With the defaults `output` is that row of `scaled_dot_product_attention`.
    """
    row = q[query].clone()
    row[0] += nudge
    dots = k @ row
    scaled = dots / (q.shape[-1] ** 0.5 if scale else 1.0) / temperature
    allowed = causal_mask(len(k))[query] if causal else torch.ones(len(k)) > 0
    weights = scaled.masked_fill(~allowed, -torch.inf).softmax(-1)
    logs = weights.clamp_min(torch.finfo(weights.dtype).tiny).log()
    return {
        "query": query,
        "dots": dots,
        "scaled": scaled,
        "allowed": allowed,
        "weights": weights,
        "output": weights @ v,
        "entropy": -(weights * logs).sum().item(),
        "divisor": "√D" if scale else "1",
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the five steps as strips; return the caption."""
    words, row, hidden = data["words"], data["query"], ~data["allowed"]
    ax = fig.subplots()
    strip(ax, data["dots"], words, "q · k", signed=True)
    strip(ax, data["scaled"], (), f"÷ {data['divisor']}", row=1, signed=True)
    strip(ax, data["scaled"], (), "mask", row=2, masked=hidden, signed=True)
    strip(ax, data["weights"], (), "softmax", row=3, masked=hidden, limits=(0, 1))
    strip(ax, data["output"], (), "× values", row=4, width=len(words), signed=True)
    best = int(data["weights"].argmax())
    fig.suptitle(f"“{words[row]}” looks most at “{words[best]}”", x=0.02, ha="left")
    weight, entropy = data["weights"][best].item(), data["entropy"]
    return (
        f"“{words[row]}” gives “{words[best]}” the weight {weight:.2f}; "
        f"the entropy of its weights is {entropy:.2f} nats."
    )


def show_attention_microscope(
    q: Float[Tensor, "T D"] | None = None,
    k: Float[Tensor, "T D"] | None = None,
    v: Float[Tensor, "T E"] | None = None,
    words: Sequence[str] = EXAMPLE,
    state: Mapping[str, Any] | None = None,
) -> Explorer:
    """Return the explorer of one attention: q, k, v and a word for each row.

    Without arguments it shows an example made by hand. Raises `ValueError` when the
    words are not as many as the rows.
    """
    if q is None or k is None or v is None:
        q, k, v = example()
    if not len(words) == len(q) == len(k):
        raise ValueError(f"{len(words)} words for {len(q)} queries, {len(k)} keys")
    controls = {
        "query": Slider(0, len(q) - 1, min(2, len(q) - 1), label="query row"),
        "temperature": Slider(0.1, 4.0, 1.0, 0.1),
        "scale": Switch(True, "scale by √D"),
        "causal": Switch(False, "causal mask"),
        "nudge": Slider(-4.0, 4.0, 0.0, 0.5, "add to q's channel 0"),
    }

    def with_words(**state: Any) -> dict[str, Any]:
        return {**compute(q, k, v, **state), "words": list(words)}

    storyboard = [{"temperature": t} for t in (0.2, 1.0, 4.0)]
    return Explorer(
        with_words,
        draw,
        controls,
        ALT,
        size=(6, 3.4),
        storyboard=storyboard,
        state=state,
    )
