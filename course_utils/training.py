"""Training: from the 12-line loop of lesson 01 to one that lasts (lesson 07).

Each piece answers one failure. What happens at step s depends on the weights, the
optimizer, the seed and s alone, so a run can stop anywhere and go on unchanged.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_utils.text import pad_batch
from course_utils.training_state import (
    check_finite,
    check_pairs,
    fingerprint,
    finish_step_first,
    load_state,
    own_randomness,
    save_state,
)

__all__ = [
    "Batches",
    "Trainer",
    "TrainingSettings",
    "add_gradients",
    "initial_loss",
    "label_smoothing_loss",
    "overfit_one_batch",
    "shift_right",
    "translation_loss",
    "trim",
    "warmup_cosine",
]


def shift_right(
    target_ids: Int[Tensor, "B T"], start_id: int = 1
) -> Int[Tensor, "B T"]:
    """Return what the decoder reads while it learns to write `target_ids`.

    A start token is put in front and the last token dropped, so that position t
    sees the right words before t and must predict word t (teacher forcing).
    `[[5, 6, 2]]` → `[[1, 5, 6]]`.
    """
    start = torch.full_like(target_ids[:, :1], start_id)
    return torch.cat([start, target_ids[:, :-1]], dim=1)


def label_smoothing_loss(
    logits: Float[Tensor, "*batch V"],
    targets: Int[Tensor, "*batch"],
    smoothing: float = 0.1,
    pad_id: int = 0,
) -> Float[Tensor, ""]:
    """Return the mean cross-entropy, in nats, over the targets that are no padding.

    The model is asked for probability 1 - smoothing on the right token and the rest
    spread evenly over all V tokens, so it gains nothing by growing ever more certain.

    Source: Szegedy et al. 2016, arXiv 1512.00567, section 7; Vaswani et al. 2017,
    arXiv 1706.03762, section 5.4.
    """
    log_p = logits.log_softmax(dim=-1)
    surprise = -log_p.gather(-1, targets[..., None]).squeeze(-1)
    evenly = -log_p.mean(dim=-1)
    losses = (1 - smoothing) * surprise + smoothing * evenly
    return losses[targets != pad_id].mean()


def translation_loss(
    model: nn.Module,
    batch: tuple[Int[Tensor, "B S"], Int[Tensor, "B T"]],
    smoothing: float = 0.0,
) -> Float[Tensor, ""]:
    """Return how badly the model predicts each target token from those before it."""
    source, target = batch
    return label_smoothing_loss(model(source, shift_right(target)), target, smoothing)


def warmup_cosine(step: int, warmup: int, total: int) -> float:
    """Return the share of the learning rate at `step`: a line up, then a curve down.

    Steps count from 0. The rate climbs for `warmup` steps to 1, then follows half a
    cosine towards 0 at `total`.

    Source: warm-up: Vaswani et al. 2017, arXiv 1706.03762, section 5.3; cosine:
    Loshchilov & Hutter 2017, arXiv 1608.03983, equation 5.
    """
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(total - warmup, 1)
    return 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))


POOL = 6  # batches that are sorted by length together


@dataclass(frozen=True)
class TrainingSettings:
    """Hold the numbers that decide a training run.

    Raises:
        ValueError: a number is impossible; the message names it.
    """

    steps: int = 1000
    batch_size: int = 128
    accumulate: int = 1
    learning_rate: float = 3e-3
    warmup: int = 100
    weight_decay: float = 0.01
    clip: float = 1.0
    smoothing: float = 0.1
    seed: int = 0

    def __post_init__(self):
        for name in ("steps", "batch_size", "accumulate", "learning_rate", "clip"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}={getattr(self, name)} must be above 0")
        if not 0 <= self.warmup < self.steps:
            raise ValueError(
                f"warmup={self.warmup} must be at least 0 and below steps={self.steps}"
            )
        if not 0 <= self.smoothing < 1:
            raise ValueError(f"smoothing={self.smoothing} must lie in [0, 1)")
        if self.batch_size % self.accumulate:
            raise ValueError(
                f"batch_size={self.batch_size} is not divisible by "
                f"accumulate={self.accumulate}; choose a multiple"
            )


class Batches:
    """Serve batch number `step` of an endless, shuffled reading of the pairs.

    `batches[step]` is a padded source `(B, S)` and target `(B, T)`. Every pair comes
    once in `len(batches)` steps, give or take an incomplete batch, in a new order
    each time. Within a random pool of a few batches, pairs of similar length share
    one: little padding is computed, and batches still differ from reading to reading.

    Raises:
        ValueError: a pair does not fit the model, or there are too few pairs.
    """

    def __init__(self, sources, targets, config, batch_size: int, seed: int = 0):
        check_pairs(sources, targets, config)
        if len(sources) < batch_size:
            raise ValueError(
                f"batch_size={batch_size} but there are only {len(sources)} pairs; "
                f"choose a smaller batch"
            )
        self.sources, self.targets = pad_batch(sources), pad_batch(targets)
        self.lengths = (self.targets != 0).sum(1) * 1000 + (self.sources != 0).sum(1)
        self.batch_size, self.seed = batch_size, seed
        self.fingerprint = fingerprint(self.sources, self.targets)
        self._reading, self._order = -1, torch.empty(0)

    def __len__(self) -> int:
        return len(self.sources) // self.batch_size

    def order(self, reading: int) -> Int[Tensor, "N B"]:
        """Return which pairs make up each batch of one reading of the data."""
        dice = torch.Generator().manual_seed(self.seed * 1_000_003 + reading)
        rows = torch.randperm(len(self.sources), generator=dice)
        pools = rows[: len(self) * self.batch_size].split(POOL * self.batch_size)
        pools = [pool[self.lengths[pool].argsort(stable=True)] for pool in pools]
        batches = torch.cat(pools).view(len(self), self.batch_size)
        return batches[torch.randperm(len(self), generator=dice)]

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        reading, place = divmod(step, len(self))
        if reading != self._reading:
            self._reading, self._order = reading, self.order(reading)
        rows = self._order[place]
        return trim(self.sources[rows]), trim(self.targets[rows])


def trim(ids: Int[Tensor, "B T"], pad_id: int = 0) -> Int[Tensor, "B T2"]:
    """Cut the columns at the end that are padding in every row."""
    return ids[:, : int((ids != pad_id).sum(dim=1).max())]


def add_gradients(
    model: nn.Module, batch, settings: TrainingSettings, loss: Callable
) -> float:
    """Add up the gradients of a batch, part by part; return the batch's loss.

    Only one of `settings.accumulate` parts is in memory at a time. A part counts by
    its words, so that all parts together equal the whole batch.
    """
    device = next(model.parameters()).device
    chunks = [ids.to(device).chunk(settings.accumulate) for ids in batch]
    words = [int((targets != 0).sum()) for targets in chunks[-1]]
    total = 0.0
    for part, count in zip(zip(*chunks, strict=True), words, strict=True):
        share = count / max(sum(words), 1)
        part_loss = loss(model, part, settings.smoothing) * share
        part_loss.backward()
        total += part_loss.item()
    return total


class Trainer:
    """Train with AdamW; stop at any moment and resume exactly.

    `batches[step]` is a tuple of tensors whose last one holds the targets; a list
    will do. `step` counts the steps done, `history` has one entry for each.

    Source: AdamW: Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2; clipping:
    Pascanu et al. 2013, arXiv 1211.5063, algorithm 1.
    """

    def __init__(self, model, batches, settings, loss=translation_loss):
        self.model, self.batches = model, batches
        self.settings, self.loss = settings, loss
        decay = settings.weight_decay
        self.optimizer = torch.optim.AdamW(
            model.parameters(), betas=(0.9, 0.98), weight_decay=decay, fused=True
        )
        self.step, self.history = 0, []

    def train_step(self) -> None:
        """Take one step, unless its loss or gradients are not finite."""
        s, parameters = self.settings, list(self.model.parameters())
        rate = s.learning_rate * warmup_cosine(self.step, s.warmup, s.steps)
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.zero_grad()
        self.model.train()
        with own_randomness(s.seed, self.step):
            loss = add_gradients(self.model, self.batches[self.step], s, self.loss)
        norm = nn.utils.clip_grad_norm_(parameters, s.clip).item()
        check_finite(self.step, loss, norm, rate)
        self.optimizer.step()
        self.history.append({"loss": loss, "learning_rate": rate, "norm": norm})
        self.step += 1

    def run(self, until=None, on_step=None, save_to=None, save_every=200) -> list[dict]:
        """Train until step `until`; an interrupt ends the run after a whole step."""
        until = self.settings.steps if until is None else until
        with finish_step_first() as interrupted:
            while self.step < until and not interrupted():
                self.train_step()
                if save_to and self.step % save_every == 0:
                    self.save(save_to)
                if on_step:
                    on_step(self)
        if save_to:
            self.save(save_to)
        return self.history

    def save(self, path) -> None:
        save_state(self, path)

    def resume(self, path) -> None:
        load_state(self, path)


def initial_loss(model: nn.Module, batch) -> float:
    """Return the loss of an untrained model; compare it with ln V, a uniform guess."""
    with torch.no_grad():
        return translation_loss(model, batch).item()


def overfit_one_batch(
    model: nn.Module, batch, steps: int = 100, learning_rate: float = 3e-3
) -> list[float]:
    """Return the losses of a copy of `model` that sees this one batch repeatedly.

    A sound model learns it by heart (loss near 0); one that cannot has a mistake.
    """
    settings = TrainingSettings(
        steps, learning_rate=learning_rate, warmup=steps // 10, smoothing=0.0
    )
    trainer = Trainer(copy.deepcopy(model), [batch] * steps, settings)
    return [entry["loss"] for entry in trainer.run()]
