"""What the recipes share: encoded pairs, a progress bar, a judgment."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from course_utils.checkpoints import write_atomically
from course_utils.config import ModelConfig
from course_utils.data.phrasebook import Pair
from course_utils.metrics import corpus_bleu
from course_utils.text import Vocabulary
from course_utils.training import Batches, Trainer, TrainingSettings
from course_utils.transformer import Transformer
from course_utils.translator import Translator
from course_utils.words import split_words

__all__ = [
    "Corpus",
    "corpus_fingerprint",
    "finish",
    "judge",
    "new_trainer",
    "progress_bar",
    "write_json",
]


@dataclass(frozen=True)
class Corpus:
    """Pairs as tokens; a tag in front of the source may ask for a language."""

    vocabulary: Vocabulary
    sources: list[list[int]]
    targets: list[list[int]]

    @classmethod
    def build(cls, pairs_by_tag: dict[str, Sequence[Pair]]) -> "Corpus":
        """Number the words of all pairs; each target ends with the end token.

        The tag "" stands for none.
        """
        everything = [pair for pairs in pairs_by_tag.values() for pair in pairs]
        texts = (text for pair in everything for text in pair[:2])
        words = Vocabulary.build(texts).words
        tags = [tag for tag in pairs_by_tag if tag]
        vocabulary = Vocabulary([*words[:3], *tags, *words[3:]])
        return cls.encoded(vocabulary, pairs_by_tag)

    @classmethod
    def encoded(
        cls, vocabulary: Vocabulary, pairs_by_tag: dict[str, Sequence[Pair]]
    ) -> "Corpus":
        """Number the words by a vocabulary that exists, as `build` does."""
        sources, targets = [], []
        for tag, pairs in pairs_by_tag.items():
            front = [vocabulary.ids[tag]] if tag else []
            sources += [front + vocabulary.encode(pair.source) for pair in pairs]
            targets += [
                [*vocabulary.encode(pair.target), vocabulary.end_id] for pair in pairs
            ]
        return cls(vocabulary, sources, targets)


def corpus_fingerprint(pairs: Iterable[Pair]) -> str:
    """Return a short hash of the texts of all pairs, in order."""
    total = hashlib.sha256()
    for pair in pairs:
        total.update(f"{pair.source}\t{pair.target}\n".encode())
    return total.hexdigest()[:16]


def new_trainer(
    corpus: Corpus,
    settings: TrainingSettings,
    sizes: dict,
    build: Callable = Transformer,
) -> Trainer:
    """Return a trainer for a model of these sizes, its weights drawn from the seed."""
    config = ModelConfig(vocab_size=len(corpus.vocabulary), **sizes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = build(config)
    batches = Batches(
        corpus.sources, corpus.targets, config, settings.batch_size, settings.seed
    )
    return Trainer(model, batches, settings)


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[Trainer], None]]:
    """Show a bar with the loss and the time left; yields what to call each step."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = ["{task.description}", BarColumn(), MofNCompleteColumn()]
    columns += [TimeElapsedColumn(), "left", TimeRemainingColumn()]
    with Progress(*columns, "loss {task.fields[loss]}") as bar:
        task = bar.add_task(title, total=total, loss="?")

        def show(trainer: Trainer) -> None:
            recent = [entry["loss"] for entry in trainer.history[-20:]]
            loss = f"{sum(recent) / len(recent):.3f}"
            bar.update(task, completed=trainer.step, loss=loss)

        yield show


def finish(trainer: Trainer, state: Path, resume: bool, title: str) -> float:
    """Train to the end, saving the run in `state`; return the CPU seconds of this part.

    With `resume`, go on from `state` if it exists. At the end `state` is removed.

    Raises:
        KeyboardInterrupt: the run was stopped; `state` holds all of it.
        CheckpointError: `state` comes from another run, or cannot be written.
    """
    if resume and state.exists():
        trainer.resume(state)
    before = time.process_time()
    with progress_bar(title, trainer.settings.steps) as show:
        trainer.run(on_step=show, save_to=state)
    if trainer.step < trainer.settings.steps:
        raise KeyboardInterrupt
    state.unlink()
    return time.process_time() - before


def judge(translator: Translator, pairs: Sequence[Pair]) -> dict:
    """Return exact match, in all and by phenomenon, and BLEU.

    BLEU counts words, in Chinese characters.
    """
    answers = translator.translate([pair.source for pair in pairs])
    targets = [pair.target for pair in pairs]
    right = [a == t for a, t in zip(answers, targets, strict=True)]
    hits: dict[str, list[bool]] = {}
    for pair, hit in zip(pairs, right, strict=True):
        for name in pair.phenomena:
            hits.setdefault(name, []).append(hit)
    shares = {name: round(sum(h) / len(h), 4) for name, h in sorted(hits.items())}
    return {
        "pairs": len(pairs),
        "exact": round(sum(right) / len(right), 4),
        "bleu": round(corpus_bleu(answers, targets, split_words), 2),
        "exact_by_phenomenon": shares,
    }


def write_json(path: Path, content: dict) -> None:
    """Write a readable JSON file, entirely or not at all."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    write_atomically(path, (text + "\n").encode())
