"""Pruned models: as fast as their operations predict, and better than small ones."""

from collections.abc import Iterator
from statistics import mean

import torch

from benchmarks.claims import Claim
from benchmarks.claims.quantization import bleu
from course_utils.config import ModelConfig
from course_utils.costs import weight_bytes
from course_utils.data.phrasebook import phrasebook
from course_utils.encoder import Encoder
from course_utils.measure import compare
from course_utils.recipes.common import Corpus
from course_utils.recipes.translator import LANGUAGES
from course_utils.smaller.pruning import (
    kept_parts,
    magnitude_scores,
    mask_out,
    prune,
    pruned_flops,
)
from course_utils.training import Batches, Trainer, TrainingSettings
from course_utils.transformer import Transformer
from course_utils.translator import Translator, language_tag, load_translator

__all__ = ["claims"]

CONFIG = ModelConfig(2, d_model=768, n_heads=12, n_layers=2, d_ff=3072)
BATCHES = ((4, 64), (8, 64))
STEPS = 300
SHARES = {"heads": 0.5, "units": 0.5}


def claims() -> Iterator[Claim]:
    """Measured against predicted speed, and a pruned translator against a small one."""
    yield from map(speed, (0.5, 0.25))
    yield _compressed()


def speed(share: float) -> Claim:
    """Compare how much faster a pruned encoder is with what its FLOPs predict."""
    torch.manual_seed(0)
    model = Encoder(CONFIG).eval()
    kept = kept_parts(magnitude_scores(model), heads=share, units=share)
    small, masked = prune(model, kept), mask_out(model, kept)
    found = [_faster(masked, small, B, T) for B, T in BATCHES]
    measured, predicted = max(found, key=lambda pair: abs(pair[0] / pair[1] - 1))
    return Claim(
        f"structured pruning of heads and hidden units to {share:.0%} of the "
        "weights: measured speed as a share of what the FLOPs predict",
        0.9,
        1 - abs(measured / predicted - 1),
        note=f"{CONFIG.n_layers} layers of width {CONFIG.d_model}, against the "
        f"same model with zeros in place of what was removed, results equal; "
        + "; ".join(
            f"{m:.2f} times faster, predicted {p:.2f} (B {B}, T {T})"
            for (m, p), (B, T) in zip(found, BATCHES, strict=True)
        ),
    )


@torch.no_grad()
def _faster(masked: Encoder, small: Encoder, B: int, T: int) -> tuple[float, float]:
    """Return how many times faster the small model is: measured, and predicted."""
    x = torch.randn(B, T, CONFIG.d_model, generator=torch.Generator().manual_seed(0))
    result = compare({"masked": lambda: masked(x), "pruned": lambda: small(x)})
    return result.ratio("pruned"), pruned_flops(masked, T) / pruned_flops(small, T)


def _compressed() -> Claim:
    """Compare a pruned, repaired translator with the same shape trained from nothing.

    The rival has three times as many steps, and both stand beside the original.
    """
    original = load_translator("fr")
    model, vocabulary = original.model, original.vocabulary
    held_out = {one: phrasebook(one, 300, "test") for one in LANGUAGES}
    kept = kept_parts(magnitude_scores(model), **SHARES)
    torch.manual_seed(0)
    rivals = {"pruned": prune(model, kept)}
    rivals["alone"] = prune(Transformer(model.config), kept)
    batches = _training_pairs(original)
    found = {"original": mean(bleu(model, vocabulary, held_out).values())}
    for name, rival in rivals.items():
        steps = STEPS if name == "pruned" else 3 * STEPS
        rate = 1e-3 if name == "pruned" else 4e-3
        settings = TrainingSettings(
            steps, 64, learning_rate=rate, warmup=steps // 10, smoothing=0.0
        )
        Trainer(rival, batches, settings).run()
        found[name] = mean(bleu(rival, vocabulary, held_out).values())
    size = weight_bytes(rivals["pruned"])
    return Claim(
        f"translator after pruning and {STEPS} steps of repair: BLEU above a model of "
        f"the same bytes trained alone for {3 * STEPS} steps",
        0.5,
        found["pruned"] - found["alone"],
        "BLEU",
        note=f"{size / 1e6:.2f} MB of {weight_bytes(model) / 1e6:.2f}; "
        "BLEU, mean of French and Chinese: "
        + ", ".join(f"{name} {score:.2f}" for name, score in found.items()),
    )


def _training_pairs(original: Translator) -> Batches:
    pairs = {language_tag(one): phrasebook(one, 20_000, "train") for one in LANGUAGES}
    corpus = Corpus.encoded(original.vocabulary, pairs)
    return Batches(corpus.sources, corpus.targets, original.model.config, 64)
