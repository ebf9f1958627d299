"""15-mend: find what is wrong in a standardization that runs without complaint."""

import torch

from course_utils.answers import Call
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "mended_standardize"


def calls(seed: int) -> dict[str, Call]:
    """Return two halves by hand, then others whose channels differ a lot."""
    dice = torch.Generator().manual_seed(seed)
    train = torch.tensor([[0.0, 10.0], [2.0, 30.0]])
    scale = torch.tensor([0.1, 5.0, 1.0])
    shift = torch.tensor([3.0, 0.0, -7.0])
    many = torch.randn(8, 3, generator=dice) * scale + shift
    others = torch.randn(5, 3, generator=dice) * scale * 2 + shift + 1
    flat = many.clone()
    flat[:, 1] = 4.0
    return {
        "by hand": Call(NAME, (train, torch.tensor([[1.0, 20.0], [4.0, 20.0]]))),
        "channels of all sizes": Call(NAME, (many, others)),
        "a test half of one text": Call(NAME, (many, others[:1])),
        "a channel that never changes": Call(NAME, (flat, others)),
        "double precision": Call(NAME, (many.double(), others.double())),
    }


def _apply(x, mean, size):
    return (x - mean) / (size + 1e-6)


def mended_standardize(train, test):
    """Return both halves in units of the training half, one channel at a time."""
    columns = []
    for a, b in zip(train.T, test.T, strict=True):
        mean = a.sum() / len(a)
        size = ((a - mean).square().sum() / (len(a) - 1)).sqrt()
        columns.append((_apply(a, mean, size), _apply(b, mean, size)))
    return tuple(torch.stack(side, dim=1) for side in zip(*columns, strict=True))


def _version(mean, size, own=False, both=False):
    def version(train, test):
        seen = torch.cat([train, test]) if both else train
        other = test if own and len(test) > 1 else seen
        return (
            _apply(train, mean(seen), size(seen)),
            _apply(test, mean(other), size(other)),
        )

    return {NAME: version}


def _mean(x):
    return x.mean(0)


def _size(x):
    return x.std(0)


def given(train, test):
    """Return what the code of the exercise returns as it stands."""
    mean, size = train.mean(), train.std()
    own = test.mean(), test.std()
    return _apply(train, mean, size), _apply(test, *own)


CHECK = Check(
    calls,
    {NAME: mended_standardize},
    slips=(
        Slip(
            "unchanged",
            "The code still does what it did. Two things are wrong: over what the mean "
            "is taken, and from which half.",
            {NAME: given},
        ),
        Slip(
            "own-units",
            "The test half is still measured in units of its own. The probe has "
            "learned in those of the training half; a text must get the same numbers "
            "whichever texts are tested beside it.",
            _version(_mean, _size, own=True),
        ),
        Slip(
            "one-for-all",
            "There is still one mean and one size for all channels. Each channel has "
            "its own: take them along the axis of the texts.",
            _version(lambda x: x.mean(), lambda x: x.std()),
        ),
        Slip(
            "peeks",
            "Mean and size are taken from both halves together. Then the test texts "
            "have a say in the training: a small leak, but a leak.",
            _version(_mean, _size, both=True),
        ),
        Slip(
            "by-text",
            "Mean and size are taken for each *text*, along its channels. What is to "
            "be made comparable are the channels.",
            {
                NAME: lambda train, test: tuple(
                    _apply(x, x.mean(1, keepdim=True), x.std(1, keepdim=True))
                    for x in (train, test)
                )
            },
        ),
    ),
)
