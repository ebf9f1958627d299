"""00-share: complete a function that says how many translations are right."""

import random
from collections import Counter

from course_utils.answers import Call
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

WHO = ("le chat", "la fille", "le professeur", "on", "ma sœur", "Paul")
DOES = ("dort", "lit", "mange une pomme", "voit le chien", "chante")
HOW = (".", " ?", " !")


def _new(text: str) -> str:
    """Return an equal text that is another object, as a translator would make it."""
    return "".join(list(text))


def _draw(seed: int, n: int) -> list[str]:
    """Return n different sentences; the same seed gives the same."""
    dice = random.Random(seed)
    every = [f"{who} {does}{end}" for who in WHO for does in DOES for end in HOW]
    return dice.sample(every, n)


def calls(seed: int) -> dict[str, Call]:
    """Return four sentences, then other numbers of them, and near misses."""
    wanted = _draw(seed, 8)
    written = [text if i in (1, 2, 3, 6, 7) else "?" for i, text in enumerate(wanted)]
    turned = [*wanted[1:5], wanted[0]]
    near = ["Le chat dort.", "le chat dort", "le chat ne dort pas.", "le chat dort ."]
    cases = {
        "three of four": (
            ["il dort.", "il lit.", "on mange.", "on rit."],
            ["il dort.", "elle lit.", "on mange.", "on rit."],
        ),
        "five of eight": (written, wanted),
        "all right": (wanted[:3], wanted[:3]),
        "none right": (["non."] * 5, wanted[:5]),
        "the right sentences in the wrong order": (turned, wanted[:5]),
        "almost right is wrong": (near, ["le chat dort."] * 4),
        "the same sentence twice": (
            ["le chat dort.", "le chat dort.", "il lit."],
            ["le chat dort.", "le chat dort.", "elle lit."],
        ),
    }
    return {
        name: Call("share_right", (list(map(_new, ours)), list(map(_new, theirs))))
        for name, (ours, theirs) in cases.items()
    }


def share_right(written, wanted):
    """Return the share by another road: count each kind of pair, add up the equal."""
    pairs = Counter(zip(written, wanted, strict=True))
    equal = sum(count for (ours, theirs), count in pairs.items() if ours == theirs)
    return equal / sum(pairs.values())


def _equal(written, wanted):
    return [a == b for a, b in zip(written, wanted, strict=True)]


def _first_only(written, wanted):
    return float(written[0] == wanted[0]) / len(wanted)


def _first_whole(written, wanted):
    return float(written[0] == wanted[0])


def _anywhere(written, wanted):
    return sum(text in wanted for text in written) / len(wanted)


def _not_zipped(written, wanted):
    return sum(a == b for a, b in (written, wanted)) / len(wanted)


def _empties(written, wanted):
    share = share_right(written, wanted)
    written.clear()
    wanted.clear()
    return share


def _same_words(written, wanted):
    parts = zip(written, wanted, strict=True)
    matches = [a == b for x, y in parts for a, b in zip(x.split(), y.split())]  # noqa: B905
    return sum(matches) / len(matches)


ANSWERS = {
    "count-not-share": lambda a, b: sum(_equal(a, b)),
    "percent": lambda a, b: 100 * share_right(a, b),
    "leaves-after-first": _first_only,
    "rounded": lambda a, b: round(share_right(a, b)),
    "first-pair-only": _first_whole,
    "not-zipped": _not_zipped,
    "a-text": lambda a, b: f"{share_right(a, b):.0%}",
    "one-at-most": lambda a, b: any(_equal(a, b)) / len(b),
    "skips-first": lambda a, b: sum(_equal(a, b)[1:]) / len(b),
    "skips-last": lambda a, b: sum(_equal(a, b)[:-1]) / len(b),
    "whole-lists": lambda a, b: a == b,
    "anywhere": _anywhere,
    "counts-wrong-ones": lambda a, b: 1 - share_right(a, b),
    "empties-lists": _empties,
    "stays-zero": lambda a, b: 0,
    "rounded-down": lambda a, b: sum(_equal(a, b)) // len(b),
    "a-list": _equal,
    "ignores-capitals": lambda a, b: share_right(
        [x.lower() for x in a], [x.lower() for x in b]
    ),
    "counts-words": _same_words,
    "half-of-it": lambda a, b: sum(_equal(a, b)) / 2,
    "divides-by-letters": lambda a, b: sum(_equal(a, b)) / len(b[0]),
}
TEXTS = {
    "count-not-share": "You return how many are right. Nearly there: the share is that "
    "number divided by how many sentences there are, `len(wanted)`.",
    "percent": "Your number is a percentage. The share of one in two is 0.5, not 50: "
    "leave out the factor 100.",
    "leaves-after-first": "Only the first pair counts. `return` leaves the function at "
    "once, even inside a loop: move it to the left, below the loop.",
    "half-of-it": "You divide by 2 whatever is given. Divide by how many sentences "
    "there are: `len(wanted)`.",
    "rounded": "The share is rounded to a whole number. Return it as it is.",
    "not-zipped": "`written, wanted` are two lists, and the loop takes one whole list "
    "at a time. `zip(written, wanted)` hands out pairs of sentences.",
    "a-text": "You return a text. The check needs the number itself, such as 0.75; "
    "how it is printed can wait.",
    "first-pair-only": "Only the first pair is compared. Let a loop go through all.",
    "one-at-most": "The count never gets past 1. `right += 1` adds one; `right = 1` "
    "or `right =+ 1` starts from one again.",
    "skips-first": "The first pair is left out. Python counts from 0, so the first "
    "sentence is `wanted[0]`; a loop over `zip(written, wanted)` misses none.",
    "skips-last": "The last pair is left out. `range(n)` already ends before n; a loop "
    "over `zip(written, wanted)` misses none.",
    "whole-lists": "`written == wanted` compares the two lists as a whole and answers "
    "True or False. Compare sentence by sentence, and count.",
    "anywhere": "You accept a sentence that stands anywhere in `wanted`. Each must "
    "equal the one at its own place: `zip(written, wanted)` gives such pairs.",
    "counts-wrong-ones": "You count the sentences that are wrong. Count those that are "
    "equal, with `==`.",
    "empties-lists": "`pop`, `remove` and `clear` take sentences out of the caller's "
    "own lists. A `for` loop reads them and leaves them as they are.",
    "stays-zero": "The share comes out as 0. Is the count raised by 1 for each equal "
    "pair? And do you compare with `==`? `is` asks for the very same object in memory, "
    "which two equal texts need not be.",
    "rounded-down": "`//` rounds down to a whole number, so nearly every share becomes "
    "0. Divide with a single `/`.",
    "a-list": "You return a list with True or False for each pair. One step is left: "
    "say which share of them is True.",
    "ignores-capitals": "Capital letters are overlooked. Here a sentence is right only "
    "if every character agrees: compare the texts as they are.",
    "counts-words": "You compare word by word. Here a sentence counts as a whole: one "
    "wrong word, and it is wrong.",
    "divides-by-letters": "You divide by the length of a sentence in letters. Divide "
    "by how many sentences there are: `len(wanted)`.",
}

CHECK = Check(
    calls,
    {"share_right": share_right},
    slips=slips("share_right", ANSWERS, TEXTS),
)
