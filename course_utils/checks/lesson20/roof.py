"""20-roof: rebuild the least times of products under a roof, and what binds them."""

from course_utils.answers import Call
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "least_times"
PEAK, BANDWIDTH = 60e4, 12e4  # a slow machine, so that seconds are no crumbs


def calls(seed: int) -> dict[str, Call]:
    """Return thin and thick products, the corner, other machines, other bytes."""
    thin, thick = (1, 300 + seed % 7, 500), (200, 310, 170 + seed % 5)
    both, half = [thin, thick, (9, 400, 30)], {"number_bytes": 2}
    return {
        "by hand": Call(NAME, ([(2, 3, 4)], 48.0, 26.0)),
        "one token": Call(NAME, ([thin], PEAK, BANDWIDTH)),
        "a whole text": Call(NAME, ([thick], PEAK, BANDWIDTH)),
        "three products": Call(NAME, (both, PEAK, BANDWIDTH)),
        "a slow memory": Call(NAME, (both, PEAK, 1e4)),
        "a slow processor": Call(NAME, (both, 1e4, BANDWIDTH)),
        "two bytes a number": Call(NAME, (both, PEAK, 6e4), half),
        "just at the ridge": Call(NAME, ([(2, 3, 4)], 48.0, 104.0)),
        "no product": Call(NAME, ([], PEAK, BANDWIDTH)),
    }


def least_times(products, peak, bandwidth, number_bytes=4):
    """Return the right pairs: the longer one of two times, and which it was."""
    pairs = []
    for n, m, p in products:
        computing = n * m * p / (peak / 2)
        moving = sum((n * m, m * p, n * p)) / (bandwidth / number_bytes)
        bound = "memory" if moving > computing else "compute"
        pairs.append((max(computing, moving), bound))
    return pairs


def _version(pick=max, factor=2, swap=False, size=True, rate=False, tie=False):
    def times(products, peak, bandwidth, number_bytes=4):
        pairs = []
        for n, m, p in products:
            operations = factor * n * m * p
            moved = (n * m + m * p + n * p) * (number_bytes if size is True else size)
            two = operations / peak, moved / bandwidth
            waits = two[1] >= two[0] if tie else two[1] > two[0]
            bound = "memory" if waits != swap else "compute"
            found = operations / pick(two) if rate else pick(two)
            pairs.append((found, bound))
        return pairs

    return times


ANSWERS = {
    "shorter-time": _version(pick=min),
    "both-added": _version(pick=sum),
    "half-the-operations": _version(factor=1),
    "numbers-not-bytes": _version(size=1),
    "always-four": _version(size=4),
    "words-swapped": _version(swap=True),
    "rate-not-time": _version(rate=True),
    "ridge-is-memory": _version(tie=True),
}
TEXTS = {
    "shorter-time": "That is the *shorter* of the two times. The product is done when "
    "both are: when its numbers are computed and its bytes have arrived.",
    "both-added": "You add the two times. A roof assumes that fetching and computing "
    "go on side by side, so the longer one decides.",
    "half-the-operations": "A product takes 2 n m p operations: a multiplication and "
    "an addition for each term.",
    "numbers-not-bytes": "The bandwidth is in *bytes* a second; you count numbers.",
    "always-four": "Numbers need not have 4 bytes: use `number_bytes`.",
    "words-swapped": "The times are right, the words are exchanged: what waits for its "
    "bytes is bound by memory.",
    "rate-not-time": "You return operations a second. Asked are seconds: the work "
    "divided by that rate.",
    "ridge-is-memory": "At the ridge itself the two times are equal, nothing waits, "
    'and the card asks for "compute".',
}


CHECK = Check(
    calls,
    {NAME: least_times},
    slips=slips(NAME, ANSWERS, TEXTS),
)
