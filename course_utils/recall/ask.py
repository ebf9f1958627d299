"""Choose questions and ask them in a notebook; the answers say when they return."""

import html
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from course_utils.predict import Prediction
from course_utils.progress import (
    course_root,
    due_questions,
    next_due,
    read_progress,
    record_recall,
)
from course_utils.recall.questions import (
    Question,
    find_question,
    lessons_with_questions,
    load_questions,
)
from course_utils.syllabus import lesson
from course_utils.widgets import view_part

__all__ = ["Asked", "Recall", "due", "nothing_due", "recall", "review", "to_reread"]

# How many lessons back the three questions of a notebook reach.
BACK = (1, 3, 6)


class Asked(Prediction):
    """A recall question that notes the first answer in the progress file."""

    def __init__(self, question: Question, root: Path) -> None:
        super().__init__(question.text, dict(question.choices), question.answer)
        self.source, self.root, self.noted = question, root, False
        before = question.lesson == "00"
        source = "before the course" if before else f"lesson {question.lesson}"
        self.label = f"From {source}"

    def respond(self, choice: str) -> str:
        """Answer a choice and note the first one; a wrong one says what to reread."""
        right = choice == self.answer
        if not self.noted:
            self.noted = True
            record_recall(self.root, self.source.id, right)
        reread = "" if right else to_reread(self.source)
        return f"{self.reply(choice)} {reread}".rstrip()

    def _folded(self) -> str:
        return f"{super()._folded()}<p>{html.escape(to_reread(self.source))}</p>"


class Recall:
    """Some questions under one another, live and folded; `intro` stands above them."""

    def __init__(self, questions: Sequence[Question], root: Path, intro: str) -> None:
        self.questions = tuple(questions)
        self.asked = [Asked(question, root) for question in questions]
        self.intro = intro

    def to_html(self) -> str:
        """Return the questions with their answers folded away."""
        intro = f"<p>{html.escape(self.intro)}</p>"
        return intro + "".join(one.to_html() for one in self.asked)

    def __repr__(self) -> str:
        return "\n".join([self.intro, *map(repr, self.asked)])

    @cached_property
    def widget(self) -> Any:
        """The live questions."""
        import ipywidgets

        intro = ipywidgets.HTML(f"<p>{html.escape(self.intro)}</p>")
        return ipywidgets.VBox([intro, *(one.widget for one in self.asked)])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        live = view_part(lambda: self.widget) if self.asked else {}
        return {**live, "text/html": self.to_html(), "text/plain": repr(self)}


def to_reread(question: Question) -> str:
    """Return where to read about a question again, as a sentence or nothing."""
    if not question.section:
        return ""
    return f"To reread: lesson {question.lesson}, “{question.section}”."


def recall(number: str, root: Path | None = None) -> Recall:
    """Ask three one-minute questions about lessons before this one.

    They come from one, three and six lessons back, or from the nearest that there is.
    A question that was missed and is due comes first; else the lessons take turns.

    Raises `ValueError` when there is no such lesson.
    """
    place = lesson(number).number
    root = root or course_root()
    asked, due_now = read_progress(root).recall, due_questions(root)
    missed = [one for one in due_now if asked[one]["missed"]]
    chosen: list[Question] = []
    for source in sources(place, lessons_with_questions()):
        chosen.append(_choose(source, place, missed, chosen))
    intro = "One minute each, not graded: a question that you miss comes back sooner."
    return Recall(chosen, root, intro)


def sources(number: str, known: Sequence[str]) -> list[str]:
    """Return the lessons that a lesson's three questions come from.

    `sources("07", "00 01 02 03 04 05 06".split())` → `["06", "04", "01"]`
    """
    earlier = [one for one in known if one < number][::-1] or [number]
    found: list[str] = []
    for back in BACK:
        exact = [one for one in earlier[back - 1 : back] if one not in found]
        unused = [one for one in earlier if one not in found]
        found.append((exact or unused or earlier[len(found) % len(earlier) :])[0])
    return found


def _choose(
    source: str, place: str, missed: Sequence[str], taken: Sequence[Question]
) -> Question:
    free = [one for one in load_questions(source) if one not in taken]
    for id in missed:
        for one in free:
            if one.id == id:
                return one
    return free[int(place) % len(free)]


def review(root: Path | None = None) -> Recall:
    """Ask the questions that are due today, to end a cell with."""
    root = root or course_root()
    questions = due(root)
    if not questions:
        return Recall([], root, nothing_due(root))
    return Recall(questions, root, f"Due today: {len(questions)}.")


def due(root: Path, today: date | None = None) -> list[Question]:
    """Return the questions that are due, without those that the course dropped."""
    found = (find_question(one) for one in due_questions(root, today))
    return [one for one in found if one is not None]


def nothing_due(root: Path) -> str:
    """Say when the next question returns, or where the first ones are."""
    day = next_due(root)
    if day is None:
        return (
            "You have answered no question yet. Every exercise notebook opens with "
            "three; those return here when they are due."
        )
    return f"Nothing is due today. The next question returns on {day.isoformat()}."
