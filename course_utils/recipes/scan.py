"""How small may the translator be? Train several sizes alike and compare."""

import json
import math
from pathlib import Path

from course_utils.checkpoints import load_checkpoint
from course_utils.recipes.common import Corpus, finish, new_trainer, write_json
from course_utils.recipes.translator import (
    LANGUAGES,
    SETTINGS,
    SIZES,
    judge_both,
    keep,
    read_corpus,
)
from course_utils.transformer import Transformer
from course_utils.translator import WEIGHTS

CANDIDATES = {
    "d40": {"d_model": 40, "d_ff": 160},
    "d64": {"d_model": 64, "d_ff": 256},
    "d96": {"d_model": 96, "d_ff": 384},
}

__all__ = ["CANDIDATES", "smallest_enough", "train_scan"]


def train_scan(out: Path | None = None, resume: bool = False) -> dict:
    """Train the translator in several sizes and log their quality (over an hour).

    The size of the committed translator is not trained again, only judged.
    """
    folder = Path(out or WEIGHTS)
    log = folder / "logs" / "translator_scan.json"
    found = json.loads(log.read_text())["sizes"] if resume and log.exists() else {}
    corpus, data = read_corpus()
    head = {"recipe": "translator-scan", "settings": vars(SETTINGS), "data": data}
    for name, change in CANDIDATES.items():
        if name not in found:
            found[name] = _measure(name, SIZES | change, corpus, data, folder, resume)
        chosen = smallest_enough(found)
        write_json(log, {**head, "chosen": chosen, "sizes": found})
    return found


def _measure(
    name: str, sizes: dict, corpus: Corpus, data: str, folder: Path, resume: bool
) -> dict:
    """Return what one size is worth, after training it where that is needed."""
    model, trained = committed(sizes, data), {"weights": "those of the course"}
    if model is None:
        trainer = new_trainer(corpus, SETTINGS, sizes)
        seconds = finish(trainer, folder / "runs" / f"{name}.state", resume, name)
        keep(trainer, corpus, data, folder / "runs" / name)
        model, loss = trainer.model, trainer.history[-1]["loss"]
        trained = {"cpu_seconds": round(seconds), "loss": loss}
    return {
        "sizes": sizes,
        "parameters": sum(p.numel() for p in model.parameters()),
        **trained,
        **judge_both(model, corpus, "validation", 1000),
    }


def committed(sizes: dict, data: str) -> Transformer | None:
    """Return the course's translator if it was trained alike, with these sizes."""
    if not (WEIGHTS / "translator.json").exists():
        return None
    model, _, record = load_checkpoint(WEIGHTS / "translator")
    same = (
        record["settings"] == vars(SETTINGS) and record["data"]["fingerprint"] == data
    )
    fits = all(record["config"][key] == value for key, value in sizes.items())
    return model if same and fits else None


def smallest_enough(
    found: dict[str, dict], margin: float = 1.0, exact: float = 0.97
) -> str | None:
    """Return the smallest size that translates well and gains little by doubling.

    In both languages at least the share `exact` of its sentences is exactly right, and
    it stays within `margin` BLEU of the candidate twice as large: the one whose
    parameters are nearest to double (by ratio, at least 1.5 times). None if there is
    no such size; one without a larger candidate is never chosen, for nothing shows
    that it suffices.
    """
    for name in sorted(found, key=lambda name: found[name]["parameters"]):
        ours = found[name]
        partner = _twice_as_large(found, ours)
        if partner and all(
            ours[lang]["exact"] >= exact
            and partner[lang]["bleu"] - ours[lang]["bleu"] <= margin
            for lang in LANGUAGES
        ):
            return name
    return None


def _twice_as_large(found: dict[str, dict], ours: dict) -> dict | None:
    larger = [size for size in found.values() if _ratio(size, ours) >= 1.5]
    return min(
        larger, key=lambda size: abs(math.log2(_ratio(size, ours) / 2)), default=None
    )


def _ratio(one: dict, other: dict) -> float:
    return one["parameters"] / other["parameters"]
