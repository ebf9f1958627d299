"""What a class found hard: how points are spread, which exercises, which slips."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from course_utils.grading.advice import known_exercise, sentence
from course_utils.grading.gradebook import Standing
from course_utils.grading.page import bar, table
from course_utils.grading.safe import marked_html, plain_html
from course_utils.grading.wording import REPORT

__all__ = ["diagnoses", "distribution", "graded", "hardest", "say", "section"]

BANDS = (
    ("all points", 1.0, 1.01),
    ("80 to 99 %", 0.8, 1.0),
    ("60 to 79 %", 0.6, 0.8),
    ("40 to 59 %", 0.4, 0.6),
    ("20 to 39 %", 0.2, 0.4),
    ("under 20 %", 0.0, 0.2),
)
MOST_SLIPS = 4


def graded(standings: Iterable[Standing]) -> list[Standing]:
    """Return those that were graded."""
    return [one for one in standings if one.status == "graded"]


def section(key: str, *parts: str) -> str:
    """Return a part of the report with its heading."""
    return f"<h2>{REPORT[key]}</h2>\n" + "\n".join(parts)


def say(key: str, kind: str = "", **values: Any) -> str:
    """Return a sentence of the table as a paragraph."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{plain_html(REPORT[key].format(**values), 2000)}</p>"


def distribution(standings: Sequence[Standing]) -> str:
    """Show how the points of each lesson are spread."""
    lessons = sorted({one.lesson for one in graded(standings)})
    parts = [_spread(number, standings) for number in lessons]
    return section("distribution", *parts) if parts else ""


def _spread(number: str, standings: Sequence[Standing]) -> str:
    """Return how many submissions of a lesson lie in each band of points."""
    mine = [one for one in graded(standings) if one.lesson == number]
    shares = [(one.points or 0) / (one.max_points or 1) for one in mine]
    rows = []
    for name, low, high in BANDS:
        count = sum(low <= share < high for share in shares)
        rows.append((name, bar(count / len(shares), str(count))))
    text = REPORT["median"].format(
        half=100 * median(shares), full=sum(share >= 1 for share in shares)
    )
    caption = f"Lesson {number}, computed points, {len(mine)} graded"
    columns = ("Share of the points", "Submissions")
    return f"<p>{text}</p>" + table(caption, columns, rows, kind="bars")


def _by_exercise(standings: Sequence[Standing]) -> Mapping[str, list[Mapping]]:
    found = defaultdict(list)
    for one in graded(standings):
        for verdict in one.exercises:
            found[str(verdict.get("exercise"))].append(verdict)
    return found


def _exercise_name(name: str) -> str:
    exercise = known_exercise(name)
    title = f" <small>{plain_html(exercise.title)}</small>" if exercise else ""
    return f"{plain_html(name, 60)}{title}"


def _share(verdicts: Sequence[Mapping], *states: str) -> float:
    return sum(one.get("status") in states for one in verdicts) / len(verdicts)


def hardest(standings: Sequence[Standing]) -> str:
    """Show for each exercise who passed and who attempted it, the hardest first."""
    found = _by_exercise(standings)
    order = sorted(found, key=lambda name: (_share(found[name], "passed"), name))
    rows = []
    for name in order:
        passed = _share(found[name], "passed")
        tried = _share(found[name], "passed", "failed")
        cells = (bar(share, f"{100 * share:.0f} %") for share in (passed, tried))
        rows.append((_exercise_name(name), *cells))
    if not rows:
        return ""
    caption = REPORT["hardest-note"].format(n=len(graded(standings)))
    columns = ("Exercise", "Passed", "Attempted")
    return section("hardest", table(caption, columns, rows))


def diagnoses(standings: Sequence[Standing]) -> str:
    """List the likely slips of each exercise, the commonest first."""
    groups = []
    for name, verdicts in sorted(_by_exercise(standings).items()):
        failed = [one for one in verdicts if one.get("status") == "failed"]
        rows = [f"<tr>{row}</tr>\n" for row in _slips(name, failed)]
        if rows:
            head = f'<th scope="rowgroup" colspan="2">{_exercise_name(name)}</th>'
            groups.append(f"<tbody><tr>{head}</tr>\n{''.join(rows)}</tbody>")
    if not groups:
        return section("diagnoses", say("no-diagnosis"))
    caption = f"<caption>{REPORT['diagnoses-note']}</caption>"
    names = '<th scope="col" class="n">Answers</th><th scope="col">Likely slip</th>'
    head = f"<thead><tr>{names}</tr></thead>"
    return section("diagnoses", f"<table>{caption}{head}{''.join(groups)}</table>")


def _slips(name: str, failed: Sequence[Mapping]) -> Iterable[str]:
    counts = Counter(str(one.get("slip") or "") for one in failed)
    order = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    for slip, count in order[:MOST_SLIPS]:
        text = marked_html(sentence({"exercise": name, "slip": slip}, of_class=True))
        label = f"<small>{plain_html(slip, 60)}</small>" if slip else ""
        yield f'<td class="n">{count}</td><td class="t">{text}{label}</td>'
    if len(order) > MOST_SLIPS:
        rest = order[MOST_SLIPS:]
        text = REPORT["more"].format(n=len(rest))
        yield f'<td class="n">{sum(n for _, n in rest)}</td><td>{text}</td>'
