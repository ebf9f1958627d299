"""21-portions: rebuild attention that reads a text in portions, each token once."""

import torch

from course_utils.answers import Build, Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson21.inputs import looped_attention, weights_of
from course_utils.checks.spec import Check, slips
from course_utils.multihead import MultiHeadAttention

__all__ = ["CHECK"]

NAME = "attend_in_portions"
C, H = 12, 3


def calls(seed: int) -> dict[str, Call]:
    """Return one portion, single tokens, mixed portions, a long tail, float64."""
    return {
        "one portion": _call(seed, 1, [4]),
        "token by token": _call(seed + 1, 2, [1] * 5),
        "a beginning, then tokens": _call(seed + 2, 3, [4, 1, 1]),
        "portions of several": _call(seed + 3, 2, [2, 3, 4]),
        "a tail": _call(seed + 4, 1, [1, 6]),
        "another number of heads": _call(seed + 5, 2, [3, 2], heads=4),
    }


def _call(seed: int, B: int, portions: list[int], heads: int = H) -> Call:
    [x] = draw(seed, (B, sum(portions), C))
    state = weights_of(MultiHeadAttention(C, heads), seed)
    path = "course_utils.answers.objects.OncePerToken"
    return Call(NAME, (Build(path, (C, heads, sum(portions)), {}, state), x, portions))


def attend_in_portions(attention, x, portions):
    """Return the right rows: everything at once, head by head, query by query."""
    with torch.no_grad():
        q, k, v = attention.project(x, x)
        rows = [looped_attention(*one) for one in zip(q, k, v, strict=True)]
        B, T, C = x.shape
        return attention.out_proj(torch.stack(rows).transpose(1, 2).reshape(B, T, C))


def _version(mask="rows", keep=True, merge=True, out=True, order=True):
    """Return the reading in portions with one thing changed."""

    def read(attention, x, portions):
        past, results, start = None, [], 0
        for T in portions:
            part = x[:, start : start + T]
            q, k, v = attention.project(part, part)
            if past and keep:
                pairs = zip(past, (k, v), strict=True)
                k, v = (torch.cat(p if order else p[::-1], 2) for p in pairs)
            past = k, v
            see = _mask(mask, k.shape[2], T)
            heads = attention.attention(q, k, v, see)
            B = len(x)
            turned = heads.transpose(1, 2) if merge else heads
            rows = turned.reshape(B, T, -1)
            results.append(attention.out_proj(rows) if out else rows)
            start += T
        return torch.cat(results, 1)

    return read


def _mask(kind, S, T):
    whole = torch.ones(S, S, dtype=torch.bool).tril()
    first = whole[:T]
    return {
        "rows": whole[S - T :],
        "first": first,
        "none": None,
        "strict": whole[S - T :] & ~torch.eye(S, dtype=torch.bool)[S - T :],
        "own": first | (torch.arange(S) < S - T),
    }[kind]


ANSWERS = {
    "no-mask": _version(mask="none"),
    "first-rows": _version(mask="first"),
    "not-itself": _version(mask="strict"),
    "nothing-kept": _version(mask="rows", keep=False),
    "new-first": _version(order=False),
    "not-merged": _version(merge=False),
    "no-out": _version(out=False),
}
TEXTS = {
    "no-mask": "Within a portion every token sees the others, even those that come "
    "after it. One token alone needs no mask, several need one.",
    "first-rows": "You use the *first* rows of the causal mask. The portion's tokens "
    "stand at the end of everything seen so far: theirs are the last T rows.",
    "not-itself": "A token does not see itself. Position t may see positions 0 … t, "
    "its own included.",
    "nothing-kept": "Each portion looks at itself alone; what was read before is gone. "
    "Keep keys and values from portion to portion and join them.",
    "new-first": "The new keys stand in front of the old ones, so the mask hides the "
    "wrong ones. Append at the end.",
    "not-merged": "The heads are put together without turning `(B, H, T, D)` to "
    "`(B, T, H, D)` first, so tokens and heads are mixed. `merge_heads` does it.",
    "no-out": "The heads are merged but `out_proj` has not been applied.",
}

CHECK = Check(
    calls,
    {NAME: attend_in_portions},
    forbids={
        f"course_utils.faster.cache.{name}": "This exercise is about building it "
        "yourself: leave the course's own cache aside."
        for name in ("KVCache", "attend_cached")
    },
    slips=slips(NAME, ANSWERS, TEXTS),
)
