"""21-step: complete one step of attention that keeps its keys and values."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson21.inputs import looped_attention
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "attend_step"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then several lengths, an empty past, large scores."""
    one = torch.ones(1, 1, 2)
    hand = (0 * one, one, 4 * one, one, 2 * one)
    return {
        "by hand": Call(NAME, hand),
        "a past of four": Call(NAME, _inputs(seed, 3, 4)),
        "a past of seven": Call(NAME, _inputs(seed + 1, 2, 7), grads=True),
        "no past yet": Call(NAME, _inputs(seed + 2, 3, 0)),
        "large scores": Call(NAME, _inputs(seed + 3, 2, 5, 100.0)),
        "float64": Call(NAME, _inputs(seed + 4, 2, 3, dtype=torch.float64)),
    }


def _inputs(seed, H, S, size=1.0, D=4, dtype=torch.float32):
    now, past = (H, 1, D), (H, S, D)
    q, k, v, past_k, past_v = draw(seed, now, now, now, past, past, dtype=dtype)
    return size * q, k, v, past_k, past_v


def attend_step(q, k, v, past_k, past_v):
    """Return the right output, keys and values."""
    k, v = torch.cat([past_k, k], 1), torch.cat([past_v, v], 1)
    return looped_attention(q, k, v), k, v


def _look(q, k, v, scale=True):
    scores = q @ k.transpose(-2, -1)
    return (scores / q.shape[-1] ** 0.5 if scale else scores).softmax(-1) @ v


def _join(past_k, past_v, k, v):
    return torch.cat([past_k, k], 1), torch.cat([past_v, v], 1)


def _only_new(q, k, v, past_k, past_v):
    return _look(q, k, v), *_join(past_k, past_v, k, v)


def _only_past(q, k, v, past_k, past_v):
    return _look(q, past_k, past_v), *_join(past_k, past_v, k, v)


def _new_first(q, k, v, past_k, past_v):
    k, v = _join(k, v, past_k, past_v)
    return _look(q, k, v), k, v


def _forgets(q, k, v, past_k, past_v):
    return _look(q, *_join(past_k, past_v, k, v)), k, v


def _never_grows(q, k, v, past_k, past_v):
    return _look(q, *_join(past_k, past_v, k, v)), past_k, past_v


def _unscaled(q, k, v, past_k, past_v):
    k, v = _join(past_k, past_v, k, v)
    return _look(q, k, v, scale=False), k, v


def _old_values(q, k, v, past_k, past_v):
    keys, values = _join(past_k, past_v, k, v)
    return _look(q, keys, values), keys, torch.cat([past_v, past_v[:, -1:]], 1)


def _keys_as_values(q, k, v, past_k, past_v):
    k, v = _join(past_k, past_v, k, v)
    return _look(q, k, k), k, v


def _output_alone(q, k, v, past_k, past_v):
    return _look(q, *_join(past_k, past_v, k, v))


ANSWERS = {
    "only-the-new": _only_new,
    "only-the-past": _only_past,
    "new-first": _new_first,
    "forgets": _forgets,
    "never-grows": _never_grows,
    "unscaled": _unscaled,
    "keys-as-values": _keys_as_values,
    "output-alone": _output_alone,
}
TEXTS = {
    "only-the-new": "The new token looks at itself alone. It must look at the whole "
    "past and at itself: join first, then attend.",
    "only-the-past": "The new token looks at the past but not at itself. Position t "
    "may see positions 0 … t: join its own key and value before you attend.",
    "new-first": "The new key stands in front of the old ones. The result of this step "
    "is right all the same, for attention knows no order, but the store is not in the "
    "order of the text any more. Append at the end.",
    "forgets": "You return the new key and value alone, so the next step knows one "
    "token. Return the joined ones: they are the memory.",
    "never-grows": "You return the old keys and values, so the new token is forgotten "
    "at the next step. Return the joined ones.",
    "unscaled": "The scores are not divided by √D. A cache changes nothing in the "
    "formula of attention.",
    "keys-as-values": "The weights average the *keys*. Values have their own store, "
    "and it is what is averaged.",
    "output-alone": "You return the output alone. Who calls the next step needs the "
    "longer keys and values as well: return three tensors.",
}

CHECK = Check(
    calls,
    {NAME: attend_step},
    slips=slips(NAME, ANSWERS, TEXTS),
)
