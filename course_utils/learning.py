"""A model that learns: probabilities, a loss, a tiny model, a loop (lesson 01)."""

from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

__all__ = ["LastWordModel", "cross_entropy", "fit", "next_word_batches", "softmax"]


def softmax(x: Float[Tensor, "*axes"], dim: int = -1) -> Float[Tensor, "*axes"]:
    """Turn scores into probabilities: none is negative, they sum to 1 along `dim`.

    Taking the largest score away first changes no probability, and keeps `exp` from
    overflowing. `softmax([0, ln 3])` → `[0.25, 0.75]`.
    """
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / powers.sum(dim=dim, keepdim=True)


def cross_entropy(
    logits: Float[Tensor, "*batch V"], targets: Int[Tensor, "*batch"]
) -> Float[Tensor, ""]:
    """Return the mean of −ln(probability given to the right word), in nats.

    As ln softmax(x)[i] = x[i] − ln Σ exp(x), no probability is ever formed, and none
    can round to zero. A uniform guess over V words costs ln V.
    """
    largest = logits.amax(dim=-1, keepdim=True)
    log_sum = largest[..., 0] + (logits - largest).exp().sum(dim=-1).log()
    right = logits.gather(-1, targets[..., None])[..., 0]
    return (log_sum - right).mean()


class LastWordModel(nn.Module):
    """Score every next word by looking at the last word alone.

    A vector for each word, then a linear map to V scores: V (2 C + 1) parameters.
    """

    def __init__(self, vocab_size: int, d_model: int):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, d_model)
        self.head = nn.Linear(d_model, vocab_size)

    def forward(self, ids: Int[Tensor, "*batch T"]) -> Float[Tensor, "*batch T V"]:
        x = self.embedding(ids)  # (..., T, C)
        return self.head(x)


def next_word_batches(
    ids: Int[Tensor, " T"], batch: int, length: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield, without end, `batch` random windows of a text as (inputs, targets).

    Both are `(batch, length)`; the target of each word is the word that follows it.

    Raises:
        ValueError: the text has no `length` + 1 words (at the first batch).
    """
    if len(ids) <= length:
        raise ValueError(
            f"a text of {len(ids)} words has no window of length={length} and a word "
            f"after it; use a longer text or length={len(ids) - 1} or less"
        )
    while True:
        starts = torch.randint(len(ids) - length, (batch, 1), generator=generator)
        windows = ids[starts + torch.arange(length + 1)]
        yield windows[:, :-1], windows[:, 1:]


def fit(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    steps: int,
    lr: float = 1e-2,
) -> list[float]:
    """Train `model` in place to predict targets from inputs; return every loss.

    Stops after `steps` batches, or when `batches` ends. Source of the step rule:
    Kingma and Ba 2014, "Adam", arXiv 1412.6980.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _, (inputs, targets) in zip(range(steps), batches, strict=False):
        loss = cross_entropy(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
