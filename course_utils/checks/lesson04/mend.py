"""04-mend: find what is wrong in sinusoids that look like sinusoids."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson04.inputs import table_of
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "mended_positions"


def calls(seed: int) -> dict[str, Call]:
    """Return nothing but positions first, then words, then later pieces of a text."""
    x, y = draw(seed, (2, 5, 8), (3, 4, 6))
    return {
        "zeros": Call(NAME, (torch.zeros(1, 3, 4),)),
        "a text": Call(NAME, (x,), grads=True),
        "from position 5": Call(NAME, (y, 5), grads=True),
        "one word, from position 30": Call(NAME, (x[:, :1], 30)),
    }


def version(late=0, halves=False, two=2.0, follow=True):
    """Return the function with these faults; without any it is right."""

    def answer(x, start=0):
        T, C = x.shape[1:]
        t = torch.arange(T) + late + start * follow
        if two == 2:
            table = table_of(t, C)
        else:
            angles = t[:, None] * 10000.0 ** (-two * torch.arange(C // 2) / C)
            table = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
        if halves:
            table = torch.cat([table[:, 0::2], table[:, 1::2]], dim=-1)
        return x + table.to(x.dtype)

    return answer


def _end_fixed(x, start=0):
    return x + table_of(torch.arange(start, x.shape[1]), x.shape[2]).to(x.dtype)


ROW = "Put zeros in, so that the codes themselves come out: what must the first row, "
ROW += "position 0, look like? "
WOVEN = "In which order do sines and cosines stand, and in which should they? "
SPEED = "How fast does the second of two hands turn, with C = 4, and how fast in the "
SPEED += "lesson's table? "
TEXTS = {
    "nothing-mended": ("It still does what the broken one did. ", ROW),
    "late-and-halves": ("The speeds are right now; two faults are left. ", ROW, WOVEN),
    "late-and-speed": ("The order is right now; two faults are left. ", ROW, SPEED),
    "halves-and-speed": ("The start is right now; two faults are left. ", WOVEN, SPEED),
    "late-left": ("One fault is left. ", ROW),
    "halves-left": ("One fault is left. ", WOVEN),
    "speed-left": ("One fault is left. ", SPEED),
    "start-ignored": (
        "A whole text is right; a piece from further on is not: it begins at position "
        "`start`, and its second word stands at `start` + 1.",
    ),
    "words-lost": ("The codes are right, and the words are gone: add the codes to x.",),
    "end-fixed": (
        "The positions begin at `start` and end as if the text had begun at 0. A piece "
        "of T words ends T places after `start`.",
    ),
}
VERSIONS = {
    "nothing-mended": version(late=1, halves=True, two=1),
    "late-and-halves": version(late=1, halves=True),
    "late-and-speed": version(late=1, two=1),
    "halves-and-speed": version(halves=True, two=1),
    "late-left": version(late=1),
    "halves-left": version(halves=True),
    "speed-left": version(two=1),
    "start-ignored": version(follow=False),
    "end-fixed": _end_fixed,
    "words-lost": lambda x, start=0: version()(0 * x, start),
}

CHECK = Check(
    calls,
    {NAME: version()},
    atol=1e-4,
    slips=tuple(
        Slip(name, "".join(text).strip(), {NAME: VERSIONS[name]})
        for name, text in TEXTS.items()
    ),
)
