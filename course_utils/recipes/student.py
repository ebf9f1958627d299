"""A translator of half the size that starts from what the large one knows of words.

Its word vectors are the course's translator's, seen from their best side; the layers
start from random numbers. The same model without that start is trained beside it. Soft
targets are left out: each source has one right translation, of which the teacher is
certain, so that its probabilities say no more than the text (lesson 33 measures it).
"""

from pathlib import Path

from course_utils.checkpoints import (
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
)
from course_utils.recipes.common import Corpus, finish, new_trainer
from course_utils.recipes.translator import LIMITS, PAIRS, judge_both, read_corpus
from course_utils.smaller.distillation import inherit_embedding
from course_utils.training import Trainer, TrainingSettings
from course_utils.translator import WEIGHTS

SIZES = {"d_model": 40, "n_heads": 4, "n_layers": 2, "d_ff": 160, "max_len": 40}
SETTINGS = TrainingSettings(
    steps=4500, batch_size=64, learning_rate=4e-3, warmup=200, smoothing=0.0
)

__all__ = ["SETTINGS", "SIZES", "new_student", "train_student"]


def new_student(corpus: Corpus, teacher, inherit: bool = True) -> Trainer:
    """Return a trainer for the student, with or without the teacher's word vectors."""
    trainer = new_trainer(corpus, SETTINGS, SIZES)
    if inherit:
        inherit_embedding(trainer.model, teacher)
    return trainer


def _check_words(theirs: list[str], ours: list[str]) -> None:
    """Refuse a teacher whose word vectors belong to other words."""
    for i, (their, our) in enumerate(zip(theirs, ours, strict=False)):
        if their != our:
            raise CheckpointError(
                f"word {i} is {their!r} for the teacher but {our!r} in the phrasebook; "
                f"train the teacher again: course train translator"
            )


def train_student(out: Path | None = None, resume: bool = False) -> dict:
    """Train the translator's student (about five minutes)."""
    folder = Path(out or WEIGHTS)
    teacher, vocabulary, _ = load_checkpoint(WEIGHTS / "translator")
    corpus, data = read_corpus()
    _check_words(vocabulary.words, corpus.vocabulary.words)
    trainer = new_student(corpus, teacher)
    seconds = finish(trainer, folder / "runs" / "student.state", resume, "student")
    record = {
        "recipe": "student",
        "settings": vars(SETTINGS),
        "data": {"name": "phrasebook, fr and zh", "pairs": PAIRS, "fingerprint": data},
        "teacher": "translator",
        "metrics": judge_both(trainer.model, corpus, "test", 2000),
        "validation": judge_both(trainer.model, corpus, "validation", 1000),
        "cpu_seconds": round(seconds),
        "limits": LIMITS,
    }
    return save_checkpoint(folder / "student", trainer.model, vocabulary, record)
