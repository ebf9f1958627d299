"""How small may the translator be? Train several sizes alike and compare."""

import json
import math
from pathlib import Path

from course_utils.recipes.common import finish, new_trainer, write_json
from course_utils.recipes.translator import (
    SETTINGS,
    SIZES,
    judge_both,
    keep,
    read_corpus,
)
from course_utils.translator import WEIGHTS

CANDIDATES = {
    "d40": {"d_model": 40, "d_ff": 160},
    "d64": {},
    "d96": {"d_model": 96, "d_ff": 384},
}

__all__ = ["CANDIDATES", "smallest_enough", "train_scan"]


def train_scan(out: Path | None = None, resume: bool = False) -> dict:
    """Train the translator in several sizes and log their quality (over an hour)."""
    folder = Path(out or WEIGHTS)
    log = folder / "logs" / "translator_scan.json"
    found = json.loads(log.read_text())["sizes"] if resume and log.exists() else {}
    corpus, data = read_corpus()
    for name, change in CANDIDATES.items():
        if name in found:
            continue
        trainer = new_trainer(corpus, SETTINGS, SIZES | change)
        seconds = finish(trainer, folder / "runs" / f"{name}.state", resume, name)
        found[name] = {
            "sizes": SIZES | change,
            "parameters": sum(p.numel() for p in trainer.model.parameters()),
            "cpu_seconds": round(seconds),
            "loss": trainer.history[-1]["loss"],
            **judge_both(trainer, corpus, "validation", 1000),
        }
        write_json(log, {"recipe": "translator-scan", "data": data, "sizes": found})
        keep(trainer, corpus, data, folder / "runs" / name)
    write_json(
        log,
        {
            "recipe": "translator-scan",
            "settings": vars(SETTINGS),
            "data": data,
            "chosen": smallest_enough(found),
            "sizes": found,
        },
    )
    return found


def smallest_enough(found: dict[str, dict], margin: float = 1.0) -> str | None:
    """Return the smallest size within `margin` BLEU of the one twice as large.

    "Twice as large" is the candidate whose parameters are nearest to double (by
    ratio, at least 1.5 times); None if no candidate has such a partner.
    """
    by_size = sorted(found, key=lambda name: found[name]["parameters"])
    for name in by_size:
        ours = found[name]
        larger = [n for n in by_size if _ratio(found[n], ours) >= 1.5]
        if not larger:
            return None
        partner = min(larger, key=lambda n: abs(math.log2(_ratio(found[n], ours) / 2)))
        loss = max(
            found[partner][lang]["bleu"] - ours[lang]["bleu"] for lang in ("fr", "zh")
        )
        if loss <= margin:
            return name
    return None


def _ratio(one: dict, other: dict) -> float:
    return one["parameters"] / other["parameters"]
