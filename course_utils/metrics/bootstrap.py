"""Say how sure a score is: draw the test set again, and look at the spread."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

__all__ = ["bootstrap_interval", "bootstrap_scores", "paired_bootstrap"]


def bootstrap_scores(
    items: Shaped[Tensor, " B *item"],
    statistic: Callable[[Tensor], float | Tensor],
    generator: torch.Generator,
    resamples: int = 1000,
) -> Float[Tensor, " _"]:
    """Recompute a statistic on many test sets drawn from this one with replacement.

    `items` holds one row a sentence (a score, or the counts of `bleu_counts`);
    `statistic` maps such rows to one number, like `torch.mean` or
    `bleu_from_counts`. Raises ValueError for no items or no resamples. Source:
    Efron (1979); for BLEU, Koehn (2004), bootstrap resampling.
    """
    if len(items) == 0 or resamples < 1:
        raise ValueError(
            f"{len(items)} items and resamples={resamples}; both must be at least 1"
        )
    scores = []
    for _ in range(resamples):
        drawn = torch.randint(
            len(items), (len(items),), generator=generator, device=generator.device
        )
        scores.append(float(statistic(items[drawn.to(items.device)])))
    return torch.tensor(scores, dtype=torch.float64)


def bootstrap_interval(
    items: Shaped[Tensor, " B *item"],
    statistic: Callable[[Tensor], float | Tensor],
    generator: torch.Generator,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Return the interval that holds the middle `confidence` of resampled scores.

    Arguments as in `bootstrap_scores`. Raises ValueError for a confidence outside
    (0, 1). Source: Efron and Tibshirani (1993), section 13.3 (percentile method).
    """
    if not 0 < confidence < 1:
        raise ValueError(
            f"confidence={confidence} is not between 0 and 1; choose for example 0.95"
        )
    scores = bootstrap_scores(items, statistic, generator, resamples)
    tail = (1 - confidence) / 2
    low, high = scores.quantile(scores.new_tensor([tail, 1 - tail])).tolist()
    return low, high


def paired_bootstrap(
    items_a: Shaped[Tensor, " B *item"],
    items_b: Shaped[Tensor, " B *item"],
    statistic: Callable[[Tensor], float | Tensor],
    generator: torch.Generator,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Return the interval of A's score minus B's, over the same draws of both.

    Row i of both must belong to the same sentence. An interval without 0 says that
    the better system would win on another such test set too. Raises ValueError for
    different shapes. Source: Koehn (2004), paired bootstrap resampling.
    """
    if items_a.shape != items_b.shape:
        raise ValueError(
            f"items_a has shape {tuple(items_a.shape)} but items_b "
            f"{tuple(items_b.shape)}; score both systems on the same sentences"
        )

    def difference(rows: Tensor) -> float:
        return float(statistic(rows[:, 0])) - float(statistic(rows[:, 1]))

    rows = torch.stack([items_a, items_b], dim=1)
    return bootstrap_interval(rows, difference, generator, resamples, confidence)
