"""The translator in one small file: trained on through the rounding of its weights.

It starts from the translator of `course train translator`. Levels that lie far apart
cost few bits, since most weights then share a few of them; training on makes up for
what that costs in quality.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from course_utils.recipes.common import finish
from course_utils.recipes.translator import judge_both, read_corpus
from course_utils.smaller.small_file import save_small
from course_utils.smaller.trained import (
    trained_levels,
    with_rounding,
    without_rounding,
)
from course_utils.training import Batches, Trainer, TrainingSettings, shift_right
from course_utils.translator import WEIGHTS, load_translator

SHARE = 0.82  # the step of a matrix, in standard deviations of its weights
SETTINGS = TrainingSettings(
    steps=1000,
    batch_size=64,
    learning_rate=6e-4,
    warmup=50,
    weight_decay=0.0,
    smoothing=0.0,
    seed=7,
)

__all__ = ["SETTINGS", "SHARE", "small_loss", "train_small_translator"]


def small_loss(teacher: nn.Module) -> Callable[..., Tensor]:
    """Return the loss of a rounded model that wants to write as `teacher` does.

    Its targets are all probabilities of the teacher, not the one right word: what
    the model knew before it was rounded. Every weight is rounded once a step, not at
    each use. Source: Hinton et al. 2015, arXiv 1503.02531, section 2.
    """

    def loss(model: nn.Module, batch: tuple[Tensor, ...], smoothing=0.0) -> Tensor:
        source, target = batch
        read, words = shift_right(target), target != 0
        with torch.no_grad():
            wanted = teacher(source, read)[words].softmax(dim=-1)
        with parametrize.cached():
            log_p = model(source, read)[words].log_softmax(dim=-1)
        return -(wanted * log_p).sum(dim=-1).mean()

    return loss


def train_small_translator(out: Path | None = None, resume: bool = False) -> dict:
    """Train the translator of one small file (about 3 minutes)."""
    folder = Path(out or WEIGHTS)
    corpus, data = read_corpus()
    teacher = load_translator("fr").model
    model = with_rounding(teacher, SHARE)
    batches = Batches(
        corpus.sources,
        corpus.targets,
        model.config,
        SETTINGS.batch_size,
        SETTINGS.seed,
    )
    trainer = Trainer(model, batches, SETTINGS, small_loss(teacher))
    finish(trainer, folder / "runs" / "small_translator.state", resume, "small")
    plain = without_rounding(trainer.model).eval()
    record = {
        "recipe": "translator-small",
        "settings": vars(SETTINGS),
        "data": {"name": "phrasebook, fr and zh", "fingerprint": data},
        "metrics": judge_both(plain, corpus, "test", 2000),
    }
    path = folder / "translator.small"
    levels = trained_levels(trainer.model)
    size = save_small(path, plain, levels, corpus.vocabulary, record)
    return record | {"bytes": size}
