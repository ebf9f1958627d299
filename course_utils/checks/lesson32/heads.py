"""32-heads: rebuild the cut of an attention to some of its heads."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson32.inputs import PROJECTIONS, attention_weights
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "cut_attention"


def calls(seed: int) -> dict[str, Call]:
    """Return a case whose numbers name their places, then other widths and choices."""
    rows = torch.arange(4.0)
    hand = {f"{n}.weight": 10 * rows[:, None] + rows for n in PROJECTIONS}
    hand |= {f"{n}.bias": 100 + rows for n in PROJECTIONS}

    def cut(weights, heads, kept):
        return Call(NAME, (weights, heads, torch.tensor(kept)))

    return {
        "by hand: head 1 of two": cut(hand, 2, [1]),
        "two of three": cut(attention_weights(seed, 12), 3, [0, 2]),
        "one of four": cut(attention_weights(seed + 1, 8), 4, [2]),
        "all of five": cut(attention_weights(seed + 2, 10), 5, [0, 1, 2, 3, 4]),
        "heads of width 1": cut(attention_weights(seed + 3, 6), 6, [1, 4, 5]),
        "in another order": cut(attention_weights(seed + 4, 9), 3, [2, 0]),
        "float64": cut(attention_weights(seed + 5, 6, torch.float64), 2, [1]),
    }


def _side_by_side(width, heads, kept):
    D = width // heads
    return [h * D + i for h in kept.tolist() for i in range(D)]


def _dealt(width, heads, kept):
    return [h + heads * i for h in kept.tolist() for i in range(width // heads)]


def _version(place=_side_by_side, inner=PROJECTIONS[:3], biases=True, out="columns"):
    """Return a version that chooses other channels, or cuts other matrices."""

    def cut(weights, n_heads, kept):
        rows = place(len(weights["q_proj.bias"]), n_heads, kept)
        smaller = dict(weights)
        for name in inner:
            smaller[f"{name}.weight"] = weights[f"{name}.weight"][rows]
            if biases:
                smaller[f"{name}.bias"] = weights[f"{name}.bias"][rows]
        last = weights["out_proj.weight"]
        if out == "columns":
            smaller["out_proj.weight"] = last[:, rows]
        elif out == "rows":
            smaller["out_proj.weight"] = last[rows]
            smaller["out_proj.bias"] = weights["out_proj.bias"][rows]
        return smaller

    return cut


def _with_out_bias(weights, n_heads, kept):
    rows = _side_by_side(len(weights["q_proj.bias"]), n_heads, kept)
    right = _version()(weights, n_heads, kept)
    return right | {"out_proj.bias": weights["out_proj.bias"][rows]}


def _first(width, heads, kept):
    return list(range(width // heads * len(kept)))


def _removed(width, heads, kept):
    gone = [h for h in range(heads) if h not in kept.tolist()]
    return _side_by_side(width, heads, torch.tensor(gone, dtype=torch.long))


def _one_channel(width, heads, kept):
    return kept.tolist()


def _sorted(width, heads, kept):
    return _side_by_side(width, heads, kept.sort().values)


VERSIONS = {
    "heads-interleaved": _version(_dealt),
    "biases-forgotten": _version(biases=False),
    "output-rows": _version(out="rows"),
    "output-uncut": _version(out="nothing"),
    "output-bias-cut": _with_out_bias,
    "values-uncut": _version(inner=("q_proj", "k_proj")),
    "first-heads": _version(_first),
    "kept-removed": _version(_removed),
    "one-channel": _version(_one_channel),
    "order-lost": _version(_sorted),
    "tuple-of-parts": lambda *given: list(_version()(*given).values()),
}
TEXTS = {
    "heads-interleaved": "The channels of a head are taken from all over the width. "
    "Head h owns D channels *side by side*: h·D to (h+1)·D.",
    "biases-forgotten": "The matrices of q, k and v are cut, their biases are not: "
    "each row that goes takes its bias along.",
    "output-rows": "`out_proj` lost rows. What comes *out* keeps the width C; what "
    "goes in, the heads side by side, got narrower: cut its columns.",
    "output-uncut": "`out_proj` still expects all heads. Cut the columns that belong "
    "to the heads that are gone.",
    "output-bias-cut": "The bias of `out_proj` was cut. All C outputs stay, and each "
    "has its bias.",
    "values-uncut": "q and k are cut, v is not. A head has its own rows in all three.",
    "first-heads": "You keep the first heads, as many as asked, whatever `kept` says.",
    "kept-removed": "`kept` names the heads that stay. You removed them.",
    "one-channel": "You take one channel a head. A head is D = C / n_heads of them.",
    "order-lost": "The heads stand in another order than in `kept`. It does not change "
    "what the attention computes, but the card asks for the order given.",
    "tuple-of-parts": "Return a dictionary with the same eight names.",
}

CHECK = Check(
    calls,
    {NAME: _version()},
    slips=slips(NAME, VERSIONS, TEXTS),
)
