"""02-bias: transfer attention to scores with something added to them."""

import math

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson02.inputs import attend, holes
from course_utils.checks.spec import Check, Slip
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

T, S, D, E = 4, 6, 5, 3


def calls(seed: int) -> dict[str, Call]:
    """Return the default (which must change nothing), biases, and biases with masks."""
    q, k, v, bias = draw(seed, (T, D), (S, D), (S, E), (T, S))
    mask = holes(T, S, seed)
    strong = torch.where(mask, 0.0, 50.0)
    near = -(torch.arange(T)[:, None] - torch.arange(S)[None, :]).abs().float()
    hand = (torch.zeros(1, 1), torch.zeros(2, 1), torch.tensor([[0.0], [4.0]]))
    return {
        "by hand": Call(
            "attention_with_bias",
            hand,
            {"bias": torch.tensor([[0.0, math.log(3.0)]])},
        ),
        "no bias": Call("attention_with_bias", (q, k, v), grads=True),
        "no bias, with a mask": Call("attention_with_bias", (q, k, v, mask)),
        "a bias": Call("attention_with_bias", (q, k, v), {"bias": bias}, grads=True),
        "the same bias for all": Call(
            "attention_with_bias", (q, k, v), {"bias": bias[:1]}
        ),
        "a distance": Call("attention_with_bias", (q, k, v, mask), {"bias": near}),
        "a strong bias on hidden keys": Call(
            "attention_with_bias", (q, k, v, mask), {"bias": strong}
        ),
        "a huge bias on hidden keys": Call(
            "attention_with_bias", (q, k, v, mask), {"bias": 2e8 * strong}
        ),
        "an integer bias of zeros": Call(
            "attention_with_bias", (q, k, v), {"bias": torch.zeros(T, S)}
        ),
    }


def _plain(q, k, v, mask=None, bias=None):
    return attend(q, k, v, mask)


def _before_scale(q, k, v, mask=None, bias=None):
    scaled = None if bias is None else bias / math.sqrt(q.shape[-1])
    return attend(q, k, v, mask, scaled)


def _after_softmax(q, k, v, mask=None, bias=None):
    out = attend(q, k, v, mask)
    return out if bias is None else out + bias.expand(len(q), len(k)) @ v


def _subtracted(q, k, v, mask=None, bias=None):
    return attend(q, k, v, mask, None if bias is None else -bias)


def _multiplied(q, k, v, mask=None, bias=None):
    if bias is None:
        return attend(q, k, v, mask)
    scores = q @ k.T / math.sqrt(q.shape[-1]) * bias
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return scores.softmax(-1).nan_to_num() @ v


def _after_mask(q, k, v, mask=None, bias=None):
    scores = q @ k.T / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -20.0)
    scores = scores if bias is None else scores + bias
    return scores.softmax(-1) @ v


def _of_class(answer, weight, q, k, v, mask=None, bias=None):
    """Weigh the bias by a number of the class."""
    return answer(q, k, v, mask, None if bias is None else weight * bias)


def _card(weight) -> str:
    return (
        f"The bias counts {weight} times: add {weight} · `bias` to the scaled scores. "
        f"(The example by hand then holds for the biases 0 and (ln 3) / {weight}.)"
    )


CHECK = Check(
    calls,
    {"attention_with_bias": attend},
    slips=(
        Slip(
            "bias-ignored", "The bias is never used.", {"attention_with_bias": _plain}
        ),
        Slip(
            "bias-scaled",
            "The bias is divided by √D too: it is added before the scale. Scale the "
            "products first, then add.",
            {"attention_with_bias": _before_scale},
            "One more thing: the scale",
        ),
        Slip(
            "bias-after-softmax",
            "The bias is added to the weights, after the softmax, so rows no longer "
            "sum to 1. It belongs to the scores.",
            {"attention_with_bias": _after_softmax},
        ),
        Slip(
            "bias-subtracted",
            "The sign is turned: a positive bias must make a key more attractive.",
            {"attention_with_bias": _subtracted},
        ),
        Slip(
            "bias-multiplied",
            "The bias multiplies the scores. It is to be added.",
            {"attention_with_bias": _multiplied},
        ),
        Slip(
            "bias-unhides",
            "A strong bias brings hidden keys back, since it is added after hiding "
            "them. Hide last, by −∞ or the lowest number of the dtype.",
            {"attention_with_bias": _after_mask},
            "The causal mask",
        ),
    ),
    vary=varied("02-bias", [n / 10 for n in range(15, 60) if n % 10], _card, _of_class),
)
