"""Who wrote this answer? What each sublayer adds to one token's vector (lesson 05)."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from course_utils.config import ModelConfig
from course_utils.encoder import Encoder
from course_utils.figures import COLORS, INK
from course_utils.widgets import Choice, Explorer, Slider

__all__ = ["bands", "compute", "draw", "example", "show_residual_river"]

WORDS = ("the", "black", "cat", "sleeps")
ALT = (
    "Two columns of bars, a row for each part of the encoder, each bar starting where "
    "the one above ended. Left they add up to a vector's length, right to a logit."
)


def _through(norm: nn.Module, band: Tensor, x: Tensor) -> Tensor:
    """Send a band through the norm of `x`: linear, once the statistics are fixed."""
    deviation = (x.var(-1, unbiased=False, keepdim=True) + norm.eps).sqrt()
    return (band - band.mean(-1, keepdim=True)) / deviation * norm.weight


def _normed(norm: nn.Module, parts: dict[str, Tensor], x: Tensor) -> dict[str, Tensor]:
    if isinstance(norm, nn.Identity):
        return parts
    parts = {name: _through(norm, band, x) for name, band in parts.items()}
    bias = parts.get("norms", torch.zeros_like(x)) + norm.bias
    return {**parts, "norms": bias}


@torch.no_grad()
def bands(
    encoder: Encoder, x: Float[Tensor, "1 T C"], off: str = "", mask: Any = None
) -> dict[str, Float[Tensor, "1 T C"]]:
    """Return what the input and each sublayer add; the sum is `encoder(x)`.

    A sublayer is named by layer and part, as in "1 attention"; `off` names one to
    leave out. Dropout is ignored. A norm is a linear map once its mean and variance
    are known, so that each band passes it alone; its biases form the band "norms".
    """
    parts, stream = {"input": x}, x
    for number, layer in enumerate(encoder.layers):
        for name, norm in (("attention", layer.norm1), ("feed-forward", layer.norm2)):
            h = norm(stream) if layer.norm_first else stream
            attend = name == "attention"
            added = layer.attention(h, h, mask) if attend else layer.feed_forward(h)
            label = f"{number} {name}"
            parts[label] = torch.zeros_like(x) if label == off else added
            stream = stream + parts[label]
            if not layer.norm_first:
                parts = _normed(norm, parts, stream)
                stream = norm(stream)
    return _normed(encoder.norm, parts, stream)


def compute(
    encoder: Encoder,
    x: Float[Tensor, "1 T C"],
    direction: Float[Tensor, " C"],
    token: int = 0,
    off: str = "nothing",
) -> dict[str, Any]:
    """Return each band's share of one token's final length, and of one logit.

    The share of the length is the band's projection on the final vector; the logit is
    the final vector's dot product with `direction`. Both columns add up exactly.
    """
    parts = {name: band[0, token] for name, band in bands(encoder, x, off).items()}
    parts["norms"] = parts.pop("norms", torch.zeros_like(direction))
    final = torch.stack(list(parts.values())).sum(0)
    length = final.norm()
    return {
        "parts": parts,
        "final": final,
        "lengths": {n: (b @ final / length).item() for n, b in parts.items()},
        "logits": {n: (b @ direction).item() for n, b in parts.items()},
        "length": length.item(),
        "logit": (final @ direction).item(),
        "token": token,
        "off": off,
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw two waterfalls side by side; return the caption."""
    left, right = fig.subplots(1, 2, sharey=True)
    _waterfall(left, data["lengths"], data["length"], data["off"])
    _waterfall(right, data["logits"], data["logit"], data["off"])
    left.set_title(f"length of the vector: {data['length']:.2f}")
    right.set_title(f"logit of “{data['answer']}”: {data['logit']:.2f}")
    word, off = data["words"][data["token"]], data["off"]
    shares, logits = data["lengths"], data["logits"]
    most = max(shares, key=lambda name: abs(shares[name]))
    voice = max(logits, key=lambda name: abs(logits[name]))
    fig.suptitle(f"“{voice}” says most about “{data['answer']}”", x=0.02, ha="left")
    return (
        f"“{word}”: most of its length comes from “{most}” ({shares[most]:.2f} of "
        f"{data['length']:.2f}), most of the logit of “{data['answer']}” from "
        f"“{voice}” ({logits[voice]:+.2f} of {data['logit']:+.2f}). Off: {off}."
    )


def _waterfall(ax: Axes, shares: Mapping[str, float], total: float, off: str) -> None:
    start = 0.0
    for y, (name, share) in enumerate(shares.items()):
        role = "ours" if "attention" in name else "warning"
        role = "baseline" if name in ("input", "norms") else role
        hatch = {"ours": "", "warning": "////", "baseline": ".."}[role]
        style = {"color": COLORS[role], "hatch": hatch, "edgecolor": "white"}
        ax.barh(y, share, left=start, **style)
        text = " off" if name == off else f" {share:+.2f}"
        ax.text(max(start, start + share), y, text, va="center")
        start += share
    ax.barh(len(shares), total, color=INK)
    ax.text(max(total, 0), len(shares), f" {total:.2f}", va="center", weight="bold")
    ax.set_yticks(range(len(shares) + 1), [*shares, "sum"])
    ax.axvline(0, color=INK, lw=1)
    ax.set_ylim(len(shares) + 0.6, -0.6)
    ax.margins(x=0.3)
    ax.tick_params("y", length=0)


def example(seed: int = 0) -> tuple[dict[str, Encoder], Tensor, Tensor]:
    """Return untrained encoders with both norms, the vectors of a text and of words."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sizes = {"vocab_size": 5, "d_model": 16, "n_heads": 2, "d_ff": 32}
        pre = Encoder(ModelConfig(**sizes, n_layers=2, norm_first=True))
        post = Encoder(ModelConfig(**sizes, n_layers=2, norm_first=False))
        post.load_state_dict(pre.state_dict(), strict=False)
        return {"pre": pre, "post": post}, torch.randn(4, 16), torch.randn(4, 16)


def show_residual_river(
    encoders: Encoder | Mapping[str, Encoder] | None = None,
    x: Float[Tensor, "T C"] | None = None,
    words: Sequence[str] = WORDS,
    answers: Mapping[str, Float[Tensor, " C"]] | None = None,
    state: Mapping[str, Any] | None = None,
) -> Explorer:
    """Return the explorer of who wrote a token's vector.

    `encoders` is one encoder, or several by name ("pre", "post"); `x` holds the
    vectors that enter, one for each of `words`; `answers` maps words to their output
    vectors, whose logits can be asked for. Without arguments: an untrained example.
    """
    if encoders is None or x is None or answers is None:
        encoders, x, table = example()
        answers = dict(zip(WORDS, table, strict=True))
    if isinstance(encoders, nn.Module):
        encoders = {"pre" if encoders.layers[0].norm_first else "post": encoders}
    if len(words) != len(x):
        raise ValueError(f"{len(words)} words for {len(x)} vectors")
    depth = min(len(encoder.layers) for encoder in encoders.values())
    kinds = ("attention", "feed-forward")
    names = [f"{number} {kind}" for number in range(depth) for kind in kinds]
    controls = {
        "token": Slider(0, len(words) - 1, min(2, len(words) - 1)),
        "off": Choice(["nothing", *names], "nothing", "switch off"),
        "norm": Choice(list(encoders), next(iter(encoders))),
        "answer": Choice(list(answers), next(iter(answers)), "logit of"),
    }

    def of_example(norm: str, answer: str, **state: Any) -> dict[str, Any]:
        data = compute(encoders[norm], x[None], answers[answer].detach(), **state)
        return {**data, "words": list(words), "answer": answer}

    story = [{}, {"off": names[-1]}, {"norm": list(encoders)[-1]}]
    size = (6, 1.2 + 0.3 * (len(names) + 3))
    return Explorer(
        of_example, draw, controls, ALT, size=size, storyboard=story, state=state
    )
