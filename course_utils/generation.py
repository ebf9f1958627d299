"""Turn next-token scores into text (greedy in lesson 06, the rest in lesson 08)."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["greedy"]

NextLogits = Callable[[Int[Tensor, "B T"]], Float[Tensor, "B V"]]


@torch.no_grad()
def greedy(
    next_logits: NextLogits, prefix: Int[Tensor, "B T"], max_new: int, end_id: int = 2
) -> Int[Tensor, "B T2"]:
    """Append the most probable token until every row has ended.

    `next_logits` scores the token after each row. A row that has ended is filled
    with padding (0).
    """
    ids, done = prefix, torch.zeros(len(prefix), dtype=torch.bool, device=prefix.device)
    for _ in range(max_new):
        token = next_logits(ids).argmax(dim=-1).masked_fill(done, 0)
        ids = torch.cat([ids, token[:, None]], dim=1)
        done = done | (token == end_id)
        if done.all():
            break
    return ids
