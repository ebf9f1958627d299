"""The model of lesson 07: English to French, the core level, trained while you wait."""

from pathlib import Path

from course_utils.checkpoints import save_checkpoint
from course_utils.data.phrasebook import Pair, phrasebook
from course_utils.recipes.common import (
    Corpus,
    corpus_fingerprint,
    finish,
    judge,
    new_trainer,
)
from course_utils.training import TrainingSettings
from course_utils.translator import WEIGHTS, Translator
from course_utils.words import split_words

PAIRS, LONGEST = 30_000, 8
SIZES = {"d_model": 96, "n_heads": 4, "n_layers": 2, "d_ff": 384, "max_len": 32}
SETTINGS = TrainingSettings(
    steps=700, batch_size=64, learning_rate=5e-3, warmup=80, smoothing=0.0
)

__all__ = ["SETTINGS", "SIZES", "short_pairs", "train_lesson07"]


def short_pairs(split: str = "train", n: int = PAIRS) -> list[Pair]:
    """Return the core level's pairs of at most 8 English words, of `n` drawn."""
    drawn = phrasebook("fr", n, split, level="core")
    return [pair for pair in drawn if len(split_words(pair.source)) <= LONGEST]


def train_lesson07(out: Path | None = None, resume: bool = False) -> dict:
    """Train lesson 07's English-French model, as the lesson does (a minute)."""
    folder = Path(out or WEIGHTS / "runs")
    pairs = short_pairs()
    corpus = Corpus.build({"": pairs})
    trainer = new_trainer(corpus, SETTINGS, SIZES)
    seconds = finish(trainer, folder / "runs" / "lesson07.state", resume, "lesson07")
    translator = Translator(trainer.model, corpus.vocabulary)
    test = short_pairs("test", 1300)
    record = {
        "recipe": "lesson07",
        "settings": vars(SETTINGS),
        "data": {
            "name": "phrasebook, core, 8 words or fewer",
            "fingerprint": corpus_fingerprint(pairs),
        },
        "metrics": {"fr": judge(translator, test), "cpu_seconds": round(seconds, 1)},
    }
    return save_checkpoint(
        folder / "lesson07", trainer.model, corpus.vocabulary, record
    )
