"""Note what a reader did: lessons, verdicts, and answers to recall questions."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from course_utils.progress.store import Progress, read_progress, update

__all__ = [
    "BOX_DAYS",
    "due_questions",
    "mark",
    "next_due",
    "record_recall",
    "record_verdict",
]

# Leitner's boxes: a right answer moves a question one box on, a wrong one back to the
# first; the box says after how many days the question returns.
BOX_DAYS = {1: 1, 2: 3, 3: 7, 4: 21}


def mark(root: Path, lesson: str, event: str) -> None:
    """Note that a lesson was "opened" or "run" today."""
    today = date.today().isoformat()

    def change(progress: Progress) -> None:
        progress.lessons.setdefault(lesson, {})[event] = today

    update(root, change)


def record_verdict(root: Path, verdict: Any) -> None:
    """Note a verdict on an exercise, unless nothing was attempted.

    It has `.exercise` (the id), `.status`, `.points` and `.slip`. The best points
    stay, and so does the day of the first success, whatever is tried later.
    """
    if verdict.status == "not attempted":
        return
    today = date.today().isoformat()

    def change(progress: Progress) -> None:
        old = progress.exercises.get(verdict.exercise, {})
        right = verdict.status == "passed"
        progress.exercises[verdict.exercise] = {
            "status": "passed" if right else "failed",
            "points": max(old.get("points", 0), verdict.points),
            "attempts": old.get("attempts", 0) + 1,
            "slip": None if right or not verdict.slip else str(verdict.slip),
            "last": today,
            "passed": old.get("passed") or (today if right else None),
        }

    update(root, change)


def record_recall(root: Path, question_id: str, right: bool) -> None:
    """Note an answer, and when the question returns.

    A question that is answered again before it is due moves no further; one that is
    missed goes back to the first box at any time.
    """
    today = date.today()

    def change(progress: Progress) -> None:
        new = {"box": 1, "due": today.isoformat(), "missed": 0, "seen": 0}
        one = progress.recall.setdefault(question_id, new)
        one["seen"] += 1
        one["missed"] += not right
        if right and one["due"] > today.isoformat():
            return
        one["box"] = min(one["box"] + 1, max(BOX_DAYS)) if right else 1
        one["due"] = (today + timedelta(BOX_DAYS[one["box"]])).isoformat()

    update(root, change)


def due_questions(root: Path, today: date | None = None) -> list[str]:
    """Return the ids of the questions to ask again, the longest overdue first."""
    day = (today or date.today()).isoformat()
    asked = read_progress(root).recall
    due = [(one["due"], name) for name, one in asked.items() if one["due"] <= day]
    return [name for _, name in sorted(due)]


def next_due(root: Path) -> date | None:
    """Return the first day on which a question returns; None if none was answered."""
    days = [one["due"] for one in read_progress(root).recall.values()]
    return date.fromisoformat(min(days)) if days else None
