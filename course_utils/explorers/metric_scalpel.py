"""Cut a sentence and watch the metrics: can a wrong text score higher? (lesson 09)"""

from collections.abc import Mapping
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.figures import COLORS, INK, bars, heatmap
from course_utils.metrics import (
    corpus_chrf,
    matched_spans,
    rouge_l,
    sentence_bleu,
    token_f1,
)
from course_utils.widgets import Choice, Explorer, TextBox

__all__ = ["EDITS", "REFERENCE", "compute", "draw", "show_metric_scalpel"]

REFERENCE = "the small cat is sleeping on the red mat"
EDITS = {
    "the same": "the small cat is sleeping on the red mat",
    "negated": "the small cat is not sleeping on the red mat",
    "reordered": "on the red mat the small cat is sleeping",
    "paraphrased": "the little cat is asleep on the red rug",
    "too short": "the small cat",
}
OWN = "own text below"
ORDERS = 4
ALT = (
    "Above, a grid: the words of a candidate as columns, runs of one to four words as "
    "rows, filled where the reference has the run. Below, horizontal bars of scores."
)


def compute(reference: str, candidate: str) -> dict[str, Any]:
    """Score a candidate, all scores 0 to 100, and mark its matched runs of words.

    `matched[n − 1, i]` is True where word i belongs to a matched n-gram.
    """
    ours, theirs = candidate.split(), reference.split()
    if not ours:
        raise ValueError("the candidate is empty; type at least one word")
    matched = torch.zeros(ORDERS, len(ours), dtype=torch.bool)
    for n in range(1, ORDERS + 1):
        for start, stop in matched_spans(ours, theirs, n):
            matched[n - 1, start:stop] = True
    return {
        "reference": reference,
        "candidate": candidate,
        "words": ours,
        "matched": matched,
        "scores": {
            "BLEU": sentence_bleu(candidate, reference),
            "chrF": corpus_chrf([candidate], [reference]),
            "ROUGE-L": 100 * rouge_l(candidate, reference).f1,
            "word F1": 100 * token_f1(candidate, reference),
        },
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the matched runs above the scores; return the caption."""
    top, below = fig.subplots(2, 1, height_ratios=[1, 1.1])
    matched, words = data["matched"], data["words"]
    rows = [f"{n + 1} word{'s' if n else ''}" for n in range(ORDERS)]
    heatmap(top, matched.float(), rows, words, ~matched, False, limits=(1, 2))
    top.tick_params("x", rotation=90 if len(" ".join(words)) > 56 else 0)
    top.xaxis.tick_top()
    _rule(top, len(words))
    bars(below, data["scores"], digits=1)
    below.set(xlim=(0, 118), xlabel="score, 0 to 100")
    below.set_xticks([0, 25, 50, 75, 100])
    scores, rival = data["scores"], data["rival"]
    higher = [name for name in scores if scores[name] > rival[name] + 1e-9]
    if data["candidate"] == data["rival_text"]:
        title = f"“{data['rival_name']}”: what the others are compared with"
    else:
        _mark(below, list(rival.values()))
        count = f"{len(higher)} of {len(scores)} scores"
        title = f"Higher than “{data['rival_name']}” in {count}"
    fig.suptitle(title, x=0.02, ha="left")
    values = ", ".join(f"{name} {score:.1f}" for name, score in scores.items())
    return (
        f"“{data['candidate']}” against “{data['reference']}”: {values}. Diamonds mark "
        f"“{data['rival_text']}”; higher than it: {', '.join(higher) or 'none'}."
    )


def _rule(ax: Axes, columns: int) -> None:
    for edge in range(1, columns):
        ax.axvline(edge - 0.5, color="white", lw=1)
    for edge in range(1, ORDERS):
        ax.axhline(edge - 0.5, color="white", lw=1)


def _mark(ax: Axes, scores: list[float]) -> None:
    for y, score in enumerate(scores):
        ax.plot([score, score], [y - 0.4, y + 0.4], color=INK, lw=2.5)
        ax.plot(score, y, "D", mfc=COLORS["reference"], mec=INK, ms=6)


def show_metric_scalpel(
    reference: str = REFERENCE,
    edits: Mapping[str, str] | None = None,
    rival: str = "paraphrased",
    state: Mapping[str, Any] | None = None,
) -> Explorer:
    """Return the explorer of one reference and several candidates by name.

    `rival` names the candidate that the diamonds mark: the right one to beat.
    """
    edits = dict(EDITS if edits is None else edits)
    if rival not in edits:
        raise ValueError(f"rival={rival!r} is not among the edits: {', '.join(edits)}")
    marked = compute(reference, edits[rival])["scores"]
    controls = {
        "edit": Choice([*edits, OWN], next(iter(edits)), "candidate"),
        "own": TextBox(reference, ("a", "the dog eats"), "own text"),
    }

    def of_edit(edit: str, own: str) -> dict[str, Any]:
        data = compute(reference, edits.get(edit, own))
        marks = {"rival": marked, "rival_text": edits[rival], "rival_name": rival}
        return {**data, **marks}

    names = list(edits)
    story = [{"edit": name} for name in (names[0], names[1], rival)]
    return Explorer(
        of_edit, draw, controls, ALT, size=(6, 3.6), storyboard=story, state=state
    )
