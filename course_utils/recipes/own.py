"""Train a translator with the pieces of `own_answers`: their loop, shift and loss.

    run = OwnRun(own, model, batches)
    losses = run(steps=300, on_step=LiveBar(300))

The loop is lesson 01's `fit`; it knows one loss, and `LossAsScores` shows it another.
"""

from collections.abc import Callable, Iterator
from itertools import count

import torch
from torch import Tensor, nn

__all__ = ["LossAsScores", "OwnRun"]

# Shares of the steps and their learning rates: lesson 01's loop knows one rate, so
# three runs of it make the stairs that go down.
STAIRS = ((0.6, 8e-3), (0.25, 2.4e-3), (0.15, 8e-4))


class LossAsScores(nn.Module):
    """Show any loss to a loop that knows the cross-entropy alone.

    For a loss L the scores are 0 and ln(e^L − 1). The cross-entropy of the first is
    ln(1 + e^L − 1) = L, and its gradient that of L.
    """

    def __init__(self, model: nn.Module, loss: Callable[[int], Tensor]):
        super().__init__()
        self.model, self.loss = model, loss

    def forward(self, step: Tensor) -> Tensor:
        """Return the scores `(1, 1, 2)` for the batch with this number `(1, 1)`."""
        loss = self.loss(int(step)).clamp(min=1e-6)
        other = loss + (-torch.expm1(-loss)).log()
        return torch.stack([torch.zeros_like(other), other]).view(1, 1, 2)


class OwnRun:
    """Train `model` in place; `step` and `history` are as in a `Trainer`.

    `batches[step]` is a pair of padded sources and targets.
    """

    def __init__(self, own, model: nn.Module, batches, smoothing: float = 0.0):
        self.own, self.model, self.batches = own, model, batches
        self.smoothing, self.step, self.history = smoothing, 0, []
        self.on_step: Callable | None = None

    def __call__(self, steps: int, on_step=None, stairs=STAIRS) -> list[float]:
        """Take so many steps, down the stairs; return the loss of each."""
        first, self.on_step = self.step, on_step
        shown = LossAsScores(self.model, self._note)
        self.model.train()
        share = 0.0
        for part, rate in stairs:
            share += part
            until = first + round(share * steps)
            self.own.fit(shown, self._stream(), until - self.step, lr=rate)
        return [entry["loss"] for entry in self.history[first:]]

    def loss(self, step: int) -> Tensor:
        """Return how badly the model predicts batch number `step`."""
        source, target = self.batches[step]
        logits = self.model(source, self.own.shift_right(target))
        return self.own.label_smoothing_loss(logits, target, self.smoothing)

    def _note(self, step: int) -> Tensor:
        loss = self.loss(step)
        if step == self.step:
            self.step += 1
            self.history.append({"loss": loss.item()})
            if self.on_step:
                self.on_step(self)
        return loss

    def _stream(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the numbers of the batches to come, and which score is the loss."""
        for step in count(self.step):
            yield torch.tensor([[step]]), torch.tensor([[0]])
