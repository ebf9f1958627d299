"""02-mend: find what is wrong in an attention that runs without complaint."""

import math

import torch

from course_utils.answers import Call
from course_utils.checks.lesson02.attention import calls as attention_calls
from course_utils.checks.lesson02.attention import mask_after, no_scale, wrong_axis
from course_utils.checks.lesson02.inputs import attend
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "mended_attention"


def calls(seed: int) -> dict[str, Call]:
    """Return the calls of 02-attention that its three faults can meet."""
    cases = attention_calls(seed)
    chosen = ("by hand", "no mask", "with a mask", "causal")
    high = (torch.tensor([[200.0, 0.0]]), torch.eye(2), torch.tensor([[1.0], [9.0]]))
    probe = Call(NAME, (*high, torch.tensor([[False, True]])))
    found = {
        name: Call(NAME, cases[name].args, grads=cases[name].grads) for name in chosen
    }
    low = Call(NAME, cases["very low scores"].args)
    return found | {"very low scores": low, "a high score that is hidden": probe}


def _broken(q, k, v, mask=None):
    weights = (q @ k.T).softmax(0)
    return (weights if mask is None else weights * mask) @ v


def _axis_and_mask(q, k, v, mask=None):
    weights = (q @ k.T / math.sqrt(q.shape[-1])).softmax(0)
    return (weights if mask is None else weights * mask) @ v


def _mask_and_scale(q, k, v, mask=None):
    return mask_after(q * math.sqrt(q.shape[-1]), k, v, mask)


def _axis_and_scale(q, k, v, mask=None):
    return wrong_axis(q * math.sqrt(q.shape[-1]), k, v, mask)


def _masked_powers(q, k, v, mask=None):
    weights = (q @ k.T / math.sqrt(q.shape[-1])).softmax(-1)
    if mask is None:
        return weights @ v
    weights = weights * mask
    return weights / weights.sum(-1, keepdim=True) @ v


TEXTS = {
    "hidden-afterwards": "Where a hidden score is very high, the allowed weights are "
    "rounded to 0 before you divide, and 0/0 is NaN. Hide the scores instead.",
    "nothing-mended": "It still does what the broken one did. Try one query by hand: "
    "do its weights sum to 1?",
    "axis-and-mask": "The scale is right now; two faults are left. In which direction "
    "must the weights sum to 1, and do they still, once keys are hidden?",
    "mask-and-scale": "The axis is right now; two faults are left. Multiply two long "
    "random vectors: how large are the scores? And where does the mask come in?",
    "axis-and-scale": "The mask is right now; two faults are left. Look at the axis of "
    "the softmax, and at the size of the scores.",
    "scale-left": "One fault is left: how large do the scores of long vectors get?",
    "mask-left": "One fault is left: hide the scores, not the finished weights, or the "
    "rest of a row no longer sums to 1.",
    "axis-left": "One fault is left: each query must share out its attention among "
    "the keys, the last axis.",
}
VERSIONS = {
    "hidden-afterwards": _masked_powers,
    "nothing-mended": _broken,
    "axis-and-mask": _axis_and_mask,
    "mask-and-scale": _mask_and_scale,
    "axis-and-scale": _axis_and_scale,
    "scale-left": no_scale,
    "mask-left": mask_after,
    "axis-left": wrong_axis,
}

CHECK = Check(
    calls,
    {NAME: attend},
    slips=slips(NAME, VERSIONS, TEXTS),
)
