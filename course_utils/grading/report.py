"""The class report: one page for the instructor, the honest part first."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from course_utils.files import replace_text
from course_utils.grading.gradebook import Standing, settle, unused_overrides
from course_utils.grading.overview import (
    diagnoses,
    distribution,
    graded,
    hardest,
    say,
    section,
)
from course_utils.grading.page import MARKS, bar, page, table
from course_utils.grading.policy import Rules, same_name
from course_utils.grading.safe import clean, page_name, plain_html
from course_utils.grading.wording import NOTES, REPORT, STATUSES
from course_utils.syllabus import lesson

__all__ = ["class_report", "write_report"]

# What happened, in words that stand in a sentence.
LABELS = {"out_of_memory": "out of memory", "grader_error": "grader error"}
Gaps = Callable[[str], Iterable[str]]


def class_report(
    results: Iterable[Any], rules: Rules | None = None, gaps: Gaps | None = None
) -> str:
    """Return the overview of a class as one HTML page, offline and without scripts.

    `gaps` says what a level of isolation does not guarantee; by default it is
    `sandbox.what_is_not_guaranteed`.
    """
    rules = rules or Rules()
    standings = settle(results, rules)
    if not standings:
        return page(REPORT["nothing"], "")
    parts = (
        _statuses(standings),
        _isolation(standings, gaps or _known_gaps),
        _look(standings),
        distribution(standings),
        hardest(standings),
        diagnoses(standings),
        _students(standings),
        _changes(standings, rules),
    )
    return page(_title(standings), "\n".join(parts))


def write_report(out: Path, results: Iterable[Any], rules: Rules | None = None) -> Path:
    """Write `report.html` into a folder, in one step, and return its path."""
    path = out / "report.html"
    replace_text(path, class_report(results, rules))
    return path


def _known_gaps(level: str) -> Iterable[str]:
    from course_utils.grading.sandbox import what_is_not_guaranteed

    return what_is_not_guaranteed(level)


def _title(standings: Sequence[Standing]) -> str:
    numbers = sorted({one.lesson for one in standings})
    count = {"got": len(graded(standings)), "all": len(standings)}
    if len(numbers) > 1:
        return REPORT["many-lessons"].format(n=len(numbers), **count)
    title = _lesson_title(numbers[0])
    return REPORT["one-lesson"].format(number=numbers[0], title=title, **count)


def _lesson_title(number: str) -> str:
    try:
        return lesson(number).title
    except ValueError:
        return "unknown"


def _label(status: str) -> str:
    return plain_html(LABELS.get(status, status))


def _statuses(standings: Sequence[Standing]) -> str:
    counts = Counter(one.status for one in standings)
    known = [*STATUSES, *sorted(set(counts) - set(STATUSES))]
    rows = [
        (
            f"{_label(status)} <small>{STATUSES.get(status, '')}</small>",
            bar(counts[status] / len(standings), str(counts[status])),
        )
        for status in known
        if counts[status]
    ]
    columns = ("Status", "Submissions")
    return section("first", table(REPORT["no-points"], columns, rows, kind="bars"))


def _isolation(standings: Sequence[Standing], gaps: Gaps) -> str:
    """Say at which levels submissions ran, and what each does not guarantee."""
    counts = Counter(one.sandbox for one in standings if one.sandbox)
    levels = ", ".join(f"{clean(name)} ({n})" for name, n in sorted(counts.items()))
    told = [say("sandbox", levels=levels or REPORT["not-run"])]
    for level in sorted(counts):
        items = "".join(f"<li>{plain_html(gap, 600)}</li>" for gap in gaps(level))
        if items:
            head = f"<h3>{plain_html(REPORT['gaps'].format(level=level))}</h3>"
            told.append(f'<div class="note">{head}<ul>{items}</ul></div>')
        else:
            told.append(say("no-gap", level=level))
    return "\n".join(told)


def _look(standings: Sequence[Standing]) -> str:
    """List who needs the instructor's eye, each with all reasons."""
    twins, several = _twins(standings), _several(standings)
    rows = []
    for one in standings:
        reasons = [*_trouble(one), *twins.get(id(one), ())]
        if reasons:
            told = "".join(f"<p>{plain_html(text, 400)}</p>" for text in reasons)
            rows.append((_who(one, several), told))
    if not rows:
        return section("look", say("nobody"))
    caption = REPORT["share"].format(n=len(rows), all=len(standings))
    return section("look", table(caption, ("Student", "Why"), rows))


def _trouble(one: Standing) -> Iterable[str]:
    if one.status not in ("graded", "missing"):
        status = LABELS.get(one.status, one.status)
        message = clean(one.message, 300) or STATUSES.get(one.status, "")
        yield f"{status}: {message}"
    for key in ("stranger", "no-time"):
        if NOTES[key] in one.notes:
            yield NOTES[key]


def _twins(standings: Sequence[Standing]) -> dict[int, list[str]]:
    """Find files that several students handed in, to the byte."""
    groups = defaultdict(list)
    for one in standings:
        if one.fingerprint:
            groups[one.lesson, one.fingerprint].append(one)
    found = {}
    for group in groups.values():
        for one in group:
            names = [other.name for other in group if other.student != one.student]
            if names:
                key = "blank-twin" if _is_blank(one) else "twin"
                others = ", ".join(clean(name, 60) for name in names[:5])
                found[id(one)] = [REPORT[key].format(others=others)]
    return found


def _is_blank(one: Standing) -> bool:
    states = {each.get("status") for each in one.exercises}
    return states == {"not attempted"}


def _who(one: Standing, several: bool) -> str:
    """Return a name that leads to the feedback page, and what tells two apart."""
    address = quote(f"feedback/{page_name(same_name(one.student))}.html")
    is_same = one.name.casefold() == one.student.casefold()
    facts = [] if is_same else [plain_html(one.student, 80)]
    if several:
        facts.append(REPORT["in-lesson"].format(number=plain_html(one.lesson, 20)))
    extra = f"<small>{', '.join(facts)}</small>" if facts else ""
    return f'<a href="{address}">{plain_html(one.name, 80)}</a>{extra}'


def _several(standings: Sequence[Standing]) -> bool:
    return len({one.lesson for one in standings}) > 1


def points_text(one: Standing) -> str:
    """Say the points; where something else counts than was computed, both."""
    of = f"of {one.max_points:g}"
    if one.adjusted:
        key = "no-computed" if one.points is None else "counts"
        return REPORT[key].format(counted=f"{one.counted:g} {of}", points=one.points)
    return REPORT["none"] if one.points is None else f"{one.points:g} {of}"


def _points_html(one: Standing) -> str:
    first, _, computed = points_text(one).partition(REPORT["between"])
    extra = f"<small>{plain_html(computed)}</small>" if computed else ""
    return plain_html(first) + extra


def _students(standings: Sequence[Standing]) -> str:
    several = _several(standings)
    rows = [
        (
            _who(one, several),
            _points_html(one),
            f"{MARKS.get(one.status, '✗')}&nbsp;{_label(one.status)}",
        )
        for one in standings
    ]
    columns = ("Student", "Points", "Status")
    return section("students", table(REPORT["students-note"], columns, rows, "tsp"))


def _changes(standings: Sequence[Standing], rules: Rules) -> str:
    """List all that lateness or an override changed, and what matched nobody."""
    changed = [one for one in standings if one.adjusted or one.overrides]
    several = _several(standings)
    rows = [(_who(one, several), _why(one)) for one in changed]
    caption = REPORT["share"].format(n=len(rows), all=len(standings))
    columns = ("Student", "What changed, and why")
    parts = [table(caption, columns, rows)] if rows else []
    unused = unused_overrides(standings, rules)
    if unused:
        items = (f"{one.student}, {one.lesson}, {one.exercise}" for one in unused)
        listed = "".join(f"<li>{plain_html(item)}</li>" for item in items)
        parts.append(f'<div class="note">{say("unused")}<ul>{listed}</ul></div>')
    return section("rules", *parts) if parts else ""


def _why(one: Standing) -> str:
    told = [points_text(one), *one.notes]
    return "".join(f"<p>{plain_html(text, 400)}</p>" for text in told)
