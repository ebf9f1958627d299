"""Where does each output word look? A translator step by step (lesson 06)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.explorers.recording import recorded
from course_utils.figures import COLORS, heatmap
from course_utils.generation import greedy, translation_steps
from course_utils.plots import drawable
from course_utils.text import Vocabulary
from course_utils.transformer import Transformer
from course_utils.widgets import Choice, Explorer, Slider, Switch, TextBox
from course_utils.words import split_words

__all__ = ["compute", "draw", "show_cross_attention", "translate"]

LONGEST = 16
MEAN = "mean"
ALT = (
    "A heat map, a row for each word that is written, a column for each word of the "
    "source: how much the writer looks at it. Rows not yet written are hatched."
)


@torch.no_grad()
def translate(
    model: Transformer,
    vocabulary: Vocabulary,
    source: str,
    given: str = "",
    tag: Sequence[str] = (),
) -> dict[str, Any]:
    """Return source words, written words and the cross-attention of every step.

    Without `given` the model continues its own words (greedy); with it, it is fed the
    words of `given` and says at each step what it would have written (teacher
    forcing). `tag` are words put in front of the source. `weights` is `(L, H, T, S)`:
    row t is the look before word t is written.
    """
    device = model.embedding.token.weight.device
    start, end = vocabulary.start_id, vocabulary.end_id
    asked = [vocabulary.ids[word] for word in tag]
    ids = torch.tensor([[*asked, *vocabulary.encode(source)]], device=device)
    prefix = torch.tensor([[start]], device=device)
    was_training = model.training
    model.eval()
    if given:
        fed = torch.tensor([[start, *vocabulary.encode(given)]], device=device)
    else:
        fed = greedy(translation_steps(model, ids), prefix, LONGEST, end)[:, :LONGEST]
        fed = fed[:, :-1] if fed[0, -1] == end else fed
    layers = [layer.cross_attention for layer in model.decoder.layers]
    with recorded(layers) as weights:
        logits = model(ids, fed)
    model.train(was_training)
    written = logits[0].argmax(-1).tolist()
    return {
        "source": [*tag, *split_words(source)],
        "fed": [vocabulary.words[i] for i in fed[0].tolist()],
        "written": [vocabulary.words[i] for i in written],
        "weights": torch.stack([w[0] for w in weights]).cpu(),
    }


def compute(
    run: Callable[[str, bool], dict[str, Any]],
    source: str,
    forced: bool = False,
    layer: int = 0,
    head: int | str = MEAN,
    step: int = 0,
) -> dict[str, Any]:
    """Return one layer's map, for one head or their mean, and the chosen step.

    `run(source, forced)` is what `translate` returns. A step beyond the last word
    shows the last one.
    """
    done = run(source, forced)
    maps = done["weights"][layer]
    chosen = maps.mean(0) if head == MEAN else maps[head]
    step = min(step, len(done["written"]) - 1)
    return {
        **done,
        "map": chosen,
        "step": step,
        "looks_at": done["source"][int(chosen[step].argmax())],
        "weight": chosen[step].max().item(),
        "head": head,
        "layer": layer,
        "forced": forced,
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the map up to the present step; return the caption."""
    ax = fig.subplots()
    weights, step, written = data["map"], data["step"], data["written"]
    hidden = torch.zeros_like(weights)
    hidden[step + 1 :] = 1
    rows = [word if t <= step else "…" for t, word in enumerate(written)]
    few = weights.numel() <= 80
    heatmap(ax, weights, rows, data["source"], hidden, few, limits=(0, 1))
    frame = {"fill": False, "edgecolor": COLORS["warning"], "lw": 3}
    S = weights.shape[1]
    ax.add_patch(Rectangle((-0.48, step - 0.48), S - 0.04, 0.96, **frame))
    word, target = written[step], data["looks_at"]
    ax.set(xlabel="source (read)", ylabel="written")
    shown = drawable(word, f"#{step}"), drawable(target, "a word")
    ax.set_title(f"“{shown[0]}” looks most at “{shown[1]}” ({data['weight']:.2f})")
    head = "the mean of all heads" if data["head"] == MEAN else f"head {data['head']}"
    after = data["fed"][step]
    mode = "given" if data["forced"] else "its own"
    return (
        f"Step {step}, after {mode} word “{after}”: it writes “{word}” and looks most "
        f"at “{target}” with {data['weight']:.2f} (layer {data['layer']}, {head})."
    )


def show_cross_attention(
    model: Transformer,
    vocabulary: Vocabulary,
    pairs: Mapping[str, str] | Sequence[tuple[str, str]],
    tag: Sequence[str] = (),
    state: Mapping[str, Any] | None = None,
) -> Explorer:
    """Return the explorer of a trained translator.

    `pairs` maps a few sources to their right translations, which teacher forcing
    feeds; the first is shown first. Any other source of known words may be typed
    (teacher forcing then feeds the model's own words). `tag` are the words that ask
    for a language, as in `Translator.tag`.
    """
    pairs = dict(pairs)
    first, *others = pairs
    n_heads = model.config.n_heads
    known: dict[tuple[str, str], dict[str, Any]] = {}

    def run(source: str, forced: bool) -> dict[str, Any]:
        key = (source, pairs.get(source, "") if forced else "")
        if key not in known:
            known[key] = translate(model, vocabulary, *key, tag)
        return known[key]

    controls = {
        "source": TextBox(first, tuple(others)),
        "forced": Switch(False, "teacher forcing"),
        "layer": Slider(0, len(model.decoder.layers) - 1, 0),
        "head": Choice([MEAN, *range(n_heads)], MEAN),
        "step": Slider(0, LONGEST - 1, 0),
    }

    def of_model(**state: Any) -> dict[str, Any]:
        return compute(run, **state)

    last = len(run(first, False)["written"]) - 1
    story = [{"step": 0}, {"step": last // 2}, {"step": last}]
    return Explorer(of_model, draw, controls, ALT, storyboard=story, state=state)
