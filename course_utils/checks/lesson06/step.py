"""06-step: complete one step of greedy decoding."""

import torch

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "greedy_step"


def calls(seed: int) -> dict[str, Call]:
    """Return a row by hand, rows that go on, that end now, and that have ended."""
    one = torch.tensor([[1, 4]])
    hand = torch.tensor([[[9.0, 0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 3.0, 1.0]]])
    some, first, double = draw(seed, (3, 4, 7), (2, 1, 9), (2, 3, 6))
    going = torch.tensor([[1, 3, 5, 4], [1, 6, 6, 3], [1, 4, 3, 6]])
    mixed = torch.tensor([[1, 3, 2, 0], [1, 6, 6, 3], [1, 4, 3, 2]])
    over = torch.tensor([[1, 2, 0, 0], [1, 5, 3, 2], [2, 0, 0, 0]])
    ends = some.clone()
    ends[:, -1, 2] = 50.0
    return {
        "by hand": Call(NAME, (one, hand)),
        "three rows": Call(NAME, (going, some)),
        "the first step": Call(NAME, (torch.ones(2, 1, dtype=torch.int64), first)),
        "rows that end now": Call(NAME, (going, ends)),
        "rows that have ended": Call(NAME, (mixed, some)),
        "every row has ended": Call(NAME, (over, some)),
        "another end token": Call(NAME, (going, some), {"end_id": 6}),
        "large scores": Call(NAME, (mixed, 1000 * some)),
        "float64": Call(NAME, (mixed[:2, :3], double.double())),
    }


def greedy_step(ids, logits, end_id=2):
    """Return the longer rows, made one row and one word at a time."""
    rows = []
    for row, scores in zip(ids.tolist(), logits[:, -1].tolist(), strict=True):
        word = 0 if end_id in row else scores.index(max(scores))
        rows.append([*row, word])
    return torch.tensor(rows)


def _version(choose, ended=lambda ids, end_id: (ids == end_id).any(1), filler=0):
    """Return a step with another way to choose, to notice the end, or to fill up."""

    def version(ids, logits, end_id=2):
        fill = end_id if filler is None else filler
        word = choose(logits).masked_fill(ended(ids, end_id), fill)
        return torch.cat([ids, word[:, None]], dim=1)

    return {NAME: version}


def _best(logits):
    return logits[:, -1].argmax(-1)


def _never(ids, end_id):
    return torch.zeros(len(ids), dtype=torch.bool)


def _everywhere(ids, logits, end_id=2):
    ended = (ids == end_id).any(1)
    words = logits.argmax(-1).masked_fill(ended[:, None], 0)
    return torch.cat([ids, words], dim=1)


def _in_front(ids, logits, end_id=2):
    out = greedy_step(ids, logits, end_id)
    return torch.cat([out[:, -1:], out[:, :-1]], dim=1)


def _overwritten(ids, logits, end_id=2):
    return greedy_step(ids, logits, end_id)[:, 1:]


def crossed(ids, logits, end_id=2):
    """Multiply a column of words by a row of ended: every row meets every other."""
    words = logits[:, -1:].argmax(-1) * ~(ids == end_id).any(1)
    return torch.cat([ids, words], dim=1)


def _last_text(ids, logits, end_id=2):
    return torch.cat([ids, logits[-1].argmax(-1)[:, None]], dim=1)


SAME = (
    "Every row gets the same word. Each has scores of its own: choose along the last "
    "axis alone, so that one word a row comes out."
)

CHECK = Check(
    calls,
    {NAME: greedy_step},
    slips=(
        Slip(
            "first-position",
            "You read the scores of the first position. Position t scores the word "
            "that follows it, so the next word stands at the last one.",
            _version(lambda logits: logits[:, 0].argmax(-1)),
            "The Transformer",
        ),
        Slip(
            "wrong-axis",
            "The argmax runs along the rows of the batch. Each row chooses among its "
            "own words: that is the last axis.",
            _version(lambda logits: logits[:, -1].argmax(0)[: len(logits)]),
        ),
        Slip(
            "every-position",
            "A word is appended for every position. Only the last one scores a word "
            "that is not written yet.",
            {NAME: _everywhere},
            "The Transformer",
        ),
        Slip(
            "one-word-for-all",
            SAME,
            _version(lambda x: x[:1, -1].argmax().expand(len(x))),
        ),
        Slip(
            "one-word-for-all",
            SAME,
            _version(lambda x: x[-1:, -1].argmax().expand(len(x))),
        ),
        Slip(
            "rows-crossed",
            "A column of words, (B, 1), met `ended`, (B), and broadcasting made "
            "(B, B) of them. Keep the words as (B) until the end, then turn them.",
            {NAME: crossed},
        ),
        Slip(
            "last-text",
            "`logits[-1]` is the last *text* of the batch. Positions are the second "
            "axis: `logits[:, -1]` is the last position of every text.",
            {NAME: _last_text},
        ),
        Slip(
            "lowest",
            "You take the word with the lowest score. Greedy takes the highest.",
            _version(lambda logits: logits[:, -1].argmin(-1)),
        ),
        Slip(
            "drawn",
            "The next word is drawn at random. Greedy decoding takes the best one, "
            "always.",
            _version(lambda x: torch.multinomial(x[:, -1].softmax(-1), 1)[:, 0]),
        ),
        Slip(
            "end-ignored",
            "A row that has ended goes on writing. Behind its end token only padding "
            "(0) may follow.",
            _version(_best, ended=_never),
        ),
        Slip(
            "only-last-word",
            "Only the last word is compared with the end token. One step later padding "
            "stands there, and the row begins to write again: look at the whole row.",
            _version(_best, ended=lambda ids, end_id: ids[:, -1] == end_id),
        ),
        Slip(
            "filled-with-end",
            "Rows that have ended are filled up with the end token. Padding is 0.",
            _version(_best, filler=None),
        ),
        Slip(
            "end-id-ignored",
            "It always takes 2 for the end. Which token ends a row is what `end_id` "
            "says.",
            _version(_best, ended=lambda ids, end_id: (ids == 2).any(1)),
        ),
        Slip(
            "word-alone",
            "Only the new word comes back. Return the row with the word behind it.",
            {NAME: lambda ids, x, end_id=2: greedy_step(ids, x, end_id)[:, -1:]},
        ),
        Slip(
            "word-alone",
            "Only the new words come back. Return the rows with the words behind them.",
            {NAME: lambda ids, x, end_id=2: greedy_step(ids, x, end_id)[:, -1]},
        ),
        Slip("in-front", "The new word stands in front.", {NAME: _in_front}),
        Slip(
            "first-word-lost",
            "The first word has been dropped. The row grows by one.",
            {NAME: _overwritten},
        ),
    ),
)
