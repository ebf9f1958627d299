"""Beam search: follow several hypotheses at once, and keep the best (lesson 08).

A hypothesis is a row of tokens; its total is the sum of its log-probabilities. The
hypotheses of one source stand side by side, so a translator's source is repeated:

    steps = translation_steps(model, source.repeat_interleave(beam, dim=0))
    hypotheses, scores = beam_search(steps, start, max_new=20, beam=beam)

Source: Wu et al. 2016, arXiv 1609.08144, section 7. Their length penalty (equation
14) counts 5 tokens more; ours is that of Hugging Face. As there, a hypothesis may end
only where its end is among the `beam` best continuations. With a beam of 1 and no
length penalty this is greedy search; with one wide enough to drop nothing it finds the
best text of all.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from course_utils.generation import NextLogits

__all__ = ["beam_search", "grow_beam", "keep_best"]


def keep_best(
    hypotheses: Int[Tensor, "B many T"], scores: Float[Tensor, "B many"], beam: int
) -> tuple[Int[Tensor, "B _ T"], Float[Tensor, "B _"]]:
    """Return the `beam` hypotheses of each row with the highest scores, best first."""
    scores, order = scores.topk(beam, dim=1)
    return hypotheses.take_along_dim(order[..., None], dim=1), scores


def grow_beam(
    next_logits: NextLogits,
    live: Int[Tensor, "B beam T"],
    totals: Float[Tensor, "B beam"],
) -> tuple[Int[Tensor, "B 2*beam T+1"], Float[Tensor, "B 2*beam"]]:
    """Return the 2·beam best ways to continue by one token, best first, and totals.

    Twice the beam, since each hypothesis has only one way to end: even if `beam` of
    them end, as many go on. `next_logits` gets B·beam rows.
    """
    B, beam, _ = live.shape
    log_p = next_logits(live.flatten(0, 1)).log_softmax(dim=-1)  # (B·beam, V)
    V = log_p.shape[-1]
    candidates = (totals[..., None] + log_p.view(B, beam, V)).flatten(1)
    totals, index = candidates.topk(2 * beam, dim=1)
    parents = live.take_along_dim(index[..., None] // V, dim=1)
    return torch.cat([parents, index[..., None] % V], dim=-1), totals


@torch.no_grad()
def beam_search(
    next_logits: NextLogits,
    prefix: Int[Tensor, "B T"],
    max_new: int,
    beam: int,
    length_penalty: float = 0.0,
    end_id: int = 2,
) -> tuple[Int[Tensor, "B {beam} _"], Float[Tensor, "B {beam}"]]:
    """Return the best `beam` hypotheses found for each row, best first, and scores.

    A score is the total / (new tokens)^`length_penalty`: more favors longer texts. A
    hypothesis that ends leaves the beam, and padding (0) follows it. The search stops
    when no live one can overtake those that ended.

    Raises:
        ValueError: `beam` is below 1, or `length_penalty` below 0.
    """
    if beam < 1 or length_penalty < 0:
        raise ValueError(f"{beam=} must be 1 or more, {length_penalty=} 0 or more")
    live = ended = prefix[:, None].repeat(1, beam, 1)  # (B, beam, T)
    scores = torch.full(live.shape[:2], -torch.inf, device=prefix.device)
    totals = scores.clone()
    totals[:, 0] = 0.0  # all hypotheses are alike at first: one of them counts
    for length in range(1, max_new + 1):
        grown, totals = grow_beam(next_logits, live, totals)
        over = (grown[..., -1] == end_id) | (length == max_new)
        finals = (totals / length**length_penalty).masked_fill(~over, -torch.inf)
        known = torch.cat([F.pad(ended, (0, 1)), grown[:, :beam]], dim=1)
        scores = torch.cat([scores, finals[:, :beam]], dim=1)
        ended, scores = keep_best(known, scores, beam)
        live, totals = keep_best(grown, totals.masked_fill(over, -torch.inf), beam)
        hope = totals[:, 0] / max_new**length_penalty  # totals only ever fall
        if (hope <= scores[:, -1]).all():
            break
    return ended, scores
