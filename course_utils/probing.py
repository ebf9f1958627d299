"""A linear probe: a classifier on vectors that another model has made (lesson 15)."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["Probe", "best_probe", "fit_probe", "held_out_hits"]

PENALTIES = (0.01, 0.03, 0.1, 0.3)


class Probe(NamedTuple):
    """One row of weights for each label; the largest product wins."""

    weight: Float[Tensor, "K C"]
    bias: Float[Tensor, " K"]

    def logits(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N K"]:
        """Score every label for every vector."""
        return F.linear(x, self.weight, self.bias)

    def hits(
        self, x: Float[Tensor, "N C"], labels: Int[Tensor, " N"]
    ) -> Bool[Tensor, " N"]:
        """Say which vectors get their own label."""
        return self.logits(x).argmax(dim=-1) == labels


def fit_probe(
    x: Float[Tensor, "N C"], labels: Int[Tensor, " N"], penalty: float = 0.1
) -> Probe:
    """Fit a logistic regression on vectors whose channels are standardized first.

    Minimizes the mean cross-entropy + penalty / 2 · Σ weight². The means and sizes of
    the channels are folded into the weights, so the probe takes plain vectors.

    Raises:
        ValueError: there is only one label, or not a label for each vector.
    """
    if len(x) != len(labels) or labels.unique().numel() < 2:
        raise ValueError(
            f"{len(x)} vectors with {len(labels)} labels of {labels.unique().numel()} "
            "kinds; give one label a vector, and at least two kinds"
        )
    mean, size = x.mean(dim=0), x.std(dim=0) + 1e-6
    z, K = (x - mean) / size, int(labels.max()) + 1
    weight, bias = x.new_zeros(K, x.shape[1]), x.new_zeros(K)
    weight.requires_grad_(), bias.requires_grad_()
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=200, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(F.linear(z, weight, bias), labels)
        value = value + penalty / 2 * weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    weight, bias = weight.detach() / size, bias.detach()
    return Probe(weight, bias - weight @ mean)


def held_out_hits(
    x: Float[Tensor, "N C"], labels: Int[Tensor, " N"], penalty: float, folds: int = 4
) -> Bool[Tensor, " N"]:
    """Say for each vector whether a probe fitted on the other folds gets it right."""
    fold = torch.arange(len(x)) % folds
    hits = torch.zeros(len(x), dtype=torch.bool)
    for i in range(folds):
        probe = fit_probe(x[fold != i], labels[fold != i], penalty)
        hits[fold == i] = probe.hits(x[fold == i], labels[fold == i])
    return hits


def best_probe(
    x: Float[Tensor, "N C"],
    labels: Int[Tensor, " N"],
    penalties: Sequence[float] = PENALTIES,
) -> Probe:
    """Fit a probe with the penalty that does best on held-out folds."""
    shares = [held_out_hits(x, labels, p).float().mean() for p in penalties]
    return fit_probe(x, labels, penalties[int(torch.stack(shares).argmax())])
