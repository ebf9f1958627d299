"""The translator in one small file: trained on through the rounding of its weights.

It starts from the translator of `course train translator`. Levels that lie far apart
cost few bits, since most weights then share a few of them; training on makes up for
what that costs in quality.
"""

from pathlib import Path

from torch import Tensor, nn
from torch.nn.utils import parametrize

from course_utils.recipes.common import finish
from course_utils.recipes.translator import judge_both, read_corpus
from course_utils.smaller.small_file import save_small
from course_utils.smaller.trained import (
    trained_levels,
    with_rounding,
    without,
)
from course_utils.training import Batches, Trainer, TrainingSettings, translation_loss
from course_utils.translator import WEIGHTS, load_translator

SHARE = 1.3  # the step of a matrix, in standard deviations of its weights
SETTINGS = TrainingSettings(
    steps=2500,
    batch_size=64,
    learning_rate=2e-3,
    warmup=100,
    weight_decay=0.0,
    smoothing=0.0,
    seed=7,
)

__all__ = ["SETTINGS", "SHARE", "small_loss", "train_small_translator"]


def small_loss(
    model: nn.Module, batch: tuple[Tensor, ...], smoothing: float = 0.0
) -> Tensor:
    """Return the translation loss; every weight is rounded once, not at each use."""
    with parametrize.cached():
        return translation_loss(model, batch, smoothing)


def train_small_translator(out: Path | None = None, resume: bool = False) -> dict:
    """Train the translator of one small file (about 6 minutes)."""
    folder = Path(out or WEIGHTS)
    corpus, data = read_corpus()
    model = with_rounding(load_translator("fr").model, SHARE)
    batches = Batches(
        corpus.sources,
        corpus.targets,
        model.config,
        SETTINGS.batch_size,
        SETTINGS.seed,
    )
    trainer = Trainer(model, batches, SETTINGS, small_loss)
    finish(trainer, folder / "runs" / "small_translator.state", resume, "small")
    plain = without(trainer.model).eval()
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
