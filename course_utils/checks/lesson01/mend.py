"""01-mend: find what is wrong in a loop that runs without complaint."""

from course_utils.answers import Build, Call
from course_utils.checks.lesson01.fit import fit, loose_ends
from course_utils.checks.lesson01.inputs import (
    batches,
    loop,
    loss_of,
    model,
    plain_batch,
    plain_model,
)
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "mended_fit"
LOSS = "2 · Numbers become a guess"


def calls(seed: int) -> dict[str, Call]:
    """Return one step by hand, then one and several of a random model."""
    some, net = batches(seed, 5), model(seed)
    return {
        "one step, all guesses equal: ln 4": _call(plain_model(), [plain_batch()], 1),
        "one step": _call(net, some, 1),
        "five steps": _call(net, some, 5),
        "another learning rate": _call(net, some[:3], 4, lr=0.05),
    }


def _call(net: Build, stream, n: int, **options) -> Call:
    return Call(NAME, (net, stream, n), options, watch=(0,))


def _version(dim: int, clear: bool, moves: bool = True):
    """Return the loop with a softmax along `dim`, with or without clearing."""

    def loss(logits, targets):
        chosen = logits.softmax(dim).gather(-1, targets[..., None])
        return -chosen.log().mean()

    def version(model, batches, n, lr=1e-2):
        return loop(model, batches, n, lr * moves, loss=loss, clear=clear)

    return version


def _loss_of_softmax(logits, targets):
    return loss_of(logits.softmax(-1), targets)


def _twice(model, batches, n, lr=1e-2):
    return loop(model, batches, n, lr, loss=_loss_of_softmax)


STILL = "The gradients are still added up from step to step."
ANSWERS = {
    "nothing-mended": _version(0, False),
    "axis-left": _version(0, True),
    "clearing-left": _version(-1, False),
    "other-axis": _version(1, True),
    "other-axis-and-clearing": _version(1, False),
    "softmax-twice": _twice,
    "nothing-moves": _version(-1, True, moves=False),
    "nothing-moves-axis-left": _version(0, True, moves=False),
}
TEXTS = {
    "nothing-mended": "It still does what the broken one did. The model here gives "
    "each of 4 words the same probability: where must its loss start?",
    "axis-left": "The gradients are cleared now; one fault is left. For each position, "
    "the probabilities of all *words* must sum to 1. Do they?",
    "clearing-left": "The softmax is right now; one fault is left, and it shows from "
    "the second step on. What does PyTorch do with the gradients of the step before? "
    "Clear them in every step.",
    "other-axis": "The gradients are cleared now. The softmax has moved to axis 1, "
    "along the positions of a window; the scores of the words lie on the last axis.",
    "other-axis-and-clearing": "The softmax has moved to axis 1, along the positions "
    f"of a window; the scores of the words lie on the last axis. {STILL}",
    "softmax-twice": "The gradients are cleared now. But `cross_entropy` takes "
    "scores and has the softmax inside: with probabilities it is taken twice.",
    "nothing-moves": "The loss is right now, but the weights never move: gradients "
    "that are cleared between `backward()` and `step()` are gone before they are used.",
    "nothing-moves-axis-left": "The weights never move: gradients that are cleared "
    "between `backward()` and `step()` are gone before they are used. And along which "
    "axis must the probabilities sum to 1?",
}

CHECK = Check(
    calls,
    {NAME: fit},
    slips=tuple(
        Slip(
            name,
            text,
            {NAME: ANSWERS[name]},
            LOSS if "axis" in name or "soft" in name else "",
        )
        for name, text in TEXTS.items()
    ),
    extra=loose_ends,
)
