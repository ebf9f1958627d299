"""A training run on one time slider: what appeared first? (lesson 07)."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure

from course_utils.figures import COLORS, INK
from course_utils.widgets import Choice, Explorer, Slider

__all__ = ["compute", "draw", "show_training_scrubber", "steepest"]

Log = Sequence[Mapping[str, float]]
LABELS = {
    "loss": "loss (nats)",
    "learning_rate": "learning rate",
    "norm": "gradient norm",
}
ALT = (
    "Line charts side by side, one for each logged quantity, over training steps; a "
    "vertical line marks one step in all of them."
)


def steepest(steps: Sequence[float], values: Sequence[float], rising: bool) -> float:
    """Return the middle of the interval over which `values` change fastest.

    `rising` looks for the fastest rise, otherwise the fastest fall.
    """
    sign = 1 if rising else -1
    pairs = list(zip(steps, values, strict=True))
    slopes = [
        (sign * (y2 - y1) / (x2 - x1), (x1 + x2) / 2)
        for (x1, y1), (x2, y2) in pairwise(pairs)
    ]
    return max(slopes)[1]


def thin(log: Log, most: int = 120) -> list[Mapping[str, float]]:
    """Return at most `most` entries, evenly spread, the first and last among them."""
    if len(log) <= most:
        return list(log)
    places = [round(i * (len(log) - 1) / (most - 1)) for i in range(most)]
    return [log[place] for place in places]


def compute(runs: Mapping[str, Log], run: str, share: int = 100) -> dict[str, Any]:
    """Return one run's curves and its values at `share` percent of the way.

    An entry without a "step" counts from 1. Quantities are those of the run's first
    entry, at most four.
    """
    entries = [{"step": i, **entry} for i, entry in enumerate(runs[run], 1)]
    names = [name for name in entries[0] if name != "step"][:4]
    here = entries[round(share / 100 * (len(entries) - 1))]
    kept = thin(entries)
    steps = [entry["step"] for entry in kept]
    return {
        "run": run,
        "steps": steps,
        "curves": {name: [entry[name] for entry in kept] for name in names},
        "step": here["step"],
        "here": {name: here[name] for name in names},
        "fastest": steepest(steps, [entry[names[0]] for entry in kept], rising=False),
    }


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw the curves with the slider's step marked; return the caption."""
    axes = fig.subplots(1, len(data["curves"]), squeeze=False)[0]
    for ax, (name, values) in zip(axes, data["curves"].items(), strict=True):
        ax.plot(data["steps"], values, color=COLORS["ours"])
        ax.grid(axis="y")
        ax.ticklabel_format(axis="y", scilimits=(-2, 4), useMathText=True)
        value = data["here"][name]
        ax.axvline(data["step"], color=COLORS["warning"], lw=1.5, ls="--")
        ax.plot(data["step"], value, "o", color=COLORS["warning"], ms=8)
        ax.set_title(f"{LABELS.get(name, name.replace('_', ' '))}\n{value:.3g}")
        ax.set_xlabel("step")
        ax.locator_params("x", nbins=3)
    name = next(iter(data["here"]))
    fig.suptitle(f"{data['run']}, step {data['step']}", x=0.02, ha="left", color=INK)
    values = ", ".join(
        f"{n.replace('_', ' ')} {v:.3g}" for n, v in data["here"].items()
    )
    return (
        f"{data['run']}, step {data['step']}: {values}. The {name} falls fastest "
        f"around step {data['fastest']:.0f}."
    )


def show_training_scrubber(
    runs: Mapping[str, Log] | Log, state: Mapping[str, Any] | None = None
) -> Explorer:
    """Return the explorer of training logs: one, or several by name.

    A log is a list of dicts of numbers, one a step, as in `Trainer.history`; the
    first quantity is taken to be the loss. "step" is optional.
    """
    runs = dict(runs) if isinstance(runs, Mapping) else {"this run": runs}
    short = [name for name, log in runs.items() if len(log) < 2]
    if short:
        raise ValueError(f"run {short[0]!r} has fewer than 2 entries; train longer")
    controls = {
        "share": Slider(0, 100, 100, label="% of the run"),
        "run": Choice(list(runs), next(iter(runs))),
    }

    def of_runs(**state: Any) -> dict[str, Any]:
        return compute(runs, **state)

    story = [{"share": 5}, {"share": 30}, {}]
    return Explorer(of_runs, draw, controls, ALT, storyboard=story, state=state)
