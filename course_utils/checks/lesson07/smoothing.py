"""07-smoothing: rebuild the loss that asks for a little doubt."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson07.inputs import answers, losses, scores
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "label_smoothing_loss"
PADDING = "Failure 2: padding counts"


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then plain cross-entropy, padding, smoothing, extremes."""
    hand = torch.tensor([[0.75, 0.25]]).log()
    one, target = scores(seed, 6, 7), answers(seed, [6], 7)[0]
    batch, padded = scores(seed + 1, 3, 5, 11), answers(seed + 1, [5, 2, 3], 11)
    sure = batch.clone()
    sure[padded == 0] = torch.tensor([30.0] + [0.0] * 10)
    other = answers(seed + 2, [4, 4], 9)
    other[0, 2] = 5
    return {
        "by hand": Call(NAME, (hand, torch.tensor([1]), 0.5)),
        "no smoothing": Call(NAME, (one, target, 0.0), grads=True),
        "smoothing 0.1": Call(NAME, (one, target), grads=True),
        "a batch without padding": Call(NAME, (batch[:, :2], padded[:, :2], 0.2)),
        "padding": Call(NAME, (batch, padded, 0.0), grads=True),
        "padding and smoothing": Call(NAME, (batch, padded, 0.3), grads=True),
        "sure about the padding": Call(NAME, (sure, padded)),
        "padding is token 5": Call(
            NAME, (scores(seed + 2, 2, 4, 9), other), {"pad_id": 5}
        ),
        "large scores": Call(NAME, (1000 * batch, padded)),
        "float64": Call(NAME, (scores(seed + 3, 2, 3, 9).double(), other[:, :3])),
    }


def asked(targets, V, smoothing, kind):
    """Return the distribution that each position is asked for, as a (…, V) table."""
    wish = torch.zeros(*targets.shape, V, dtype=kind.dtype) + smoothing / V
    rows = wish.view(-1, V)
    rows[torch.arange(len(rows)), targets.flatten()] += 1 - smoothing
    return wish


def _right(logits, targets, smoothing=0.1, pad_id=0):
    wish = asked(targets, logits.shape[-1], smoothing, logits)
    kept = [
        losses(x, w)
        for x, w, t in zip(
            logits.flatten(0, -2), wish.flatten(0, -2), targets.flatten(), strict=True
        )
        if t != pad_id
    ]
    return torch.stack(kept).sum() / len(kept)


def _pieces(logits, targets):
    """Return −ln p of the right word, and of every word, at each position."""
    every = logits.logsumexp(-1, keepdim=True) - logits
    return every.gather(-1, targets[..., None])[..., 0], every


def version(mix=None, mean=None, pad=True):
    """Return the loss with another way to mix, or to average."""

    def wrong(logits, targets, smoothing=0.1, pad_id=0):
        surprise, every = _pieces(logits, targets)
        if mix:
            each = mix(surprise, every, smoothing, logits.shape[-1])
        else:
            each = (1 - smoothing) * surprise + smoothing * every.mean(-1)
        words = targets != (pad_id if pad else 0)
        return mean(each, words) if mean else each[words].mean()

    return {NAME: wrong}


def _others(surprise, every, smoothing, V):
    rest = (every.sum(-1) - surprise) / (V - 1)
    return (1 - smoothing) * surprise + smoothing * rest


def _of_probabilities(logits, targets, smoothing=0.1, pad_id=0):
    p = logits.softmax(-1)
    each = (1 - smoothing) * p.gather(-1, targets[..., None])[..., 0]
    return -(each + smoothing * p.mean(-1))[targets != pad_id].mean()


def _log_of_softmax(logits, targets, smoothing=0.1, pad_id=0):
    log_p = logits.softmax(-1).log()
    surprise = -log_p.gather(-1, targets[..., None])[..., 0]
    each = (1 - smoothing) * surprise - smoothing * log_p.mean(-1)
    return each[targets != pad_id].mean()


def _by_sentence(each, words):
    if each.ndim == 1:
        return each[words].mean()
    return ((each * words).sum(-1) / words.sum(-1)).mean()


def _axis_left(logits, targets, smoothing=0.1, pad_id=0):
    log_p = logits.log_softmax(-1)
    each = (smoothing - 1) * log_p.gather(-1, targets[..., None])
    return (each - smoothing * log_p.mean(-1))[targets != pad_id].mean()


SLIPS = {
    "axis-left": (
        {NAME: _axis_left},
        "`gather` keeps the last axis, with size 1, so `(B, T, 1)` meets `(B, T)`: "
        "take it away with `.squeeze(-1)` before you mix.",
        "",
    ),
    "padding-counts": (
        version(mean=lambda each, words: each.mean()),
        "Positions whose target is padding count as well. They are child's play, and "
        "the loss looks better the more of them there are: leave them out.",
        PADDING,
    ),
    "divided-by-all": (
        version(mean=lambda each, words: (each * words).mean()),
        "Padding is set to 0, but the mean still divides by *all* positions. Divide by "
        "the number of words.",
        PADDING,
    ),
    "sentence-means": (
        version(mean=_by_sentence),
        "You average each sentence, then the averages: a word of a short sentence "
        "weighs more. Take one mean over all words of the batch.",
        PADDING,
    ),
    "sum-not-mean": (
        version(mean=lambda each, words: each[words].sum()),
        "You return the sum over the words, not the mean: it grows with the batch.",
        "",
    ),
    "pad-id-ignored": (
        version(pad=False),
        "Padding is token 0 here whatever `pad_id` says.",
        PADDING,
    ),
    "smoothing-ignored": (
        version(mix=lambda surprise, every, e, V: surprise),
        "This is plain cross-entropy: the argument `smoothing` changes nothing.",
        "",
    ),
    "shares-swapped": (
        version(
            mix=lambda surprise, every, e, V: e * surprise + (1 - e) * every.mean(-1)
        ),
        "The shares are swapped: the right word keeps 1 − ε, and ε is spread.",
        "",
    ),
    "spread-over-others": (
        version(mix=_others),
        "ε is spread over the *other* words, V − 1 of them. The lesson spreads it over "
        "all V, the right one included (so that one is asked for 1 − ε + ε/V).",
        "",
    ),
    "sum-over-words": (
        version(mix=lambda s, every, e, V: (1 - e) * s + e * every.sum(-1)),
        "Every word gets the whole of ε. It is to be shared among them: the mean over "
        "the words, not the sum.",
        "",
    ),
    "nothing-taken-away": (
        version(mix=lambda s, every, e, V: s + e * every.mean(-1)),
        "You add the part that is spread and take nothing away: the shares are 1 and "
        "ε, and should be 1 − ε and ε.",
        "",
    ),
    "only-taken-away": (
        version(mix=lambda s, every, e, V: (1 - e) * s),
        "You take ε away from the right word and give it to nobody. That makes the "
        "loss smaller and asks for no doubt.",
        "",
    ),
    "sign": (
        version(mix=lambda s, every, e, V: -(1 - e) * s - e * every.mean(-1)),
        "The sign is turned. The loss is −ln p, so that a small one is good.",
        "",
    ),
    "no-logarithm": (
        {NAME: _of_probabilities},
        "The logarithm is missing: −p instead of −ln p.",
        "",
    ),
    "log-of-zero": (
        {NAME: _log_of_softmax},
        "With large scores a probability rounds to 0, and ln 0 is −∞. `log_softmax` "
        "takes both steps at once and never forms the 0.",
        "",
    ),
}
OWN = "This exercise is about writing it yourself, from `log_softmax` and `gather`: "

CHECK = Check(
    calls,
    {NAME: _right},
    slips=tuple(
        Slip(name, text, answer, section)
        for name, (answer, text, section) in SLIPS.items()
    ),
    forbids={
        "cross_entropy": f"{OWN}PyTorch's function with these options is off limits "
        "this once.",
        "CrossEntropyLoss": f"{OWN}PyTorch's module is off limits this once.",
        "label_smoothing_loss": f"{OWN}leave the course's own version aside.",
    },
)
