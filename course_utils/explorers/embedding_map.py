"""Words as numbers, numbers as points: chips and a map of embeddings (lesson 01)."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_utils.figures import COLORS, INK, bars
from course_utils.text import Vocabulary
from course_utils.widgets import Choice, Explorer, TextBox
from course_utils.words import split_words

__all__ = ["compute", "cosines", "draw", "flatten", "show_embedding_map"]

NEAREST = 5
ALT = (
    "Above, a text as a row of boxes, a word and its number in each. Below left, a map "
    "of word vectors in two dimensions; right, bars of the cosine to the nearest words."
)


def flatten(vectors: Float[Tensor, "V C"]) -> tuple[Float[Tensor, "V 2"], float]:
    """Return the vectors seen from their two widest directions, and the share kept.

    The widest directions are the first two principal components; the share is that
    of the variance. Signs are fixed, so that the same vectors give the same map.
    """
    centered = vectors - vectors.mean(0)
    _, sizes, directions = torch.linalg.svd(centered, full_matrices=False)
    points = centered @ directions[:2].T
    points = points * points.gather(0, points.abs().argmax(0, keepdim=True)).sign()
    share = (sizes[:2].square().sum() / sizes.square().sum()).item()
    return points, share


def cosines(vectors: Float[Tensor, "V C"], index: int) -> Float[Tensor, " V"]:
    """Return the cosine of one row to every row, in [−1, 1]."""
    unit = vectors / vectors.norm(dim=-1, keepdim=True).clamp_min(1e-9)
    return unit @ unit[index]


def compute(
    vocabulary: Vocabulary, vectors: Float[Tensor, "V C"], text: str, word: str
) -> dict[str, Any]:
    """Return the chips of `text`, the map of all words, and the nearest to `word`.

    Special tokens (padding, start, end) are left out of the map. Raises
    `UnknownWordError` for words that the vocabulary lacks.
    """
    ids = vocabulary.encode(text)
    first = len(vocabulary.specials)
    words, vectors = vocabulary.words[first:], vectors.detach()[first:]
    index = words.index(word)
    near = cosines(vectors, index)
    order = near.argsort(descending=True).tolist()
    order = [i for i in order if i != index][:NEAREST]
    points, share = flatten(vectors)
    return {
        "chips": list(zip(split_words(text), ids, strict=True)),
        "words": words,
        "points": points,
        "share": share,
        "word": word,
        "nearest": {words[i]: near[i].item() for i in order},
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the chips, the map and the nearest words; return the caption."""
    chips, below = fig.subfigures(2, 1, height_ratios=[0.9, 2.6])
    _chips(chips.subplots(), data["chips"])
    left, right = below.subplots(1, 2, width_ratios=[1.6, 1])
    shown = {data["word"], *data["nearest"], *(word for word, _ in data["chips"])}
    _map(left, data, shown)
    left.set(title=f"two directions hold {data['share']:.0%}", xticks=[], yticks=[])
    left.set(xlabel="widest direction", ylabel="second")
    bars(right, data["nearest"])
    right.set(title=f"nearest to “{data['word']}”", xlabel="cosine", xlim=(0, 1.4))
    right.set_xticks([0, 0.5, 1])
    word, (near, cosine) = data["word"], next(iter(data["nearest"].items()))
    return (
        f"{len(data['chips'])} words become {len(data['chips'])} numbers; nearest to "
        f"“{word}” is “{near}” (cosine {cosine:.2f})."
    )


def _chips(ax: Axes, chips: Sequence[tuple[str, int]]) -> None:
    """Draw boxes as wide as their words, in as many rows as it takes."""
    x, y, widest = 0.0, 0.0, 58
    for word, number in chips:
        width = max(len(word), len(str(number))) + 1.5
        if x + width > widest:
            x, y = 0.0, y - 2.6
        box = {"boxstyle": "square,pad=0.3", "fc": "#DCEAF4", "ec": COLORS["ours"]}
        text = f"{word}\n{number}"
        ax.text(x + width / 2, y, text, ha="center", va="center", bbox=box)
        x += width + 1.2
    ax.set(xlim=(-1, widest + 1), ylim=(y - 1.4, 1.4))
    ax.set_axis_off()


def _map(ax: Axes, data: dict[str, Any], shown: set[str]) -> None:
    points, words = data["points"], data["words"]
    ax.scatter(*points.T.tolist(), s=10, color="#A8A8A8")
    low, high = points.min(0).values, points.max(0).values
    first = [data["word"], *data["nearest"]]
    known = sorted(shown & set(words), key=lambda w: (w not in first, w))
    places = {
        word: ((points[words.index(word)] - low) / (high - low)) for word in known
    }
    taken = [(x, y, 0.02) for x, y in (at.tolist() for at in places.values())]
    for word, at in places.items():
        chosen = word == data["word"]
        style = {"marker": "*" if chosen else "o", "ms": 10 if chosen else 5}
        role = "warning" if chosen else "ours"
        here = points[words.index(word)].tolist()
        ax.plot(*here, color=COLORS[role], **style)
        spot = _free_spot(at.tolist(), len(word), taken)
        if spot:
            x, y = (low + torch.tensor(spot) * (high - low)).tolist()
            ax.text(x, y, word, va="center", color=INK, fontsize=10)
    ax.margins(x=0.25, y=0.12)


def _free_spot(at: list[float], letters: int, taken: list) -> list[float] | None:
    """Return where a label touches no earlier one, in shares of the map, or None."""
    width, height = 0.045 * letters, 0.1
    for dx, dy in ((0.03, 0), (-0.03 - width, 0), (0.02, 0.09), (0.02, -0.09)):
        x, y = at[0] + dx, at[1] + dy
        clash = any(
            x < tx + tw and tx < x + width and abs(y - ty) < height
            for tx, ty, tw in taken
        )
        if not clash:
            taken.append((x, y, width))
            return [x, y]
    return None


def show_embedding_map(
    vocabulary: Vocabulary,
    vectors: Float[Tensor, "V C"],
    text: str,
    word: str | None = None,
    examples: Sequence[str] = (),
    state: Mapping[str, Any] | None = None,
) -> Explorer:
    """Return the explorer of a model's embedding matrix, a row for each word.

    `text` and the further `examples` must consist of known words; `word` is the first
    to look around from. Raises `ValueError` when rows and words differ in number.
    """
    if len(vocabulary) != len(vectors):
        raise ValueError(f"{len(vocabulary)} words but {len(vectors)} vectors")
    words = vocabulary.words[len(vocabulary.specials) :]
    chosen = word or vocabulary.words[vocabulary.encode(text)[0]]
    controls = {
        "text": TextBox(text, tuple(examples)),
        "word": Choice(words, chosen, "look around"),
    }

    def of_words(**state: Any) -> dict[str, Any]:
        return compute(vocabulary, vectors, **state)

    near = list(compute(vocabulary, vectors, text, chosen)["nearest"])
    story = [{}, {"word": near[0]}, {"word": near[-1]}]
    return Explorer(
        of_words, draw, controls, ALT, size=(6, 3.7), storyboard=story, state=state
    )
