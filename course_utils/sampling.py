"""Draw text from a model, and the knobs that shape the draw (lesson 08).

Each knob takes logits and returns logits, so that they chain in any order:

    def next_logits(ids):
        logits = penalize_repetition(model(ids)[:, -1], ids, penalty=1.2)
        return keep_top_p(apply_temperature(logits, 0.8), p=0.9)

A token that may not come out gets the logit −inf, hence the probability 0.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_utils.generation import NextLogits, append_token

__all__ = [
    "apply_temperature",
    "keep_min_p",
    "keep_top_k",
    "keep_top_p",
    "penalize_repetition",
    "sample",
]


def apply_temperature(
    logits: Float[Tensor, "*batch V"], temperature: float
) -> Float[Tensor, "*batch V"]:
    """Sharpen (below 1) or flatten (above 1) the distribution.

    The largest logit becomes 0 first, which changes no probability: the division
    then cannot overflow, however cold it gets.

    Raises:
        ValueError: `temperature` is not positive.
    """
    if not temperature > 0:
        raise ValueError(
            f"temperature={temperature} must be above 0; for the most probable token "
            "every time, use greedy"
        )
    return (logits - logits.amax(dim=-1, keepdim=True)) / temperature


def keep_top_k(logits: Float[Tensor, "*batch V"], k: int) -> Float[Tensor, "*batch V"]:
    """Keep the k most probable tokens, and any that tie with the last of them.

    Source: Fan et al. 2018, arXiv 1805.04833, section 5.4.

    Raises:
        ValueError: `k` is below 1.
    """
    if k < 1:
        raise ValueError(f"k={k} keeps no token; choose 1 or more")
    least = logits.topk(min(k, logits.shape[-1])).values[..., -1:]
    return logits.masked_fill(logits < least, -torch.inf)


def keep_top_p(
    logits: Float[Tensor, "*batch V"], p: float
) -> Float[Tensor, "*batch V"]:
    """Keep the fewest most probable tokens whose probabilities sum to p or more.

    A token stays while those above it have not reached p; so the first always stays.
    Among equals the lower id ranks higher. Probabilities 0.5, 0.3, 0.2 and p = 0.7
    → the first two.

    Source: Holtzman et al. 2019, arXiv 1904.09751, section 3.1 (nucleus sampling).

    Raises:
        ValueError: `p` is not in (0, 1].
    """
    if not 0 < p <= 1:
        raise ValueError(f"p={p} must lie in (0, 1]")
    ranked, order = logits.softmax(dim=-1).sort(dim=-1, descending=True, stable=True)
    above = ranked.cumsum(dim=-1) - ranked
    drop = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, above >= p)
    return logits.masked_fill(drop, -torch.inf)


def keep_min_p(
    logits: Float[Tensor, "*batch V"], p: float
) -> Float[Tensor, "*batch V"]:
    """Keep the tokens that are at least p times as probable as the best one.

    Source: Nguyen et al. 2024, arXiv 2407.01082, section 3.

    Raises:
        ValueError: `p` is not in (0, 1].
    """
    if not 0 < p <= 1:
        raise ValueError(f"p={p} must lie in (0, 1]")
    probabilities = logits.softmax(dim=-1)
    least = p * probabilities.amax(dim=-1, keepdim=True)
    return logits.masked_fill(probabilities < least, -torch.inf)


def penalize_repetition(
    logits: Float[Tensor, "B V"], ids: Int[Tensor, "B T"], penalty: float
) -> Float[Tensor, "B V"]:
    """Make the tokens that a row already holds less probable.

    Their logits are divided by `penalty` when positive and multiplied by it when
    negative. As the sign matters, this knob comes before the others.

    Source: Keskar et al. 2019, arXiv 1909.05858, section 4.1 (which divides only).

    Raises:
        ValueError: `penalty` is not positive.
    """
    if not penalty > 0:
        raise ValueError(f"penalty={penalty} must be above 0; 1 changes nothing")
    seen = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, ids, True)
    lower = torch.where(logits > 0, logits / penalty, logits * penalty)
    return torch.where(seen, lower, logits)


@torch.no_grad()
def sample(
    next_logits: NextLogits,
    prefix: Int[Tensor, "B T"],
    max_new: int,
    generator: torch.Generator,
    end_id: int = 2,
) -> Int[Tensor, "B _"]:
    """Append a token drawn at random by its probability until every row has ended.

    Rows that have ended are filled with padding (0). What one row draws does not
    depend on what the other rows hold.
    """
    ids, ended = prefix, torch.zeros_like(prefix[:, 0], dtype=torch.bool)
    for _ in range(max_new):
        probabilities = next_logits(ids).softmax(dim=-1)
        token = torch.multinomial(probabilities, 1, generator=generator)[:, 0]
        ids, ended = append_token(ids, token, ended, end_id)
        if ended.all():
            break
    return ids
