"""33-loss: rebuild the loss that mixes text and teacher."""

import torch
import torch.nn.functional as F

from course_utils.answers import Call
from course_utils.checks.lesson33.inputs import draw, targets
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "distillation_loss"


def calls(seed: int) -> dict[str, Call]:
    """Return the two ends of the mixture, then mixtures with padding and gradients."""
    got, wanted = draw(seed, (3, 5, 7), (3, 5, 7))
    ids = targets(seed, 3, 5, 7)
    full = ids.clamp(min=1)
    double = draw(seed + 1, (2, 4, 6), (2, 4, 6), dtype=torch.float64)

    def call(*given, **options):
        return Call(NAME, given, options, grads=True)

    return {
        "the text alone": call(got, wanted, full, mix=0.0),
        "the teacher alone": call(got, wanted, full, mix=1.0),
        "a mixture": call(got, wanted, full, mix=0.3),
        "a temperature of 3": call(got, wanted, full, temperature=3.0, mix=0.8),
        "with padding": call(got, wanted, ids, temperature=2.0, mix=0.6),
        "the defaults": call(got, wanted, ids),
        "float64": call(*double, targets(seed + 1, 2, 4, 6), temperature=0.5),
    }


def _version(hard=True, soft=True, square=True, swap=False, flip=False, divide=True):
    """Return a version with some of the usual slips; without any it is right."""

    def loss(student, teacher, ids, temperature=1.0, mix=0.5):
        keep = ids != 0
        T = temperature if divide else 1.0
        q, p = (x / T for x in (student, teacher))
        if flip:
            p, q = q, p
        each = (p.softmax(-1) * (p.log_softmax(-1) - q.log_softmax(-1))).sum(-1)
        taught = each[keep].mean() if soft else each.mean()
        taught = taught * temperature**2 if square else taught
        flat, wanted = student.flatten(0, 1), ids.flatten()
        told = F.cross_entropy(flat, wanted, ignore_index=0 if hard else -100)
        share = 1 - mix if swap else mix
        return (1 - share) * told + share * taught

    return loss


def _added(student, teacher, ids, temperature=1.0, mix=0.5):
    right = _version()
    told = right(student, teacher, ids, temperature, 0.0)
    return told + mix * right(student, teacher, ids, temperature, 1.0)


def _teacher_text(student, teacher, ids, temperature=1.0, mix=0.5):
    return _version()(
        student, teacher, teacher.argmax(-1) * (ids != 0), temperature, mix
    )


def _per_row(student, teacher, ids, temperature=1.0, mix=0.5):
    rows = zip(student, teacher, ids, strict=True)
    right = _version()
    each = [right(s[None], t[None], i[None], temperature, mix) for s, t, i in rows]
    return torch.stack(each).mean()


VERSIONS = {
    "no-t-squared": _version(square=False),
    "mixture-swapped": _version(swap=True),
    "directions-swapped": _version(flip=True),
    "not-softened": _version(divide=False),
    "padding-in-the-teacher": _version(soft=False),
    "padding-in-the-text": _version(hard=False),
    "padding-in-both": _version(hard=False, soft=False),
    "added": _added,
    "teachers-favorite": _teacher_text,
    "mean-of-rows": _per_row,
}
TEXTS = {
    "no-t-squared": "The factor τ² is missing. Without it the teacher's share of the "
    "gradient shrinks by τ² as the temperature rises.",
    "mixture-swapped": "The shares are swapped: `mix` belongs to the teacher, 1 − mix "
    "to the text.",
    "directions-swapped": "The divergence runs the wrong way: the teacher's "
    "probabilities do the weighing.",
    "not-softened": "The logits are not divided by the temperature; only τ² is there.",
    "padding-in-the-teacher": "Padding is left out of the text's part, but counted in "
    "the teacher's.",
    "padding-in-the-text": "Padding is left out of the teacher's part, but counted in "
    "the text's.",
    "padding-in-both": "Padding is counted. Where the target is 0 there is nothing to "
    "learn: leave those positions out of both parts.",
    "added": "The teacher's part is added on top. A mixture takes as much away from "
    "the text: 1 − mix.",
    "teachers-favorite": "The hard part looks at the teacher's favorite word. It is "
    "the text that says which word is right.",
    "mean-of-rows": "You average each row first. Then a word in a short row counts "
    "more than one in a long row: take one mean over all words that are no padding.",
}

CHECK = Check(
    calls,
    {NAME: _version()},
    forbids={
        "course_utils.smaller.distillation.distillation_loss": "This exercise is about "
        "writing it yourself: leave the package's own function aside."
    },
    slips=slips(NAME, VERSIONS, TEXTS),
    rtol=1e-4,
    atol=1e-5,
)
