"""01-watch: transfer the loop to one that also measures a text kept aside."""

import math

from course_utils.answers import Build, Call
from course_utils.checks.lesson01.fit import loose_ends
from course_utils.checks.lesson01.inputs import (
    batches,
    loop,
    loss_of,
    model,
    plain_batch,
    plain_model,
    steps,
)
from course_utils.checks.spec import Check, slips
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "fit_and_watch"


def calls(seed: int) -> dict[str, Call]:
    """Return one step by hand, the default, then measurements of several kinds.

    The weights must come out as if nothing had been measured.
    """
    some, net, aside = batches(seed, 6), model(seed), batches(seed + 1, 1)[0]
    one = {"held_out": plain_batch()}
    return {
        "one step": _call(plain_model(), [plain_batch()], 1, **one),
        "nothing kept aside": _call(net, some, 4),
        "after every step": _call(net, some, 3, held_out=aside),
        "after every second step": _call(net, some, 5, held_out=aside, every=2),
        "another learning rate": _call(net, some, 4, lr=0.1, held_out=aside, every=3),
        "a stream that ends early": _call(net, some[:2], 5, held_out=aside),
        "measured less often than steps": _call(net, some, 2, held_out=aside, every=5),
    }


def _call(net: Build, stream, n: int, **options) -> Call:
    return Call(NAME, (net, stream, n), options, watch=(0,))


def _measure(model, pair) -> float:
    return loss_of(model(pair[0]), pair[1]).item()


def _fit_and_watch(model, batches, n, lr=1e-2, held_out=None, every=1):
    losses, watched = [], []
    for step, loss in enumerate(steps(model, batches, n, lr), start=1):
        losses.append(loss)
        if held_out is not None and step % every == 0:
            watched.append(_measure(model, held_out))
    return losses, watched


def _always_unpacked(model, batches, n, lr=1e-2, held_out=None, every=1):
    inputs, targets = held_out
    return _fit_and_watch(model, batches, n, lr, (inputs, targets), every)


def _stepwise(model, batches, n, lr, held_out, at, before=False):
    """Measure at the steps that `at` chooses, before or after the step."""
    losses, watched = [], []
    stream = steps(model, batches, n, lr)
    step = 0
    while True:
        early = None if held_out is None else _measure(model, held_out)
        loss = next(stream, None)
        if loss is None:
            return losses, watched
        losses.append(loss)
        if held_out is not None and at(step):
            watched.append(early if before else _measure(model, held_out))
        step += 1


def _before_step(model, batches, n, lr=1e-2, held_out=None, every=1):
    return _stepwise(
        model, batches, n, lr, held_out, lambda i: (i + 1) % every == 0, True
    )


def _from_zero(model, batches, n, lr=1e-2, held_out=None, every=1):
    return _stepwise(model, batches, n, lr, held_out, lambda i: i % every == 0)


def _from_zero_before(model, batches, n, lr=1e-2, held_out=None, every=1):
    return _stepwise(model, batches, n, lr, held_out, lambda i: i % every == 0, True)


def _every_ignored(model, batches, n, lr=1e-2, held_out=None, every=1):
    return _fit_and_watch(model, batches, n, lr, held_out)


def _training_loss(model, batches, n, lr=1e-2, held_out=None, every=1):
    losses = loop(model, batches, n, lr)
    return losses, [] if held_out is None else losses[every - 1 :: every]


def _at_the_end(model, batches, n, lr=1e-2, held_out=None, every=1):
    losses = loop(model, batches, n, lr)
    return losses, [] if held_out is None else [_measure(model, held_out)]


def learns_from_it(model, batches, n, lr=1e-2, held_out=None, every=1):
    """Take a step on the text kept aside too: one Adam, two steps."""
    watched = []

    def stream():
        for step, pair in enumerate(batches, start=1):
            if step > n:
                return
            yield pair
            if held_out is not None and step % every == 0:
                watched.append(True)
                yield held_out
                watched.append(False)

    every_loss = loop(model, stream(), None, lr)
    if held_out is None:
        return every_loss, []
    kept = [(i + 1) % (every + 1) == 0 for i in range(len(every_loss))]
    pairs = list(zip(every_loss, kept, strict=True))
    return [x for x, k in pairs if not k], [x for x, k in pairs if k]


def _in_pieces(model, batches, n, lr=1e-2, held_out=None, every=1):
    losses, watched, stream = [], [], iter(batches)
    for _ in range(0, n, every):
        losses += loop(model, stream, every, lr)
        if held_out is not None:
            watched.append(_measure(model, held_out))
    return losses, watched


def _restarted(model, batches, n, lr=1e-2, held_out=None, every=1):
    if held_out is None:
        return loop(model, batches, n, lr), []
    losses, watched = [], []
    for _ in range(0, n, every):
        losses += loop(model, batches, every, lr)
        watched.append(_measure(model, held_out))
    return losses, watched


def _fits_it_too(model, batches, n, lr=1e-2, held_out=None, every=1):
    losses = loop(model, batches, n, lr)
    return losses, [] if held_out is None else loop(model, [held_out], n, lr)


def _too_many(model, batches, n, lr=1e-2, held_out=None, every=1):
    return _fit_and_watch(model, batches, n + 1, lr, held_out, every)


def _too_few(model, batches, n, lr=1e-2, held_out=None, every=1):
    return _fit_and_watch(model, batches, n - 1, lr, held_out, every)


def _one_list(model, batches, n, lr=1e-2, held_out=None, every=1):
    return _fit_and_watch(model, batches, n, lr, held_out, every)[0]


def _turned(model, batches, n, lr=1e-2, held_out=None, every=1):
    return _fit_and_watch(model, batches, n, lr, held_out, every)[::-1]


ANSWERS = {
    "default-fails": _always_unpacked,
    "measured-before-the-step": _before_step,
    "counted-from-zero": _from_zero,
    "before-and-from-zero": _from_zero_before,
    "every-ignored": _every_ignored,
    "training-loss-again": _training_loss,
    "only-at-the-end": _at_the_end,
    "learns-from-it": learns_from_it,
    "trains-on-it-afterwards": _fits_it_too,
    "trained-in-pieces": _in_pieces,
    "started-again": _restarted,
    "one-step-too-many": _too_many,
    "one-step-too-few": _too_few,
    "one-list": _one_list,
    "lists-swapped": _turned,
}
TEXTS = {
    "default-fails": "Without a text kept aside `held_out` is None, and None cannot "
    "be taken apart. Measure only `if held_out is not None`.",
    "measured-before-the-step": "The text kept aside is measured before the step, so "
    "every number belongs to the model one step earlier. Measure after "
    "`optimizer.step()`.",
    "counted-from-zero": "You measure after step 1 even where `every` is 2. Counting "
    "from 0, `step % every == 0` is true at once: let the count begin with 1.",
    "before-and-from-zero": "You measure before the step, and already at the first. "
    "Measure after `optimizer.step()`, and let the count begin with 1.",
    "every-ignored": "The argument `every` is never used: you measure after each step.",
    "training-loss-again": "The second list repeats the training loss. Compute the "
    "loss of the model on `held_out`.",
    "only-at-the-end": "You measure once, when training is over. Measure within the "
    "loop, each time the number of steps is a multiple of `every`.",
    "learns-from-it": "The model takes steps on the text kept aside too. Then nothing "
    "is left that it has not seen: measure the loss, and no `backward()` from it.",
    "trains-on-it-afterwards": "`fit` *trains* on what it is given, so the model "
    "learns from the text kept aside. Only measure its loss there.",
    "trained-in-pieces": "Each piece of training begins with a new optimizer, which "
    "has forgotten how large its steps were. Keep one, and measure within one loop.",
    "started-again": "Each call of `fit` makes a new Adam, and begins a list of "
    "batches again. Write one loop, and measure within it.",
    "one-step-too-many": "You take one step too many: with `steps=4` there must be 4.",
    "one-step-too-few": "You take one step too few. `range(1, n)` ends before n; "
    "`range(1, n + 1)` counts from 1 to n.",
    "one-list": "Only one list came back. The card asks for two, also where the "
    "second is empty: `return losses, held_out_losses`.",
    "lists-swapped": "The two lists are swapped: the training losses come first.",
}


def _of_class(answer, base, *given, **options):
    """Measure the second list in a unit of the class."""
    losses, watched = answer(*given, **options)
    return losses, [one / math.log(base) for one in watched]


def _card(base) -> str:
    return (
        f"Give the losses on `held_out` as logarithms to the base {base}: "
        f"divide each by ln {base}. The first list stays as it is."
    )


CHECK = Check(
    calls,
    {NAME: _fit_and_watch},
    slips=slips(NAME, ANSWERS, TEXTS),
    extra=loose_ends,
    vary=varied("01-watch", range(3, 40), _card, _of_class),
)
