"""Inputs, a right loop and faulty ones, for the checks of lesson 01."""

from collections.abc import Iterable, Iterator
from itertools import islice

import torch
from torch import Tensor, nn

from course_utils.answers import Build
from course_utils.checks.drawing import draw

__all__ = [
    "batches",
    "holds_tensors",
    "loop",
    "loss_of",
    "model",
    "plain_batch",
    "plain_model",
    "steps",
]

V, C, B, T = 7, 5, 3, 4


def batches(seed: int, n: int) -> list[tuple[Tensor, Tensor]]:
    """Return n batches: windows of a text of V words, and the words after them."""
    generator = torch.Generator().manual_seed(seed)
    windows = torch.randint(V, (n, B, T + 1), generator=generator)
    return [(one[:, :-1].clone(), one[:, 1:].clone()) for one in windows]


def model(seed: int) -> Build:
    """Describe a LastWordModel with random weights."""
    shapes = {"embedding.weight": (V, C), "head.weight": (V, C), "head.bias": (V,)}
    state = dict(zip(shapes, draw(seed, *shapes.values()), strict=True))
    return Build("course_utils.learning.LastWordModel", (V, C), state=state)


def plain_model() -> Build:
    """Describe one for 4 words that guesses all with the same probability."""
    state = {
        "embedding.weight": torch.tensor([[1.0], [2.0], [-1.0], [0.5]]),
        "head.weight": torch.zeros(4, 1),
        "head.bias": torch.zeros(4),
    }
    return Build("course_utils.learning.LastWordModel", (4, 1), state=state)


def plain_batch() -> tuple[Tensor, Tensor]:
    """Return two windows for that model, with the words after them."""
    return (
        torch.tensor([[0, 1, 2], [3, 0, 1]]),
        torch.tensor([[1, 1, 2], [0, 1, 3]]),
    )


def steps(model: nn.Module, stream: Iterable, n: int, lr: float) -> Iterator[float]:
    """Train by Adam, written out from the paper; yield the loss of each step."""
    weights = list(model.parameters())
    means = [(torch.zeros_like(w), torch.zeros_like(w)) for w in weights]
    for step, (inputs, targets) in enumerate(islice(stream, n), start=1):
        loss = loss_of(model(inputs), targets)
        slopes = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for w, g, (first, second) in zip(weights, slopes, means, strict=True):
                first.lerp_(g, 0.1)
                second.lerp_(g * g, 0.001)
                size = (second / (1 - 0.999**step)).sqrt() + 1e-8
                w -= lr * first / (1 - 0.9**step) / size
        yield loss.item()


def loss_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy, by PyTorch's own function."""
    return nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten())


def loop(model, stream, n, lr=1e-2, *, loss=loss_of, rule=torch.optim.Adam, clear=True):
    """Train as in the lesson, with parts that can be exchanged; return the losses."""
    optimizer = rule(model.parameters(), lr=lr)
    losses = []
    for inputs, targets in islice(stream, n):
        one = loss(model(inputs), targets)
        if clear:
            optimizer.zero_grad()
        one.backward()
        optimizer.step()
        losses.append(one.item())
    return losses


def holds_tensors(value) -> bool:
    """Say whether a list, or a list inside it, holds a tensor."""
    if isinstance(value, list | tuple):
        return any(map(holds_tensors, value))
    return isinstance(value, Tensor)
