"""What a training run needs to stop at any moment and go on as if nothing happened.

One file holds the weights, the optimizer's moments, the step and the history. Data
order and dropout are functions of (seed, step), so they need no further state.
"""

import hashlib
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from course_utils.checkpoints import (
    CheckpointError,
    read_tensors,
    versions,
    write_tensors,
)

__all__ = [
    "check_finite",
    "check_pairs",
    "fingerprint",
    "finish_step_first",
    "load_state",
    "own_randomness",
    "save_state",
]


def check_pairs(sources: list[list[int]], targets: list[list[int]], config) -> None:
    """Refuse pairs that the model of `config` could not read.

    Raises:
        ValueError: the lists differ in length or are empty; a sentence is empty or
            longer than `max_len`; a token is outside the vocabulary.
    """
    if len(sources) != len(targets) or not sources:
        raise ValueError(
            f"{len(sources)} sources and {len(targets)} targets; give one target for "
            f"each source, and at least one pair"
        )
    for name, texts in (("source", sources), ("target", targets)):
        for i, ids in enumerate(texts):
            if not ids:
                raise ValueError(f"the {name} of pair {i} is empty; leave the pair out")
            if len(ids) > config.max_len:
                raise ValueError(
                    f"the {name} of pair {i} has {len(ids)} tokens, but "
                    f"max_len={config.max_len}; leave the pair out or build the model "
                    f"with max_len={len(ids)} or more"
                )
            if max(ids) >= config.vocab_size:
                raise ValueError(
                    f"the {name} of pair {i} contains token {max(ids)}, but "
                    f"vocab_size={config.vocab_size}; encode the pairs with the "
                    f"vocabulary that the model was built for"
                )


def check_finite(step: int, loss: float, norm: float, rate: float) -> None:
    """Stop before a step that would ruin the weights.

    Raises:
        FloatingPointError: the loss or the gradient norm is infinite or no number.
    """
    if abs(loss) < float("inf") and norm < float("inf"):
        return
    raise FloatingPointError(
        f"at step {step} the loss is {loss:.4g} and the gradient norm {norm:.4g} "
        f"(learning rate {rate:.2g}); the weights are still those before this step. "
        f"Lower learning_rate (try {rate / 10:.2g}), lengthen warmup, or look for "
        f"targets that are only padding"
    )


def fingerprint(*tensors: Tensor) -> str:
    """Return a short hash that changes with any value or shape."""
    total = hashlib.sha256()
    for tensor in tensors:
        total.update(str((tuple(tensor.shape), tensor.dtype)).encode())
        total.update(tensor.contiguous().numpy().tobytes())
    return total.hexdigest()[:16]


@contextmanager
def own_randomness(seed: int, step: int) -> Iterator[None]:
    """Let dropout inside the block depend on (seed, step) alone.

    The caller's random numbers go on afterwards as if nothing had been drawn.
    """
    gpu = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=gpu):
        torch.manual_seed(seed * 1_000_003 + step)
        yield


@contextmanager
def finish_step_first() -> Iterator[Callable[[], bool]]:
    """Turn the first interrupt (Ctrl-C, the stop button) into a question to ask.

    Yields a function that says whether an interrupt came. A second one interrupts at
    once, as usual. Outside the main thread nothing changes.
    """
    pressed: list[bool] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.getsignal(signal.SIGINT)

    def note(*_) -> None:
        pressed.append(True)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def _identity(trainer) -> dict[str, dict]:
    """Return what must be the same for a run to go on exactly."""
    config = getattr(trainer.model, "config", None)
    return {
        "settings": asdict(trainer.settings),
        "model": asdict(config) if config is not None else {},
        "data": {"fingerprint": getattr(trainer.batches, "fingerprint", None)},
    }


def save_state(trainer, path: str | Path) -> None:
    """Write everything that the next training step depends on into one file.

    Raises:
        CheckpointError: the file cannot be written; an older one is unharmed.
    """
    tensors = {f"model.{k}": v for k, v in trainer.model.state_dict().items()}
    for i, state in trainer.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{i}.{k}": v for k, v in state.items()}
    record = {
        **_identity(trainer),
        "step": trainer.step,
        "history": trainer.history,
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }
    write_tensors(path, tensors, record)


def _refuse_foreign(path, saved: dict, here: dict) -> None:
    for part, advice in (
        ("model", "build the model with the file's sizes"),
        ("data", "use the same pairs, vocabulary and order"),
        ("settings", "use the same settings"),
    ):
        was, now = saved.get(part, {}), here[part]
        keys = [k for k in {**was, **now} if was.get(k) != now.get(k)]
        if keys:
            theirs = ", ".join(f"{k}={was.get(k)}" for k in keys)
            ours = ", ".join(f"{k}={now.get(k)}" for k in keys)
            raise CheckpointError(
                f"{path} cannot be resumed here: its {part} has {theirs}, but this "
                f"trainer has {ours}; {advice}, or start anew with another file"
            )


def load_state(trainer, path: str | Path) -> None:
    """Put the trainer where the file left off.

    Raises:
        CheckpointError: the file is missing or damaged, or it comes from another
            model, other data or other settings; the message names both values.
    """
    tensors, record = read_tensors(path)
    _refuse_foreign(path, record, _identity(trainer))
    parts: dict[str, dict] = {"model": {}, "optimizer": {}}
    for name, tensor in tensors.items():
        part, key = name.split(".", 1)
        parts[part][key] = tensor
    trainer.model.load_state_dict(parts["model"], strict=True)
    optimizer = trainer.optimizer.state_dict()
    optimizer["state"] = {}
    for name, tensor in parts["optimizer"].items():
        i, key = name.split(".", 1)
        optimizer["state"].setdefault(int(i), {})[key] = tensor
    trainer.optimizer.load_state_dict(optimizer)
    trainer.step, trainer.history = record["step"], record["history"]
