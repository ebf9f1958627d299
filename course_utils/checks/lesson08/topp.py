"""08-topp: rebuild the cut that keeps a share p of the probability."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

INF = torch.inf
NAME = "keep_top_p"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, random rows, both ends of p, equals, and refusals."""
    hand = torch.tensor([[0.1, 0.4, 0.2, 0.3]]).log()
    sure = torch.tensor([[0.05, 0.02, 0.9, 0.03]]).log()
    rows, one, deep, wide = draw(seed, (3, 7), (6,), (2, 3, 5), (2, 8))
    equal = torch.zeros(2, 4)
    return {
        "by hand": Call(NAME, (hand, 0.65)),
        "one token has nearly all": Call(NAME, (sure, 0.8)),
        "several rows": Call(NAME, (2 * rows, 0.8)),
        "a single row": Call(NAME, (one, 0.6)),
        "a batch of positions": Call(NAME, (deep, 0.55)),
        "p so small that one token has it": Call(NAME, (rows, 0.01)),
        "p = 1 cuts nothing": Call(NAME, (rows, 1.0)),
        "large logits": Call(NAME, (1000 * rows, 0.9)),
        "four equal tokens, p = 0.5": Call(NAME, (equal, 0.5)),
        "float64": Call(NAME, (wide.double(), 0.75)),
        "p = 0 is refused": Call(NAME, (rows, 0.0)),
        "p = 1.5 is refused": Call(NAME, (rows, 1.5)),
    }


def keep_top_p(logits, p):
    """Return the right logits by a loop: go down each list until p is reached."""
    if not 0 < p <= 1:
        raise ValueError(f"p={p} must lie in (0, 1]")
    out = torch.full_like(logits, -INF)
    flat = logits.reshape(-1, logits.shape[-1])
    for row, kept in zip(flat, out.view_as(flat), strict=True):
        shares, total = row.double().softmax(-1).tolist(), 0.0
        for i in sorted(range(len(row)), key=lambda i: -shares[i]):
            if total >= p - 1e-12:
                break
            kept[i] = row[i]
            total += shares[i]
    return out


def _ranked(logits, descending=True):
    return logits.softmax(-1).sort(dim=-1, descending=descending, stable=True)


def _cut(logits, drop, order, low=-INF):
    places = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, drop)
    return logits.masked_fill(places, low)


def _guard(version):
    """Return a version that refuses the same p as the right one."""

    def guarded(logits, p):
        keep_top_p(torch.zeros(1), p)
        return version(logits, p)

    return guarded


def _stops_before(logits, p):
    ranked, order = _ranked(logits)
    return _cut(logits, ranked.cumsum(-1) > p, order)


def _stops_before_but_first(logits, p):
    ranked, order = _ranked(logits)
    drop = ranked.cumsum(-1) > p
    drop[..., 0] = False
    return _cut(logits, drop, order)


def _one_more(logits, p):
    ranked, order = _ranked(logits)
    above = ranked.cumsum(-1) - ranked
    drop = torch.cat([torch.zeros_like(above[..., :1]), above[..., :-1]], -1) >= p
    return _cut(logits, drop, order)


def _in_order_of_ids(logits, p):
    shares = logits.softmax(-1)
    return logits.masked_fill(shares.cumsum(-1) - shares >= p, -INF)


def _not_put_back(logits, p):
    ranked, _ = _ranked(logits)
    return logits.masked_fill(ranked.cumsum(-1) - ranked >= p, -INF)


def _stays_sorted(logits, p):
    ranked, order = _ranked(logits)
    above = ranked.cumsum(-1) - ranked
    return logits.gather(-1, order).masked_fill(above >= p, -INF)


def _from_below(logits, p):
    ranked, order = _ranked(logits, descending=False)
    return _cut(logits, ranked.cumsum(-1) - ranked >= p, order)


def _each_alone(logits, p):
    return logits.masked_fill(logits.softmax(-1) < p, -INF)


def _min_p(logits, p):
    shares = logits.softmax(-1)
    return logits.masked_fill(shares < p * shares.amax(-1, keepdim=True), -INF)


def _zeros(logits, p):
    return keep_top_p(logits, p).nan_to_num(neginf=0.0)


def _equals_stay(logits, p):
    kept = keep_top_p(logits, p)
    least = kept.masked_fill(kept == -INF, INF).amin(-1, keepdim=True)
    return logits.masked_fill(logits < least, -INF)


def _first_lost(logits, p):
    ranked, order = _ranked(logits)
    keep = ranked.cumsum(-1) <= p
    keep[..., 1:] = keep[..., :-1].clone()
    return _cut(logits, ~keep, order)


def _log_probabilities(logits, p):
    return keep_top_p(logits.log_softmax(-1), p)


def _adds_logits(logits, p):
    ranked, order = logits.sort(-1, descending=True, stable=True)
    return _cut(logits, ranked.cumsum(-1) - ranked >= p, order)


def _probabilities(logits, p):
    shares = keep_top_p(logits, p).softmax(-1)
    return shares


ANSWERS = {
    "stops-before": _stops_before,
    "stops-before-but-first": _stops_before_but_first,
    "first-lost": _first_lost,
    "one-too-many": _one_more,
    "not-sorted": _in_order_of_ids,
    "not-put-back": _not_put_back,
    "stays-sorted": _stays_sorted,
    "from-below": _from_below,
    "each-alone": _each_alone,
    "min-p": _min_p,
    "zero-is-not-cut": _zeros,
    "equals-stay": _equals_stay,
    "adds-logits": _adds_logits,
    "log-probabilities": _log_probabilities,
    "probabilities": _probabilities,
}
TEXTS = {
    "stops-before": "The token with which the sum reaches p is cut, so that too "
    "little is kept, sometimes nothing at all. Ask for the sum of the tokens *above* "
    "it: while that is below p, the token stays.",
    "stops-before-but-first": "The first token is safe now, but the one with which "
    "the sum reaches p is still cut, so less than p is kept. What matters is the sum "
    "of the tokens *above*.",
    "first-lost": "Shifting by one place is a way, but the first place is left over: "
    "where the first token alone has more than p, nothing stays. It must always stay.",
    "one-too-many": "One token too many is kept. A token goes as soon as those above "
    "it have p together; yours goes one place later.",
    "not-sorted": "The sum runs in the order of the vocabulary. Sort first: the list "
    "is to be gone down from the most probable token.",
    "not-put-back": "The sums belong to the *sorted* list, but you cut those places of "
    "the unsorted logits. The order that `sort` returns leads back (`scatter`).",
    "stays-sorted": "The logits come back sorted, so nobody knows which token they "
    "belong to. Every token must stay in its place.",
    "from-below": "The list is gone down from the *least* probable token. Sort in "
    "descending order.",
    "each-alone": "Each token alone is compared with p. It is the *sum* from the top "
    "of the list that counts, so several small ones can stay.",
    "min-p": "This is min-p: it compares each token with the best one. Top-p adds up "
    "from the top of the list.",
    "zero-is-not-cut": "The other logits are set to 0, and exp(0) is 1: such a token "
    "can still be drawn. A cut token gets −∞.",
    "equals-stay": "Tokens that are equal to the last kept one stay as well. The card "
    "asks for the *fewest*: among equals the lower id comes first.",
    "adds-logits": "You add up logits. They have no fixed sum and can be negative: the "
    "probabilities add up to 1, so take the softmax first.",
    "log-probabilities": "The right tokens stay, but as log-probabilities. Those that "
    "stay keep their logits as they were: a later knob may need their sign.",
    "probabilities": "You return probabilities. A knob takes logits and returns "
    "logits, so that the next knob can follow.",
}

CHECK = Check(
    calls,
    {NAME: keep_top_p},
    forbids={
        "course_utils.sampling.keep_top_p": "This exercise is about writing it "
        "yourself: leave the course's own function aside.",
    },
    slips=tuple(
        Slip(name, text, {NAME: _guard(ANSWERS[name])}) for name, text in TEXTS.items()
    ),
)
