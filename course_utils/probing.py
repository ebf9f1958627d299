"""A linear probe: a classifier on vectors that another model has made (lesson 15)."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = [
    "Probe",
    "TextClassifier",
    "TfIdf",
    "best_probe",
    "fit_probe",
    "held_out_hits",
]

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


@dataclass
class TextClassifier:
    """Text in, label out: a tokenizer, an encoder of its ids, a probe."""

    tokenizer: Callable[[Sequence[str]], list[list[int]]]
    encoder: Callable[[list[list[int]]], Float[Tensor, "N C"]]
    probe: Probe
    names: list[str]

    def logits(self, texts: Sequence[str]) -> Float[Tensor, "N K"]:
        """Score every label for every text."""
        return self.probe.logits(self.encoder(self.tokenizer(texts)))

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """Name the label of every text."""
        return [self.names[i] for i in self.logits(texts).argmax(dim=-1).tolist()]


class TfIdf:
    """Count words and neighboring pairs, the rare ones for more; no meaning.

    A term found n times in a text counts (1 + ln n) · (1 + ln((1 + N) / (1 + d))),
    where d of the N training texts have it; each text is scaled to length 1.

    Source: Salton and Buckley 1988, "Term-weighting approaches", section 2; the
    smoothed form is scikit-learn's.
    """

    def __init__(self, texts: Sequence[str]):
        self.terms: dict[str, int] = {}
        found = [set(_terms(text)) for text in texts]
        for term in sorted(set().union(*found)):
            self.terms[term] = len(self.terms)
        count = torch.zeros(len(self.terms))
        for terms in found:
            count[[self.terms[term] for term in terms]] += 1
        self.rarity = 1 + ((1 + len(texts)) / (1 + count)).log()

    def __call__(self, texts: Sequence[str]) -> Float[Tensor, "N W"]:
        table = torch.zeros(len(texts), len(self.terms))
        for row, text in zip(table, texts, strict=True):
            for term, n in Counter(_terms(text)).items():
                if term in self.terms:
                    row[self.terms[term]] = 1 + math.log(n)
        return F.normalize(table * self.rarity, dim=-1)


def _terms(text: str) -> list[str]:
    words = re.findall(r"\w\w+", text.lower())
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def fit_probe(
    x: Float[Tensor, "N C"],
    labels: Int[Tensor, " N"],
    penalty: float = 0.1,
    standardize: bool = True,
) -> Probe:
    """Fit a logistic regression on vectors, by default of standardized channels.

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
    if not standardize:
        mean, size = torch.zeros_like(mean), torch.ones_like(size)
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
    x: Float[Tensor, "N C"],
    labels: Int[Tensor, " N"],
    folds: Int[Tensor, " N"],
    penalty: float = 0.1,
) -> Bool[Tensor, " N"]:
    """Say for each vector whether a probe fitted on the other folds gets it right.

    Texts of one document belong in one fold (`LabeledTexts.folds`): neighbors are
    alike, and a probe that has seen one half knows too much of the other.
    """
    hits = torch.zeros(len(x), dtype=torch.bool)
    for fold in folds.unique():
        out = folds == fold
        hits[out] = fit_probe(x[~out], labels[~out], penalty).hits(x[out], labels[out])
    return hits


def best_probe(
    x: Float[Tensor, "N C"],
    labels: Int[Tensor, " N"],
    folds: Int[Tensor, " N"],
    penalties: Sequence[float] = PENALTIES,
) -> Probe:
    """Fit a probe with the penalty that does best on held-out folds."""
    shares = [held_out_hits(x, labels, folds, p).float().mean() for p in penalties]
    return fit_probe(x, labels, penalties[int(torch.stack(shares).argmax())])
