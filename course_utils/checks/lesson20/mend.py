"""20-mend: a benchmark that fools itself, under a clock that can be foretold."""

from statistics import mean, median

from course_utils.answers import Build, Call
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "mended_ratio"
RESTLESS = (1.0, 1.0, 6.0, 1.0, 9.0, 2.0, 3.0, 1.0)


def calls(seed: int) -> dict[str, Call]:
    """Return a quiet race, then one for each thing that disturbs."""
    slow, fast = 3.0 + seed % 4, 2.0
    growing = tuple(1.0 + 0.5 * i for i in range(12))
    return {
        "a quiet machine": _race(4, (slow, fast)),
        "the first calls are cold": _race(4, (slow, fast), cold=40.0),
        "bad times come and go": _race(6, (slow, fast), load=RESTLESS),
        "it gets slower and slower": _race(5, (fast, fast), load=growing),
        "a single hiccup": _race(5, (slow, fast), hiccup=7, load=RESTLESS),
        "two hiccups and cold": _race(7, (fast, slow), hiccup=4, cold=9.0),
        "who goes second has it easier": _race(4, (slow, fast), warm=0.5),
        "one round": _race(1, (slow, fast), cold=5.0),
        "results that differ are refused": _race(4, (slow, fast), results=(7.0, 8.0)),
    }


def _race(rounds: int, seconds: tuple, **more) -> Call:
    path = "course_utils.answers.objects.Race"
    return Call(NAME, (Build(path, (seconds,), more), rounds))


def _version(check=True, warm=True, turns=True, middle="ratios", flip=False):
    """Return the fair comparison with one thing changed."""

    def ratio(race, rounds):
        results = (race.first(), race.second()) if warm else (0, 0)
        if check and results[0] != results[1]:
            raise ValueError(f"results {results[0]} and {results[1]} differ")
        seconds = {"first": [], "second": []}
        for turn in range(rounds):
            names = list(seconds)
            for name in names[::-1] if turns and turn % 2 else names:
                start = race.clock()
                getattr(race, name)()
                seconds[name].append(race.clock() - start)
        first, second = seconds["second" if flip else "first"], seconds["second"]
        second = seconds["first"] if flip else second
        return MIDDLES[middle](first, second)

    return ratio


def _of_ratios(pick):
    return lambda first, second: pick(a / b for a, b in zip(first, second, strict=True))


MIDDLES = {
    "ratios": _of_ratios(median),
    "mean of ratios": _of_ratios(mean),
    "means": lambda first, second: mean(first) / mean(second),
    "medians": lambda first, second: median(first) / median(second),
    "best": lambda first, second: min(first) / min(second),
}


def _unpaired(check: bool, warm: bool, pick=mean):
    def ratio(race, rounds):
        results = (race.first(), race.second()) if warm else (0, 0)
        if check and results[0] != results[1]:
            raise ValueError(f"results {results[0]} and {results[1]} differ")
        times = []
        for run in (race.first, race.second):
            every = []
            for _ in range(rounds):
                start = race.clock()
                run()
                every.append(race.clock() - start)
            times.append(pick(every))
        return times[0] / times[1]

    return ratio


mended_ratio = _version()
ANSWERS = {
    "nothing-mended": _unpaired(check=False, warm=False),
    "still-one-after-the-other": _unpaired(check=True, warm=True),
    "medians-one-after-the-other": _unpaired(check=True, warm=True, pick=median),
    "no-equality": _version(check=False),
    "no-warm-up": _version(warm=False, check=False),
    "same-order": _version(turns=False),
    "means": _version(middle="means"),
    "mean-of-ratios": _version(middle="mean of ratios"),
    "ratio-of-medians": _version(middle="medians"),
    "best-of-each": _version(middle="best"),
    "upside-down": _version(flip=True),
}
TEXTS = {
    "nothing-mended": "It still does what the broken one did. Go through the lesson's "
    "three defenses, and ask for each where it is in the code.",
    "still-one-after-the-other": "All calls of the one, then all of the other: a bad "
    "time still hits one of them alone. Let them take turns, round by round.",
    "medians-one-after-the-other": "A median helps against single hiccups, but all "
    "calls of one candidate still lie in one stretch of time. Let them take turns.",
    "no-equality": "The timing is fair now, but nothing makes sure that both compute "
    "the same. A function that does less is always faster.",
    "no-warm-up": "The first call of anything is special: numbers have not been "
    "fetched, room has not been taken. Call both once before anything counts, and "
    "compare what they return.",
    "same-order": "`first` always goes first. Whoever comes second may find the way "
    "prepared, so let them change places from round to round.",
    "means": "You divide two averages. One disturbed call is enough to spoil an "
    "average; and it is within a *round* that both had the same conditions.",
    "mean-of-ratios": "The ratios within rounds are right. But a single disturbed "
    "round moves their average as far as it likes. Their median hardly moves.",
    "ratio-of-medians": "You divide the median of the one by that of the other: these "
    "two may come from different rounds, a good and a bad one. First the ratio of each "
    "round, then the median.",
    "best-of-each": "The quickest call of each: they come from different rounds, and "
    "one lucky call decides. Asked is the median of the ratios within rounds.",
    "upside-down": "How many times faster is `second`: first's time divided by "
    "second's.",
}


CHECK = Check(
    calls,
    {NAME: mended_ratio},
    slips=slips(NAME, ANSWERS, TEXTS),
)
