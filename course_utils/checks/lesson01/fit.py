"""01-fit: rebuild the loop that trains a model."""

from itertools import islice

import torch

from course_utils.answers import Build, Call
from course_utils.checks.lesson01.inputs import (
    batches,
    holds_tensors,
    loop,
    model,
    plain_batch,
    plain_model,
    steps,
)
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK", "fit", "loose_ends"]


def calls(seed: int) -> dict[str, Call]:
    """Return one step by hand, then more steps, an endless stream, and one that ends.

    After each the losses and the weights must be right.
    """
    some, net = batches(seed, 6), model(seed)
    stream = Build("course_utils.answers.objects.endless", (some[:4],))
    exact = Build("course_utils.answers.objects.endless", (some[:4], 3))
    return {
        "one step, all guesses equal: ln 4": _call(plain_model(), [plain_batch()], 1),
        "five steps": _call(net, some[:5], 5),
        "fewer steps than batches": _call(net, some, 2),
        "another learning rate": _call(net, some[:3], 3, {"lr": 0.1}),
        "a stream without end": _call(net, stream, 5),
        "a stream that ends early": _call(net, some[:2], 5),
        "no pair more than steps": _call(net, exact, 3),
        "no step at all": _call(net, some, 0),
    }


def _call(net: Build, stream, n: int, options: dict | None = None) -> Call:
    return Call("fit", (net, stream, n), options or {}, watch=(0,))


def loose_ends(outcomes, expected) -> tuple[str, str] | None:
    """Notice losses that still hang on to their computation."""
    if any(holds_tensors(one.value) for one in outcomes.values()):
        return (
            "losses-are-tensors",
            "All numbers are right, but the losses are tensors, and a loss that can "
            "still go backward keeps its whole computation in memory. `loss.item()` "
            "is the number alone.",
        )
    return None


def fit(model, batches, n, lr=1e-2):
    """Train as the card asks; a right answer."""
    return list(steps(model, batches, n, lr))


def _one_batch_again(model, batches, n, lr=1e-2):
    first = next(iter(batches))
    return loop(model, [first] * n, n, lr)


def _new_optimizer(model, batches, n, lr=1e-2):
    return [loop(model, [one], 1, lr)[0] for one in islice(batches, n)]


def _by_index(model, batches, n, lr=1e-2):
    return loop(model, (batches[i] for i in range(n)), n, lr)


def _must_not_end(model, batches, n, lr=1e-2):
    stream = iter(batches)
    first = [next(stream) for _ in range(n)]
    return loop(model, first, n, lr)


def _next_of_a_list(model, batches, n, lr=1e-2):
    return loop(model, (next(batches) for _ in range(n)), n, lr)


def _until(batches, n):
    for i, pair in enumerate(batches):
        if i == n:
            return
        yield pair


def _draws_ahead(model, batches, n, lr=1e-2):
    return loop(model, _until(batches, n), None, lr)


def _swapped(model, batches, n, lr=1e-2):
    return loop(model, ((b, a) for a, b in batches), n, lr)


def _sgd(model, batches, n, lr=1e-2):
    return loop(model, batches, n, lr, rule=torch.optim.SGD)


def _leaves_early(model, batches, n, lr=1e-2):
    return loop(model, batches, min(n, 1), lr) if n else None


def _nested(model, batches, n, lr=1e-2):
    return loop(model, (one for _ in range(n) for one in batches), None, lr)


def _mean_only(model, batches, n, lr=1e-2):
    losses = loop(model, batches, n, lr)
    return sum(losses) / n


def _last_only(model, batches, n, lr=1e-2):
    losses = loop(model, batches, n, lr)
    return losses[-1] if losses else None


ANSWERS = {
    "no-zero-grad": lambda m, b, n, lr=1e-2: loop(m, b, n, lr, clear=False),
    "nothing-moves": lambda m, b, n, lr=1e-2: loop(m, b, n, 0.0),
    "new-optimizer-each-step": _new_optimizer,
    "another-rule": _sgd,
    "rate-not-handed-on": lambda m, b, n, lr=1e-2: loop(m, b, n, 1e-3),
    "rate-ignored": lambda m, b, n, lr=1e-2: loop(m, b, n),
    "steps-ignored": lambda m, b, n, lr=1e-2: loop(m, b, None, lr),
    "one-step-too-many": lambda m, b, n, lr=1e-2: loop(m, b, n + 1, lr),
    "one-batch-again": _one_batch_again,
    "indexes-the-stream": _by_index,
    "next-of-a-list": _next_of_a_list,
    "draws-ahead": _draws_ahead,
    "reads-all-first": lambda m, b, n, lr=1e-2: loop(m, list(b), n, lr),
    "does-not-end": _must_not_end,
    "inputs-and-targets-swapped": _swapped,
    "last-loss-only": _last_only,
    "leaves-after-first": _leaves_early,
    "loops-nested": _nested,
    "mean-loss-only": _mean_only,
}
TEXTS = {
    "no-zero-grad": "The gradients are never cleared. PyTorch adds the new ones to "
    "the old, so every step follows the sum of all gradients so far.",
    "nothing-moves": "The weights never move, so the model learns nothing. In each "
    "step `backward()` must fill the gradients, then `step()` must use them; "
    "`zero_grad()` must not come between the two.",
    "new-optimizer-each-step": "A new optimizer is made for each step. Adam adjusts "
    "its steps by what it has seen before, and a new one has seen nothing: make one, "
    "above the loop.",
    "another-rule": "These are steps of plain gradient descent (SGD). The card asks "
    "for Adam, which has a step size of its own for each parameter.",
    "rate-not-handed-on": "Adam runs with its own learning rate, 0.001. Hand `lr` on: "
    "`Adam(..., lr=lr)`.",
    "rate-ignored": "The argument `lr` is never used. Hand it on to the optimizer.",
    "steps-ignored": "The loop goes on until the batches end, whatever `steps` says. "
    "Most streams of batches never end.",
    "one-step-too-many": "You take one step too many. `range(steps)` counts from 0 and "
    "has exactly `steps` numbers.",
    "one-batch-again": "Every step learns from the first batch again. Take the next "
    "one each time: a `for` loop over `batches` does so.",
    "indexes-the-stream": "`batches` may be a stream, which has no places to look up: "
    "`batches[i]` works for lists only. Go through it with `for`.",
    "next-of-a-list": "`next` needs a stream that remembers its place, and `batches` "
    "may be a list. A `for` loop runs over both.",
    "draws-ahead": "You take one pair too many from the stream before you stop. "
    "`zip(range(steps), batches)` stops first.",
    "reads-all-first": "You read all batches before the first step. A stream may have "
    "no end: take one, learn from it, take the next.",
    "does-not-end": "Where the batches end before `steps` do, training should end "
    "there, without an error. `next` raises StopIteration; a `for` loop just stops.",
    "inputs-and-targets-swapped": "Inputs and targets are swapped: the model reads the "
    "inputs, and the loss compares its scores with the targets.",
    "leaves-after-first": "Training ends after one step. `return` leaves the function "
    "at once, even inside a loop: move it to the left, below the loop.",
    "loops-nested": "You go through all batches `steps` times, one loop inside the "
    "other. One loop is enough: one batch is one step.",
    "mean-loss-only": "You return the mean of the losses. The card asks for a list "
    "with the loss of every step.",
    "last-loss-only": "You return the last loss. The card asks for a list with the "
    "loss of every step.",
}
READY = "This exercise is about writing it yourself: leave the course's own loop aside."

CHECK = Check(
    calls,
    {"fit": fit},
    slips=slips("fit", ANSWERS, TEXTS),
    extra=loose_ends,
    forbids={"course_utils.learning.fit": READY},
)
