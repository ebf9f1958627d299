"""A reader of subjects that MiniLM has taught, beside what learns from labels alone."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.claims import Claim
from benchmarks.claims.encoder import counted_words, teacher_probe
from course_utils.data.docstrings import docstring_sentences
from course_utils.data.minilm import has_minilm
from course_utils.machine import file_bytes
from course_utils.metrics.bootstrap import paired_bootstrap
from course_utils.pretrained import MeanEncoder, load_minilm
from course_utils.recipes.subjects import PER_LABEL, SETTINGS, train_alone
from course_utils.smaller.subjects import load_subjects
from course_utils.translator import WEIGHTS

__all__ = ["claims"]

MOST_BYTES = 8_000_000  # of the weights and of the file that says what they are


def claims() -> Iterator[Claim]:
    """Train the student alone, for as many steps; judge all on the same sentences."""
    if not has_minilm():
        return
    few, test = docstring_sentences().halves()
    few, y = few.first(PER_LABEL), torch.tensor(test.labels)
    reader, teacher = load_subjects(), load_minilm()
    probe = teacher_probe(teacher, few)
    to_errors = contextlib.redirect_stdout(sys.stderr)  # where a progress bar belongs
    with tempfile.TemporaryDirectory() as folder, to_errors:
        alone = train_alone(few, reader.tokenizer, Path(folder))
    vectors = MeanEncoder(alone.bert, reader.tokenizer)(test.texts)
    hits = {
        "MiniLM": probe.hits(teacher(test.texts), y).float(),
        "taught": (reader.logits(test.texts).argmax(dim=-1) == y).float(),
        "alone": alone.probe().hits(vectors, y).float(),
        "tf-idf": counted_words(few, test),
    }
    _, low = _gap(hits, "MiniLM", "tf-idf")
    assert low > 0, f"the teacher does not beat counted words: {low:+.2f} points"
    sizes = [file_bytes(WEIGHTS / f"subjects.{end}") for end in ("safetensors", "json")]
    assert sum(sizes) <= MOST_BYTES, f"{sum(sizes)} bytes, {MOST_BYTES} are allowed"
    scores = ", ".join(f"{name} {100 * x.mean():.1f} %" for name, x in hits.items())
    what = (
        f"reader of subjects from random weights ({sum(sizes) / 1e6:.1f} MB), taught "
        f"by MiniLM with {PER_LABEL} labels a subject"
    )
    behind, low = _gap(hits, "taught", "MiniLM")
    yield Claim(
        f"{what}: accuracy against its teacher's {hits['MiniLM'].mean():.3f}",
        -2.0,
        behind,
        "points",
        note=f"95 % interval from {low:+.1f}; {scores}; {SETTINGS.steps} steps each",
    )
    rival = max(("alone", "tf-idf"), key=lambda name: hits[name].mean())
    ahead, low = _gap(hits, "taught", rival)
    yield Claim(
        f"the same above the better of the same student alone, for as many steps on "
        f"the labels, and tf-idf ({rival} {hits[rival].mean():.3f})",
        2.0,
        ahead,
        "points",
        note=f"95 % interval from {low:+.1f}",
    )


def _gap(hits: dict[str, Tensor], ours: str, theirs: str) -> tuple[float, float]:
    """Return how many points `ours` is ahead, and the interval's lower end."""
    a, b = hits[ours], hits[theirs]
    low, _ = paired_bootstrap(a, b, torch.mean, torch.Generator().manual_seed(0))
    return 100 * (a.mean() - b.mean()).item(), 100 * low
