"""33-several: transfer from one teacher to several."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson33.inputs import draw
from course_utils.checks.spec import Check, slips
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "soft_targets"


def calls(seed: int) -> dict[str, Call]:
    """Return one teacher, two by hand, then three with weights and temperatures."""
    hand = torch.tensor([[[0.8, 0.2]], [[0.4, 0.6]]]).log()
    three = draw(seed, (3, 2, 5))[0]
    one, sure = three[:1], 1000 * three
    shares = torch.tensor([0.5, 0.2, 0.3])
    double = draw(seed + 1, (2, 4, 6), dtype=torch.float64)[0]
    return {
        "two by hand": Call(NAME, (hand,)),
        "one teacher": Call(NAME, (one,)),
        "three": Call(NAME, (three,), grads=True),
        "softened": Call(NAME, (three,), {"temperature": 3.0}),
        "with weights": Call(NAME, (three, shares)),
        "weights and temperature": Call(NAME, (three, shares), {"temperature": 0.5}),
        "weights that do not sum to 1": Call(NAME, (three, 4 * shares)),
        "sure teachers": Call(NAME, (sure, shares)),
        "float64": Call(NAME, (double,)),
    }


def soft_targets(logits, weights=None, temperature=1.0):
    """Return the right targets, teacher by teacher."""
    total = 0.0
    shares = [1.0] * len(logits) if weights is None else weights.tolist()
    for teacher, share in zip(logits, shares, strict=True):
        total = total + share / sum(shares) * (teacher / temperature).softmax(-1)
    return total


def _share(logits, weights):
    w = torch.ones(len(logits)) if weights is None else weights
    return (w / w.sum()).to(logits).view(-1, *[1] * (logits.ndim - 1))


def _mean_logits(logits, weights=None, temperature=1.0):
    return ((_share(logits, weights) * logits).sum(0) / temperature).softmax(-1)


def _after(logits, weights=None, temperature=1.0):
    mixed = (_share(logits, weights) * logits.softmax(-1)).sum(0)
    return (mixed.log() / temperature).softmax(-1)


def _raw(logits, weights=None, temperature=1.0):
    w = torch.full((len(logits),), 1 / len(logits)) if weights is None else weights
    w = w.to(logits).view(-1, *[1] * (logits.ndim - 1))
    return (w * (logits / temperature).softmax(-1)).sum(0)


def _summed(logits, weights=None, temperature=1.0):
    w = None if weights is None else weights / weights.sum()
    return soft_targets(logits, w, temperature) * (len(logits) if w is None else 1)


def _product(logits, weights=None, temperature=1.0):
    log_p = (logits / temperature).log_softmax(-1)
    return (_share(logits, weights) * log_p).sum(0).exp()


ANSWERS = {
    "logits-averaged": _mean_logits,
    "softened-at-the-end": _after,
    "weights-ignored": lambda x, weights=None, temperature=1.0: soft_targets(
        x, None, temperature
    ),
    "temperature-ignored": lambda x, weights=None, temperature=1.0: soft_targets(
        x, weights
    ),
    "weights-not-shared-out": _raw,
    "summed": _summed,
    "logarithms-averaged": _product,
    "first-teacher": lambda x, weights=None, temperature=1.0: (
        x[0] / temperature
    ).softmax(-1),
    "logarithms": lambda x, weights=None, temperature=1.0: soft_targets(
        x, weights, temperature
    ).log(),
}
TEXTS = {
    "logits-averaged": "You average the logits, then take one softmax. One teacher "
    "with large logits then drowns out the others: average the *probabilities*.",
    "softened-at-the-end": "The temperature comes after the average. Each teacher is "
    "softened on its own, before the average.",
    "weights-ignored": "The argument `weights` is never used.",
    "temperature-ignored": "The argument `temperature` is never used.",
    "weights-not-shared-out": "The weights need not sum to 1, but probabilities must: "
    "divide the weights by their sum.",
    "summed": "Without weights you add up the teachers. All count alike, so divide by "
    "their number: the result must sum to 1.",
    "logarithms-averaged": "You average the logarithms. Average the probabilities "
    "themselves, by the weights.",
    "first-teacher": "Only the first teacher is heard.",
    "logarithms": "You return logarithms; the card asks for probabilities.",
}


def _of_class(answer, factor, logits, weights=None, temperature=1.0):
    """Soften more than the argument says."""
    return answer(logits, weights, factor * temperature)


def _card(factor) -> str:
    return (
        f"The teachers are too sure of themselves: use {factor} times the temperature "
        "that is given, with the default too."
    )


CHECK = Check(
    calls,
    {NAME: soft_targets},
    slips=slips(NAME, ANSWERS, TEXTS),
    vary=varied("33-several", [n / 20 for n in range(22, 70)], _card, _of_class),
)
