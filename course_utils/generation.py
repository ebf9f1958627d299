"""Write with a model, one token after another (lesson 06).

Every decoding function takes `next_logits`: a function that scores, for each row of
tokens, the token that comes next. The steps below make one from a model; put the
model in `eval()` mode first, or dropout disturbs the scores.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course_utils.transformer import LanguageModel, Transformer

__all__ = ["NextLogits", "append_token", "greedy", "text_steps", "translation_steps"]

NextLogits = Callable[[Int[Tensor, "B T"]], Float[Tensor, "B V"]]


def text_steps(model: LanguageModel) -> NextLogits:
    """Return the function that scores the token after each row of a text."""
    return lambda ids: model(ids)[:, -1]


def translation_steps(model: Transformer, source: Int[Tensor, "B S"]) -> NextLogits:
    """Return the function that scores the next token of each row's translation.

    The sources are read once, here; every step then looks at what was read.
    """
    with torch.no_grad():
        memory = model.encode(source)
    return lambda ids: model.decode(ids, memory, source)[:, -1]


def append_token(
    ids: Int[Tensor, "B T"],
    token: Int[Tensor, " B"],
    ended: Bool[Tensor, " B"],
    end_id: int = 2,
) -> tuple[Int[Tensor, "B T+1"], Bool[Tensor, " B"]]:
    """Append a token to each row, padding (0) where the row has ended.

    Return the longer rows, and which of them have ended now.
    """
    token = token.masked_fill(ended, 0)
    return torch.cat([ids, token[:, None]], dim=1), ended | (token == end_id)


@torch.no_grad()
def greedy(
    next_logits: NextLogits, prefix: Int[Tensor, "B T"], max_new: int, end_id: int = 2
) -> Int[Tensor, "B _"]:
    """Append the most probable token until every row has ended.

    Stops after `max_new` tokens at the latest. The rows of `prefix` may differ; each
    is kept in front of what is written. Cost: one call of `next_logits` a token.
    """
    ids, ended = prefix, torch.zeros_like(prefix[:, 0], dtype=torch.bool)
    for _ in range(max_new):
        token = next_logits(ids).argmax(dim=-1)
        ids, ended = append_token(ids, token, ended, end_id)
        if ended.all():
            break
    return ids
