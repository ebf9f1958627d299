"""08-length: transfer the length penalty to the one of the paper."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, Slip
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "score_texts"
END = 2


def calls(seed: int) -> dict[str, Call]:
    """Return the defaults (the totals), the lesson's penalty, the paper's, and ends."""
    hand_ids = torch.tensor([[4, 7, 2, 0], [5, 2, 0, 0]])
    hand = torch.tensor([[-0.5, -0.25, -0.25, -9.0], [-1.5, -0.5, -9.0, -4.0]])
    log_p, ids = _texts(seed, 5, 7)
    other, other_ids = _texts(seed + 1, 3, 6, dtype=torch.float64)
    impossible = log_p.masked_fill(_after(ids), -torch.inf)
    paper = {"length_penalty": 0.6, "constant": 5.0}
    return {
        "by hand": Call(NAME, (hand, hand_ids)),
        "by hand, with α = 1": Call(NAME, (hand, hand_ids), {"length_penalty": 1.0}),
        "by hand, with constant": Call(
            NAME, (hand, hand_ids), {"length_penalty": 1.0, "constant": 3.0}
        ),
        "no penalty": Call(NAME, (log_p, ids), grads=True),
        "the lesson's penalty": Call(NAME, (log_p, ids), {"length_penalty": 0.7}),
        "the paper's penalty": Call(NAME, (log_p, ids), paper, grads=True),
        "a constant without a penalty": Call(NAME, (log_p, ids), {"constant": 5.0}),
        "texts without an end": Call(NAME, (log_p, ids.clamp(min=3)), paper),
        "an impossible token after the end": Call(NAME, (impossible, ids), paper),
        "another end": Call(NAME, (log_p, ids), {"end_id": 4, **paper}),
        "float64": Call(NAME, (other, other_ids), paper),
    }


def _texts(seed: int, N: int, T: int, dtype=torch.float32):
    """Return texts of different lengths; after the end stands anything at all."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, 9, (N, T), generator=generator)
    places = torch.randperm(T - 1, generator=generator)[:N] + 1
    ids[torch.arange(N), places] = END
    ids[0, int(places[0]) + 1 :] = 0
    ids[1, -1] = END  # a second end, where it is not the first
    return -draw(seed, (N, T), dtype=dtype)[0].abs() - 0.1, ids


def _after(ids, end_id=END):
    ends = (ids == end_id).long().cumsum(-1)
    return ends - (ids == end_id).long() > 0


def score(log_p, ids, length_penalty=0.0, constant=0.0, end_id=END):
    """Return the right scores, text by text."""
    scores = []
    for values, text in zip(log_p, ids.tolist(), strict=True):
        n = text.index(end_id) + 1 if end_id in text else len(text)
        scale = ((constant + n) / (constant + 1)) ** length_penalty
        scores.append(values[:n].sum() / scale)
    return torch.stack(scores)


def _version(after=_after, weigh=None, count=None, total=None):
    """Return a version whose tokens, penalty, length or total are others."""

    def scored(log_p, ids, length_penalty=0.0, constant=0.0, end_id=END):
        hidden = after(ids, end_id)
        n = (~hidden).sum(-1) if count is None else count(ids, end_id)
        n = n.to(log_p.dtype)
        if total is None:
            sums = log_p.masked_fill(hidden, 0.0).sum(-1)
        else:
            sums = total(log_p, hidden)
        if weigh is not None:
            return weigh(sums, n, length_penalty, constant)
        return sums / ((constant + n) / (constant + 1)) ** length_penalty

    return scored


def _nothing(ids, end_id):
    return torch.zeros_like(ids, dtype=torch.bool)


def _from_end(ids, end_id):
    return _after(ids, end_id) | (ids == end_id)


def _padding(ids, end_id):
    return ids == 0


def _after_last(ids, end_id):
    ends = (ids == end_id).long()
    left = ends.flip(-1).cumsum(-1).flip(-1)
    return (left == 0) & ends.any(-1, keepdim=True)


def _all(ids, end_id):
    return torch.full_like(ids[:, 0], ids.shape[1])


VERSIONS = {
    "after-the-end": _version(after=_nothing),
    "after-the-end-in-the-sum": _version(
        count=lambda ids, end: (~_after(ids, end)).sum(-1),
        total=lambda log_p, hidden: log_p.sum(-1),
    ),
    "length-of-the-tensor": _version(count=_all),
    "end-forgotten": _version(after=_from_end),
    "end-not-in-the-length": _version(
        count=lambda ids, end: (~_from_end(ids, end)).sum(-1)
    ),
    "padding-instead-of-end": _version(after=_padding),
    "last-end": _version(after=_after_last),
    "multiplied": _version(weigh=lambda s, n, a, c: s * ((c + n) / (c + 1)) ** a),
    "constant-ignored": _version(weigh=lambda s, n, a, c: s / n**a),
    "not-normed": _version(weigh=lambda s, n, a, c: s / (c + n) ** a),
    "plus-one-above": _version(
        weigh=lambda s, n, a, c: s / ((c + n + 1) / (c + 1)) ** a
    ),
    "no-power": _version(weigh=lambda s, n, a, c: s / ((c + n) / (c + 1))),
    "times-alpha": _version(
        weigh=lambda s, n, a, c: s / (a * (c + n) / (c + 1)) if a else s
    ),
    "nan-after-the-end": _version(
        total=lambda log_p, hidden: (log_p * ~hidden).sum(-1)
    ),
    "end-is-always-2": lambda log_p, ids, length_penalty=0.0, constant=0.0, end_id=2: (
        score(log_p, ids, length_penalty, constant)
    ),
}
ENDS = "Searching: when greedy walks past the best"
TEXTS = {
    "after-the-end": "What stands after the end is counted too, in the sum and in the "
    "length. A text is over with its first end.",
    "after-the-end-in-the-sum": "The length is right, but the sum goes on after the "
    "end. Set those log-probabilities to 0 before you add.",
    "length-of-the-tensor": "The sum is right, but every text counts as T tokens long. "
    "Its length ends with its own end.",
    "end-forgotten": "The end itself is left out. It is a token like any other: the "
    "model had to choose it, so it has its log-probability, and it counts as one.",
    "end-not-in-the-length": "The end is in the sum, but not in the length. It counts "
    "as a token: “fine”, in the lesson, is 2 long.",
    "padding-instead-of-end": "You look for padding (0). After the end anything may "
    "stand, and a text without an end has none: look for the first end.",
    "last-end": "A second end is taken for the end. The text is over with the first.",
    "multiplied": "You multiply by the penalty. Totals are negative: multiplying makes "
    "long texts even worse. Divide.",
    "constant-ignored": "The constant is never used. Both parts of the fraction hold "
    "it: (c + n) / (c + 1).",
    "not-normed": "The divisor (c + 1) is missing. It makes a text of one token keep "
    "its total, whatever the constant.",
    "plus-one-above": "There is one too many in the numerator: it is c + n, with the "
    "end already counted in n.",
    "no-power": "With the defaults a score is the plain total. The fraction is raised "
    "to the power of α, and α is 0 by default: a power of 0 is 1.",
    "times-alpha": "You multiply by α. It is an exponent: the fraction *to the power "
    "of* α.",
    "nan-after-the-end": "A log-probability of −∞ after the end makes the score NaN, "
    "since 0 · −∞ is no number. Choose instead of multiplying: `masked_fill` or "
    "`torch.where`.",
    "end-is-always-2": "The argument `end_id` is never used.",
}


def _of_class(answer, reward, log_p, ids, length_penalty=0.0, constant=0.0, end_id=END):
    """Reward every token of a text."""
    scores = answer(log_p, ids, length_penalty, constant, end_id)
    return scores + reward * (~_after(ids, end_id)).sum(-1)


def _card(reward) -> str:
    return (
        f"Every token that counts earns a reward: add {reward:g} · n to the score, "
        f"with the defaults too. (By hand, with α = 1 and c = 0: {2 * reward - 1:g}.)"
    )


CHECK = Check(
    calls,
    {NAME: score},
    slips=tuple(
        Slip(name, text, {NAME: VERSIONS[name]}, ENDS if "end" in name else "")
        for name, text in TEXTS.items()
    ),
    rtol=1e-4,  # lengths are whole numbers, whose quotients are float32
    atol=1e-5,
    vary=varied("08-length", [n / 50 for n in range(5, 50)], _card, _of_class),
)
