"""The questions of each lesson, read from `NN.toml` and checked."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course_utils.syllabus import LESSONS

__all__ = ["Question", "find_question", "lessons_with_questions", "load_questions"]

FEWEST_QUESTIONS = 4
FEWEST_CHOICES = 3


@dataclass(frozen=True)
class Question:
    """One question; `choices` are pairs of a choice and the reason why, or why not.

    `section` is the heading of the lesson to reread, empty where no lesson teaches it.
    """

    id: str
    text: str
    choices: tuple[tuple[str, str], ...]
    answer: str
    section: str = ""

    @property
    def lesson(self) -> str:
        """The number of the lesson that it asks about."""
        return self.id.partition("-")[0]


@cache
def load_questions(number: str) -> tuple[Question, ...]:
    """Return the questions about the lesson with this number, in their order.

    Raises:
        ValueError: there are none, or the file says too little; the message says what.
    """
    known = lessons_with_questions()
    if number not in known:
        raise ValueError(
            f"no questions about lesson {number!r}; choose one of {', '.join(known)}"
        )
    path = Path(__file__).with_name(f"{number}.toml")
    return parse(path.read_text(encoding="utf-8"), path.name)


def lessons_with_questions() -> tuple[str, ...]:
    """Return the numbers of the lessons that have questions, in order."""
    folder = Path(__file__).parent
    numbers = (one.number for one in LESSONS)
    return tuple(one for one in numbers if (folder / f"{one}.toml").is_file())


def find_question(id: str) -> Question | None:
    """Return the question with this id; None if there is no such question any more."""
    number = id.partition("-")[0]
    if number not in lessons_with_questions():
        return None
    return next((one for one in load_questions(number) if one.id == id), None)


def parse(text: str, name: str) -> tuple[Question, ...]:
    """Return the questions in the text of a file; refuse what would puzzle a reader.

    Raises:
        ValueError: with the name of the file and of the question.
    """
    try:
        tables = tomllib.loads(text).get("question", [])
        questions = tuple(_question(table) for table in tables)
    except (tomllib.TOMLDecodeError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{name}: {type(error).__name__}: {error}") from None
    faults = list(_faults(questions, name.removesuffix(".toml")))
    if faults:
        raise ValueError(f"{name}: {'; '.join(faults)}")
    return questions


def _question(table: dict) -> Question:
    choices = tuple((str(k), str(v).strip()) for k, v in table["choices"].items())
    return Question(**{**table, "choices": choices, "answer": str(table["answer"])})


def _faults(questions: tuple[Question, ...], number: str) -> Iterable[str]:
    if len(questions) < FEWEST_QUESTIONS:
        yield f"{len(questions)} questions; give {FEWEST_QUESTIONS} or more"
    ids = [one.id for one in questions]
    for one in questions:
        if not one.id.startswith(f"{number}-") or ids.count(one.id) > 1:
            yield f"{one.id} must begin with {number}- and be there once"
        choices = [choice for choice, _ in one.choices]
        if len(choices) < FEWEST_CHOICES:
            yield f"{one.id} has {len(choices)} choices; give {FEWEST_CHOICES} or more"
        if one.answer not in choices:
            yield f"{one.id}: the answer {one.answer!r} is not a choice"
        for choice, reason in one.choices:
            if not reason:
                yield f"{one.id}: the choice {choice!r} has no reason"
