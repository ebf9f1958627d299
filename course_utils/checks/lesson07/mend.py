"""07-mend: find why a loss falls when padding is added."""

import torch
from torch.nn import functional as F

from course_utils.answers import Call
from course_utils.checks.lesson07.inputs import answers, losses, scores
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "mended_loss"


def calls(seed: int) -> dict[str, Call]:
    """Return a sentence by hand, batches, and the same with padding added."""
    V = 9
    hand = torch.zeros(1, 4, 4)
    hand[0, 2:, 0] = 6.0
    target = torch.tensor([[3, 2, 0, 0]])
    batch = scores(seed, 3, 6, V)
    words = answers(seed, [6, 2, 3], V)
    sure = scores(seed + 1, 3, 4, V)
    sure[..., 0] += 20
    wider = torch.cat([batch, sure], dim=1), F.pad(words, (0, 4))

    def ask(logits, target, **options):
        return Call(NAME, (logits, _shifted(target), target), **options)

    return {
        "by hand: every word costs ln 4": ask(hand, target),
        "no padding": ask(batch[:1], words[:1], grads=True),
        "padding in two of three": ask(batch, words, grads=True),
        "the same, four columns longer": ask(*wider, grads=True),
        "one word each": ask(batch[:, :1], torch.full((3, 1), 2)),
        "float64": ask(scores(seed + 2, 2, 5, 7).double(), answers(seed, [5, 3], 7)),
    }


def _shifted(target):
    return F.pad(target[:, :-1], (1, 0), value=1)


def mended(logits, read, target):
    """Return the mean of −ln p over the words: position by position."""
    wish = F.one_hot(target, logits.shape[-1]).to(logits)
    each = losses(logits, wish)
    return (
        sum(x for x, t in zip(each.flatten(), target.flatten(), strict=True) if t)
        / (target != 0).sum()
    )


def version(which, mean):
    """Return the loss with some other positions, or another mean."""

    def wrong(logits, read, target):
        wish = F.one_hot(target, logits.shape[-1]).to(logits)
        return mean(losses(logits, wish), which(read, target))

    return {NAME: wrong}


def _of_read(read, target):
    return read != 0


def _of_target(read, target):
    return target != 0


def _everywhere(read, target):
    return torch.ones_like(target, dtype=torch.bool)


def _all_positions(each, words):
    return (each * words).mean()


def _sentences(each, words):
    return ((each * words).sum(1) / words.sum(1)).mean()


def _chosen(each, words):
    return each[words].mean()


def _smoothed(logits, read, target):
    log_p = logits.log_softmax(-1)
    right = log_p.gather(-1, target[..., None])[..., 0]
    return -(0.9 * right + 0.1 * log_p.mean(-1))[target != 0].mean()


def _compared_with_read(logits, read, target):
    return mended(logits, read, read)


SLIPS = {
    "smoothed": (
        {NAME: _smoothed},
        "Padding is left out now. But this loss is smoothed by 0.1, the default of "
        "exercise 2; here −ln p of the right word alone is wanted.",
    ),
    "compared-with-read": (
        {NAME: _compared_with_read},
        "The scores are compared with what was *read*. They must be compared with what "
        "is to be *written*: `target`.",
    ),
    "nothing-mended": (
        version(_of_read, _all_positions),
        "It still does what the broken one did. In the case by hand two words cost "
        "ln 4 each: what must the mean be, and which positions are in it?",
    ),
    "mean-left": (
        version(_of_target, _all_positions),
        "The right positions are chosen now; one fault is left. `mean()` still divides "
        "by *all* positions, so the loss falls with every column of padding.",
    ),
    "positions-left": (
        version(_of_read, _chosen),
        "The mean is taken over the chosen positions only now; one fault is left: "
        "which ones are chosen? At the place of the first padding the decoder *reads* "
        "the end token, and must *write* padding.",
    ),
    "everything-counts": (
        version(_everywhere, _chosen),
        "Now every position counts, padding included. Choose those whose target is a "
        "word.",
    ),
    "sentence-means": (
        version(_of_target, _sentences),
        "Padding is left out now. But you average each sentence first, and a word of a "
        "short sentence weighs more: take one mean over all words.",
    ),
    "sentence-means-positions-left": (
        version(_of_read, _sentences),
        "Each sentence is averaged by itself, so a word of a short one weighs more: "
        "take one mean over all words. And which positions are words: those that are "
        "read, or those that must be written?",
    ),
    "batch-mean": (
        version(_of_target, lambda each, words: (each * words).sum() / len(each)),
        "You divide by the number of sentences. Divide by the number of words.",
    ),
    "sum": (
        version(_of_target, lambda each, words: each[words].sum()),
        "Padding is left out now, but this is the sum over the words, not their mean.",
    ),
    "end-left-out": (
        version(lambda read, target: (target != 0) & (target != 2), _chosen),
        "The end token is left out as well. It is no padding: the model must learn "
        "when to stop.",
    ),
}

CHECK = Check(
    calls,
    {NAME: mended},
    slips=tuple(Slip(name, text, wrong) for name, (wrong, text) in SLIPS.items()),
)
