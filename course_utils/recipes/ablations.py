"""What happens when one part is taken away? The log behind lesson 07's figure.

Every ablation is a swap of a function, a class or a number; the core has no switches.
"""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from torch import Tensor, nn

from course_utils.attention import scaled_dot_product_attention
from course_utils.config import ModelConfig
from course_utils.data.phrasebook import phrasebook
from course_utils.decoder import DecoderLayer
from course_utils.encoder import EncoderLayer
from course_utils.recipes.common import (
    Corpus,
    corpus_fingerprint,
    judge,
    new_trainer,
    progress_bar,
    write_json,
)
from course_utils.training import Trainer, TrainingSettings
from course_utils.transformer import Transformer
from course_utils.translator import WEIGHTS, Translator

PAIRS, STEPS, EVERY = 8_000, 600, 100
SIZES = {"d_model": 64, "n_heads": 2, "n_layers": 2, "d_ff": 256, "max_len": 32}
SETTINGS = TrainingSettings(
    steps=STEPS, batch_size=64, learning_rate=5e-3, warmup=60, smoothing=0.0
)
SEEDS = (0, 1)

__all__ = [
    "ABLATIONS",
    "NoResidualDecoderLayer",
    "NoResidualEncoderLayer",
    "train_ablations",
    "unscaled_attention",
    "without_residual",
    "without_scaling",
]


def unscaled_attention(q: Tensor, k: Tensor, v: Tensor, mask=None) -> Tensor:
    """Attend with the plain dot products, not divided by √D."""
    return scaled_dot_product_attention(q * math.sqrt(q.shape[-1]), k, v, mask)


class NoResidualEncoderLayer(EncoderLayer):
    """An encoder layer that forgets its input: nothing is added to it."""

    def forward(self, x, mask=None):
        h = self.norm1(x)
        x = self.dropout(self.attention(h, h, mask))
        return self.dropout(self.feed_forward(self.norm2(x)))


class NoResidualDecoderLayer(DecoderLayer):
    """A decoder layer that forgets its input: nothing is added to it."""

    def forward(self, x, memory, mask=None, source_mask=None):
        h = self.norm1(x)
        x = self.dropout(self.self_attention(h, h, mask))
        x = self.dropout(self.cross_attention(self.norm2(x), memory, source_mask))
        return self.dropout(self.feed_forward(self.norm3(x)))


def without_scaling(config: ModelConfig) -> Transformer:
    """Build a Transformer whose scores are not divided by √D."""
    return Transformer(config, attention=unscaled_attention)


def without_residual(config: ModelConfig) -> Transformer:
    """Build a Transformer whose layers add nothing to their input."""
    model, layers = Transformer(config), range(config.n_layers)
    model.encoder.layers = nn.ModuleList(NoResidualEncoderLayer(config) for _ in layers)
    model.decoder.layers = nn.ModuleList(NoResidualDecoderLayer(config) for _ in layers)
    return model


ABLATIONS: dict[str, tuple[Callable, dict]] = {
    "baseline": (Transformer, {}),
    "no warm-up": (Transformer, {"warmup": 0}),
    "no scaling": (without_scaling, {}),
    "no residual": (without_residual, {}),
}


def train_ablations(out: Path | None = None, resume: bool = False) -> dict:
    """Train lesson 07's model without warm-up, scaling or residuals (ten minutes)."""
    log = Path(out or WEIGHTS) / "logs" / "ablations.json"
    runs = json.loads(log.read_text())["runs"] if resume and log.exists() else {}
    pairs = phrasebook("fr", PAIRS, level="core")
    corpus = Corpus.build({"": pairs})
    about = {
        "recipe": "ablations",
        "sizes": SIZES,
        "settings": vars(SETTINGS),
        "data": {"name": "phrasebook, core", "fingerprint": corpus_fingerprint(pairs)},
    }
    for name, (build, change) in ABLATIONS.items():
        for seed in SEEDS[len(runs.get(name, [])) :]:
            settings = replace(SETTINGS, seed=seed, **change)
            trainer = new_trainer(corpus, settings, SIZES, build)
            run = watch(trainer, corpus, f"{name}, seed {seed}")
            runs.setdefault(name, []).append(run)
            write_json(log, {**about, "runs": runs})
    return runs


def watch(trainer: Trainer, corpus: Corpus, title: str) -> dict:
    """Train to the end; return the log every 10 steps and exact match every 100."""
    test = phrasebook("fr", 200, "validation", level="core")
    exact = []
    with progress_bar(title, trainer.settings.steps) as show:
        for stop in range(EVERY, trainer.settings.steps + 1, EVERY):
            trainer.run(until=stop, on_step=show)
            if trainer.step < stop:
                raise KeyboardInterrupt
            share = judge(Translator(trainer.model, corpus.vocabulary), test)["exact"]
            exact.append({"step": stop, "exact": share})
    entries = enumerate(trainer.history, 1)
    log = [{"step": step, **entry} for step, entry in entries if step % 10 == 0]
    for entry in log:
        entry |= {name: float(f"{entry[name]:.4g}") for name in entry if name != "step"}
    return {"seed": trainer.settings.seed, "log": log, "exact": exact}
