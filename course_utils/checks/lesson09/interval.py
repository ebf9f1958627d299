"""09-interval: transfer the bootstrap to sentences that belong together.

What is drawn is left to the answer, so the cases are such that every right answer
gives the same: statistics with few values, whose limits no luck can move.
"""

import torch

from course_utils.answers import Call, Dice, Ref
from course_utils.checks.spec import Check, slips
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "interval"
MEAN, SIZE = Ref("torch.mean"), Ref("torch.numel")
LARGEST, LEAST = Ref("torch.amax"), Ref("torch.amin")
FREE = frozenset({"the same dice", "the same dice again"})


def calls(seed: int) -> dict[str, Call]:
    """Return cases with and without groups; the last two only for `own_dice`."""
    generator = torch.Generator().manual_seed(seed)
    four = torch.randperm(40, generator=generator)[:4].sort().values.float()
    mixed = four[torch.randperm(4, generator=generator)]
    items, groups = _grouped(four, generator)
    many = torch.randn(30, generator=generator)
    pairs = torch.tensor([[6, 6], [4, 6], [3, 5], [2, 4], [1, 3]]).repeat(4, 1, 1)
    bleu = Ref("course_utils.metrics.bleu.bleu_from_counts")
    return {
        "all sentences score 0.5": _call(torch.full((6,), 0.5), MEAN, 20),
        "how many are drawn": _call(mixed, SIZE, 20, seed),
        "the largest of four": _call(mixed, LARGEST, 600, seed, confidence=0.97),
        "the middle 60 %": _call(mixed, LARGEST, 300, seed, confidence=0.6),
        "counts of BLEU": _call(pairs, bleu, 10, seed),
        "all in one group": _call(many, MEAN, 20, groups=torch.full((30,), 4)),
        "four groups, the least": _call(
            items, LEAST, 600, seed, confidence=0.97, groups=groups
        ),
        "groups of three: how many": _call(
            many, SIZE, 20, groups=torch.arange(30) % 10
        ),
        "the same dice": _call(many, MEAN, 100),
        "the same dice again": _call(many, MEAN, 100, kernel=1),
    }


def _call(items, statistic, resamples, seed=0, kernel=0, **options) -> Call:
    given = {"resamples": resamples, **options}
    return Call(NAME, (items, statistic, Dice(seed)), given, seed=kernel)


def _grouped(four, generator):
    """Return groups of 1 to 4 sentences, mixed up; the least of each is one of four.

    Each group holds large numbers beside its least one, so sentences drawn one by
    one give other limits.
    """
    sizes = torch.tensor([3, 1, 4, 2])
    labels = torch.tensor([7, 3, 9, 1]).repeat_interleave(sizes)
    items = 100 + torch.arange(10.0)
    items[[0, 3, 4, 8]] = four
    order = torch.randperm(10, generator=generator)
    return items[order], labels[order]


def _groups(items, groups):
    """Return the rows of each group; without groups, each row is one."""
    if groups is None:
        return items.split(1)
    return [items[groups == name] for name in groups.unique()]


def _redrawn(parts, generator, n=None):
    """Return what one redrawn test set holds."""
    n = len(parts) if n is None else n
    chosen = torch.randint(len(parts), (n,), generator=generator)
    return torch.cat([parts[i] for i in chosen.tolist()])


def _shuffled(parts, generator, n=None):
    order = torch.randperm(len(parts), generator=generator)
    return torch.cat([parts[i] for i in order.tolist()])


def _cut(scores, low, high):
    ends = torch.tensor([low, high], dtype=torch.float64)
    return tuple(torch.tensor(scores, dtype=torch.float64).quantile(ends).tolist())


def _middle(confidence):
    return (1 - confidence) / 2, (1 + confidence) / 2


def _version(parts_of=_groups, redraw=_redrawn, ends=_middle, full=False):
    def interval(items, statistic, dice, resamples=1000, confidence=0.95, groups=None):
        parts = parts_of(items, groups)
        n = len(items) if full else len(parts)
        scores = [float(statistic(redraw(parts, dice, n))) for _ in range(resamples)]
        return _cut(scores, *ends(confidence))

    return interval


def _one_of_each(items, groups):
    return [rows[:1] for rows in _groups(items, groups)]


def _average_of_each(items, groups):
    if groups is None:
        return items.split(1)
    return [rows.mean(0, keepdim=True) for rows in _groups(items, groups)]


def own_dice(outcomes, expected) -> tuple[str, str] | None:
    """Notice an answer that rolls other dice than it was given, or far too widely."""
    one, other = (outcomes[name].value for name in sorted(FREE))
    if list(map(float, one)) != list(map(float, other)):
        return (
            "other-dice",
            "The same generator with the same seed gives another interval: something "
            "is drawn without it. Hand it on: `generator=generator`.",
        )
    low, high = expected["the same dice"].value
    if abs((one[1] - one[0]) / (high - low) - 1) > 0.5:
        return (
            "width",
            "The interval of a mean of 30 scores is far from as wide as it should "
            f"be: {float(one[1] - one[0]):.3f}, expected about {high - low:.3f}.",
        )
    return None


VERSIONS = {
    "groups-ignored": _version(lambda items, groups: items.split(1)),
    "without-replacement": _version(redraw=_shuffled),
    "one-of-each-group": _version(_one_of_each),
    "average-of-each-group": _version(_average_of_each),
    "as-many-groups-as-sentences": _version(full=True),
    "tail-not-halved": _version(ends=lambda c: (1 - c, c) if c > 0.5 else (c, 1 - c)),
    "confidence-ignored": _version(ends=lambda c: (0.025, 0.975)),
    "all-of-it": _version(ends=lambda c: (0.0, 1.0)),
    "turned-round": _version(ends=lambda c: _middle(c)[::-1]),
}
TEXTS = {
    "groups-ignored": "The groups are never used: sentences are still drawn one by "
    "one. Draw *groups*, then take all sentences of each.",
    "without-replacement": "Nothing comes twice: you draw without replacement, so "
    "every redrawn test set is the old one in another order. Its score never moves.",
    "one-of-each-group": "Of each group that is drawn only one sentence is taken. A "
    "group comes as a whole.",
    "average-of-each-group": "You replace each group by its average. Keep its items: "
    "the statistic may be anything, a BLEU for example, not only a mean.",
    "as-many-groups-as-sentences": "You draw as many groups as there are sentences, so "
    "the redrawn test set is too large. Draw as many groups as there are *groups*.",
    "tail-not-halved": "What is cut off is cut off at *both* ends: for 95 % it is "
    "2.5 % below and 2.5 % above, not 5 % each.",
    "confidence-ignored": "The argument `confidence` is never used: the interval is "
    "always that of 95 %.",
    "all-of-it": "You return the lowest and the highest score of all. Cut a part off "
    "at both ends first: the interval holds the middle `confidence`.",
    "turned-round": "The two limits are exchanged: the lower one comes first.",
}


def _of_class(answer, factor, items, statistic, generator, *given, **options):
    """Widen the interval about the score of the whole."""
    middle = float(statistic(items))
    limits = answer(items, statistic, generator, *given, **options)
    return tuple(middle + factor * (float(one) - middle) for one in limits)


def _card(factor) -> str:
    return (
        "Few groups make the bootstrap too sure of itself. Move both limits away from "
        f"the score of all `items`, to {factor} times their distance from it."
    )


CHECK = Check(
    calls,
    {NAME: _version()},
    extra=own_dice,
    free=FREE,
    slips=slips(NAME, VERSIONS, TEXTS),
    vary=varied("09-interval", [n / 20 for n in range(24, 60)], _card, _of_class),
)
