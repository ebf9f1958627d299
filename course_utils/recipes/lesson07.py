"""The model of lesson 07: English to French, the core level, trained while you wait."""

from pathlib import Path

from course_utils.checkpoints import save_checkpoint
from course_utils.data.phrasebook import phrasebook
from course_utils.recipes.common import (
    Corpus,
    corpus_fingerprint,
    finish,
    judge,
    new_trainer,
)
from course_utils.training import TrainingSettings
from course_utils.translator import WEIGHTS, Translator

PAIRS = 12_000
SIZES = {"d_model": 128, "n_heads": 4, "n_layers": 2, "d_ff": 512, "max_len": 32}
SETTINGS = TrainingSettings(
    steps=800, batch_size=64, learning_rate=3e-3, warmup=100, smoothing=0.0
)

__all__ = ["PAIRS", "SETTINGS", "SIZES", "train_lesson07"]


def train_lesson07(out: Path | None = None, resume: bool = False) -> dict:
    """Train lesson 07's English-French model, as the lesson does (a minute)."""
    folder = Path(out or WEIGHTS / "runs")
    pairs = phrasebook("fr", PAIRS, level="core")
    corpus = Corpus.build({"": pairs})
    trainer = new_trainer(corpus, SETTINGS, SIZES)
    seconds = finish(trainer, folder / "runs" / "lesson07.state", resume, "lesson07")
    translator = Translator(trainer.model, corpus.vocabulary)
    test = phrasebook("fr", 1000, "test", level="core")
    record = {
        "recipe": "lesson07",
        "settings": vars(SETTINGS),
        "data": {"name": "phrasebook, core", "fingerprint": corpus_fingerprint(pairs)},
        "metrics": {"fr": judge(translator, test), "cpu_seconds": round(seconds, 1)},
    }
    return save_checkpoint(
        folder / "lesson07", trainer.model, corpus.vocabulary, record
    )
