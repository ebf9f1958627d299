"""A small translator that inherits, beside the same one that starts from nothing."""

from collections.abc import Iterator

import torch

from benchmarks.claims import Claim
from course_utils.config import ModelConfig
from course_utils.data.phrasebook import phrasebook
from course_utils.recipes.common import judge
from course_utils.recipes.student import SIZES
from course_utils.smaller.distillation import inherit_embedding
from course_utils.training import Batches, Trainer, TrainingSettings
from course_utils.transformer import Transformer
from course_utils.translator import Translator, load_translator

__all__ = ["claims"]

SETTINGS = TrainingSettings(
    steps=500, batch_size=64, learning_rate=6e-3, warmup=60, smoothing=0.0
)


def claims() -> Iterator[Claim]:
    """Train both for the same steps on the same French pairs."""
    teacher = load_translator("fr")
    words, pairs = teacher.vocabulary, phrasebook("fr", 30_000, "train")
    held_out = phrasebook("fr", 300, "test")
    config = ModelConfig(vocab_size=len(words), **SIZES)
    sources = teacher.encode([pair.source for pair in pairs])
    targets = [[*words.encode(pair.target), words.end_id] for pair in pairs]
    batches = Batches(sources, targets, config, SETTINGS.batch_size)
    found = {"the translator": judge(teacher, held_out)["bleu"]}
    for name in ("inherits", "alone"):
        torch.manual_seed(0)
        student = Transformer(config)
        if name == "inherits":
            inherit_embedding(student, teacher.model)
        Trainer(student, batches, SETTINGS).run()
        found[name] = judge(Translator(student, words, "fr"), held_out)["bleu"]
    yield Claim(
        "translator of half the size that inherits its teacher's word vectors: BLEU "
        f"above the same model trained alone, both for {SETTINGS.steps} steps",
        1.0,
        found["inherits"] - found["alone"],
        "BLEU",
        note=", ".join(f"{name} {score:.2f}" for name, score in found.items()),
        beside=True,
    )
