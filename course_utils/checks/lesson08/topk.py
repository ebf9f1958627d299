"""08-topk: complete the cut that keeps the k most probable tokens."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

INF = torch.inf


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then rows and batches, all sizes different; no ties."""
    hand = torch.tensor([[1.0, 2.0, -2.0, 1.5, 0.0]])
    rows, one, deep = draw(seed, (3, 7), (6,), (2, 3, 5))
    cut = torch.tensor([[0.5, -INF, 2.0, -INF], [-INF, 1.0, -INF, 3.0]])
    return {
        "by hand": Call("top_k", (hand, 2)),
        "several rows": Call("top_k", (rows, 4)),
        "a single row, k = 1": Call("top_k", (one, 1)),
        "a batch of positions": Call("top_k", (deep, 2)),
        "k larger than the vocabulary": Call("top_k", (rows, 9)),
        "after another cut": Call("top_k", (cut, 3)),
        "large logits": Call("top_k", (1000 * rows, 2)),
        "float64": Call("top_k", (draw(seed + 1, (2, 8), dtype=torch.float64)[0], 3)),
    }


def top_k(logits, k):
    """Return the right logits: rank the tokens of each row, cut from rank k on."""
    ranks = (logits[..., None, :] > logits[..., :, None]).sum(-1)
    return torch.where(ranks < k, logits, -INF)


def _least(logits, k):
    return logits.topk(min(k, logits.shape[-1])).values[..., -1:]


def _one_too_few(logits, k):
    return logits.masked_fill(logits <= _least(logits, k), -INF)


def _one_too_many(logits, k):
    return top_k(logits, k + 1)


def _turned_round(logits, k):
    return logits.masked_fill(logits >= _least(logits, k), -INF)


def _lowest_kept(logits, k):
    return torch.where(top_k(-logits, k) > -INF, logits, -INF)


def _zeros(logits, k):
    return logits.masked_fill(logits < _least(logits, k), 0.0)


def _whole_batch(logits, k):
    return top_k(logits.flatten(), k).view_as(logits)


def _along_rows(logits, k):
    return top_k(logits.transpose(0, -1), k).transpose(0, -1)


def _no_limit(logits, k):
    least = logits.topk(k).values[..., -1:]
    return logits.masked_fill(logits < least, -INF)


def _by_index(logits, k):
    least = logits.sort(dim=-1, descending=True).values[..., k - 1]
    return logits.masked_fill(logits < least[..., None], -INF)


def _threshold_k(logits, k):
    return logits.masked_fill(logits < k, -INF)


def _billion(logits, k):
    return logits.masked_fill(logits < _least(logits, k), -1e9)


ANSWERS = {
    "k-th-cut": _one_too_few,
    "one-too-many": _one_too_many,
    "turned-round": _turned_round,
    "least-probable": _lowest_kept,
    "zero-is-not-cut": _zeros,
    "values-only": lambda logits, k: logits.topk(min(k, logits.shape[-1])).values,
    "places": lambda logits, k: logits.topk(min(k, logits.shape[-1])).indices,
    "probabilities": lambda logits, k: top_k(logits, k).softmax(-1),
    "whole-batch": _whole_batch,
    "wrong-axis": _along_rows,
    "k-too-large": _no_limit,
    "k-too-large-by-index": _by_index,
    "k-as-a-bar": _threshold_k,
    "not-infinite": _billion,
}
TEXTS = {
    "k-th-cut": "One token too few is kept: the k-th best itself must stay. Compare "
    "with `<`, not `<=`.",
    "one-too-many": "One token too many is kept: k of them stay, no more.",
    "turned-round": "You cut the best tokens and keep the tail. It is the other way "
    "round.",
    "least-probable": "You keep the k least probable tokens. `topk` and `sort` have an "
    "argument for the direction: which end do you want?",
    "zero-is-not-cut": "The other logits are set to 0, and exp(0) is 1: such a token "
    "can still be drawn, perhaps more often than before. A cut token gets −∞.",
    "values-only": "You return the k best logits alone. All V places must stay, or "
    "nobody knows which token a number belongs to; those that are cut get −∞.",
    "places": "You return the places of the best tokens. Logits go in and logits come "
    "out: all V of them, −∞ where a token is cut.",
    "probabilities": "You return probabilities. A knob takes logits and returns "
    "logits, so that the next knob can follow; the softmax comes at the very end.",
    "whole-batch": "The k best are taken from the whole batch together. Each row "
    "writes a text of its own and needs its own k tokens: stay on the last axis.",
    "wrong-axis": "The k best are sought along the first axis, across the texts. The "
    "tokens that compete lie on the last axis.",
    "k-too-large": "A k that is larger than the vocabulary stops the program. There is "
    "nothing to cut then: look for no more than V tokens.",
    "k-too-large-by-index": "There is no k-th token where k is larger than the "
    "vocabulary. There is nothing to cut then: look for no more than V tokens.",
    "k-as-a-bar": "You compare the logits with k itself. k is a number of tokens: the "
    "bar is the k-th largest logit.",
    "not-infinite": "−1e9 is low but not −∞. A knob that comes later asks for −∞, and "
    "logits can be lower than that. Write `-torch.inf`.",
}

CHECK = Check(
    calls,
    {"top_k": top_k},
    forbids={
        "course_utils.sampling.keep_top_k": "This exercise is about writing it "
        "yourself: leave the course's own function aside.",
    },
    slips=slips("top_k", ANSWERS, TEXTS),
)
