"""33-soften: complete the divergence of two softened distributions."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson33.inputs import draw
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "divergence"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then other shapes, temperatures, and sure teachers."""
    hand = torch.tensor([0.5, 0.5]).log(), torch.tensor([0.75, 0.25]).log()
    p, q, one, other = draw(seed, (3, 7), (3, 7), (2, 4, 5), (2, 4, 5))
    double = draw(seed + 1, (2, 6), (2, 6), dtype=torch.float64)
    return {
        "by hand": Call(NAME, (*hand, 1.0)),
        "equal lists": Call(NAME, (p, p + 3, 1.0)),
        "three rows": Call(NAME, (p, q, 1.0), grads=True),
        "a temperature of 4": Call(NAME, (p, q, 4.0), grads=True),
        "a batch of positions": Call(NAME, (one, other, 0.5)),
        "a teacher that is certain": Call(NAME, (1000 * p, q, 1.0), grads=True),
        "float64": Call(NAME, (*double, 3.0)),
    }


def divergence(teacher, student, temperature):
    """Return the right divergences, by cross-entropy minus entropy."""
    p = (teacher / temperature).softmax(-1)
    log_p = (teacher / temperature).log_softmax(-1)
    log_q = (student / temperature).log_softmax(-1)
    return -(p * log_q).sum(-1) + (p * log_p).sum(-1)


ANSWERS = {
    "temperature-ignored": lambda p, q, T: divergence(p, q, 1.0),
    "teacher-only-softened": lambda p, q, T: divergence(p, q * T, T),
    "student-only-softened": lambda p, q, T: divergence(p * T, q, T),
    "multiplied": lambda p, q, T: divergence(p, q, 1 / T),
    "turned-round": lambda p, q, T: divergence(q, p, T),
    "cross-entropy": lambda p, q, T: (
        -((p / T).softmax(-1) * (q / T).log_softmax(-1)).sum(-1)
    ),
    "sign": lambda p, q, T: -divergence(p, q, T),
    "mean": lambda p, q, T: divergence(p, q, T) / p.shape[-1],
    "one-number": lambda p, q, T: divergence(p, q, T).sum(),
    "not-summed": lambda p, q, T: (
        (p / T).softmax(-1) * ((p / T).log_softmax(-1) - (q / T).log_softmax(-1))
    ),
    "wrong-axis": lambda p, q, T: divergence(p.movedim(0, -1), q.movedim(0, -1), T),
    "times-t-squared": lambda p, q, T: T**2 * divergence(p, q, T),
    "ratio-of-tiny-numbers": lambda p, q, T: (
        (p / T).softmax(-1) * ((p / T).softmax(-1) / (q / T).softmax(-1)).log()
    ).sum(-1),
}
TEXTS = {
    "temperature-ignored": "The temperature is never used. Divide both lists of logits "
    "by it, before the softmax.",
    "teacher-only-softened": "Only the teacher is softened. Both must be, or the "
    "student is asked to be less certain than its teacher.",
    "student-only-softened": "Only the student is softened. Both must be.",
    "multiplied": "You multiply by the temperature. Above 1 it must flatten: divide.",
    "turned-round": "The two have changed places. The teacher's probabilities do the "
    "weighing; the other direction is another number.",
    "cross-entropy": "That is the cross-entropy of the two. From ln q the teacher's "
    "own ln p is still missing: for equal lists the result must be 0.",
    "sign": "The sign is turned: the divergence is never negative.",
    "mean": "You take the mean over the words. The probabilities are weights already: "
    "add up.",
    "one-number": "You add up everything to one number. Each position has its own "
    "divergence: sum over the last axis only.",
    "not-summed": "The sum over the words is missing.",
    "wrong-axis": "The softmax runs along another axis. The words lie on the last.",
    "times-t-squared": "The factor τ² belongs to the loss that mixes the two; here the "
    "divergence alone is wanted.",
    "ratio-of-tiny-numbers": "p / q breaks down where a probability is rounded to 0: "
    "0 · ln 0 is no number. Subtract logarithms, from `log_softmax`.",
}

CHECK = Check(
    calls,
    {NAME: divergence},
    forbids={
        name: "This exercise is about writing it yourself: leave the ready-made "
        "function aside."
        for name in ("kl_div", "KLDivLoss", "kl_divergence")
    },
    slips=slips(NAME, ANSWERS, TEXTS),
    rtol=1e-4,
    atol=1e-5,
)
