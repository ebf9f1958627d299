"""Show in a notebook which exercises are done and what they brought."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_utils.progress.points import completion, points_of
from course_utils.progress.store import Progress, course_root, read_progress
from course_utils.syllabus import LESSONS, Exercise, Lesson, lesson

__all__ = ["Panel", "show_progress"]

COLUMNS = ("Exercise", "Kind", "Points", "State")


class Panel:
    """A table of exercises with their points, and a bar for the sum."""

    def __init__(self, progress: Progress, lessons: Sequence[Lesson]) -> None:
        self.progress = progress
        self.lessons = [one for one in lessons if one.exercises]

    def rows(self, one: Lesson) -> list[list[str]]:
        """Return the cells of a lesson's exercises, in the order of `COLUMNS`."""
        return [self._row(exercise) for exercise in one.exercises]

    def _row(self, exercise: Exercise) -> list[str]:
        record = self.progress.exercises.get(exercise.id, {})
        got = min(record.get("points", 0), exercise.points)
        points = f"{got:g} of {exercise.points}"
        name = f"{exercise.id}: {exercise.title}"
        return [name, exercise.kind, points, _state(record)]

    def sums(self) -> tuple[float, int]:
        """Return the points got and the points to get."""
        got = sum(points_of(self.progress, one) for one in self.lessons)
        return got, sum(one.points for one in self.lessons)

    def _lines(self) -> list[str]:
        lines = [completion(self.progress, one) for one in self.lessons]
        return [line for line in lines if line]

    def to_html(self) -> str:
        """Return the table as HTML that a screen reader can walk through."""
        if not self.lessons:
            return "<p>There are no exercises to show.</p>"
        got, most = self.sums()
        bar = f'<progress value="{got:g}" max="{most}" aria-label="points"></progress>'
        head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
        body = "".join(self._html_rows(one) for one in self.lessons)
        table = (
            f"<table><caption>Your exercises</caption><thead><tr>{head}</tr></thead>"
        )
        done = "".join(f"<p>{html.escape(line)}</p>" for line in self._lines())
        return f"<p>{bar} {got:g} of {most} points</p>{table}{body}</table>{done}"

    def _html_rows(self, one: Lesson) -> str:
        title = html.escape(f"{one.number} {one.title}")
        group = f'<tr><th scope="rowgroup" colspan="{len(COLUMNS)}">{title}</th></tr>'
        rows = []
        for name, *rest in self.rows(one):
            cells = "".join(f"<td>{html.escape(text)}</td>" for text in rest)
            rows.append(f'<tr><th scope="row">{html.escape(name)}</th>{cells}</tr>')
        return f"<tbody>{group}{''.join(rows)}</tbody>"

    def __repr__(self) -> str:
        got, most = self.sums()
        lines = [f"{got:g} of {most} points"]
        for one in self.lessons:
            lines += ["  ".join(row) for row in self.rows(one)]
        return "\n".join([*lines, *self._lines()])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        return {"text/html": self.to_html(), "text/plain": repr(self)}


def _state(record: dict) -> str:
    """Say how an exercise stands; the sign never says it alone."""
    if not record:
        return "not attempted"
    tries = "1 attempt" if record["attempts"] == 1 else f"{record['attempts']} attempts"
    slip = f" ({record['slip']})" if record["slip"] else ""
    if record["status"] == "passed":
        return f"✓ passed, {tries}"
    if record["passed"]:
        return f"✓ passed before; the last attempt fell short{slip}"
    return f"not yet{slip}, {tries}"


def show_progress(number: str | None = None, root: Path | None = None) -> Panel:
    """Return the panel of one lesson ("02"), or of all, to end a cell with.

    Raises `ValueError` when there is no such lesson.
    """
    chosen = LESSONS if number is None else [lesson(number)]
    return Panel(read_progress(root or course_root()), chosen)
