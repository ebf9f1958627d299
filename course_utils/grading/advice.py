"""Rebuild what a verdict says from its names, in our own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from course_utils.checks.messages import SLIPS
from course_utils.checks.spec import Check, Slip, load_check
from course_utils.grading.safe import clean
from course_utils.grading.wording import FEEDBACK, GENERAL, NEXT_STEPS, REPORT, START
from course_utils.progress import course_root
from course_utils.syllabus import (
    Exercise,
    exercise_path,
    find_exercise,
    lesson,
    solution_path,
)

__all__ = [
    "Place",
    "asked",
    "asked_of_class",
    "known_exercise",
    "next_step",
    "place",
    "sentence",
]

_CARD_END = "<details"
_SKIPPED = ("#", "*", "|", "-", "```", "$$", "(", ">", "1.")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_OPENING = re.compile(r"[^.!?]*:$")


@dataclass(frozen=True)
class Place:
    """A section of a lesson, in words and as an address below the notebooks."""

    text: str
    address: str


def known_exercise(name: object) -> Exercise | None:
    """Return the exercise with this id, None if the course has none of this name."""
    try:
        return find_exercise(str(name))
    except ValueError:
        return None


def sentence(verdict: Mapping[str, Any], of_class: bool = False) -> str:
    """Return the likely slip in our words; backticks in it mark code of ours.

    A text that only the verdict holds may quote an answer: it comes back as one plain
    line without backticks, and `of_class` leaves it out.
    """
    name, slip = str(verdict.get("exercise")), str(verdict.get("slip") or "")
    own = _own_slip(name, slip)
    if own:
        return own.text
    reasons = _reasons(name) if slip == "forbidden" else ()
    if len(reasons) == 1 or verdict.get("advice") in reasons:
        return reasons[0] if len(reasons) == 1 else verdict["advice"]
    general = SLIPS.get(slip, "")
    if general and "{" not in general:
        return general
    if of_class:
        return GENERAL.get(slip, REPORT["unknown"] if not slip else clean(slip, 60))
    recorded = clean(verdict.get("advice") or "", 400).replace("`", "'")
    return recorded or GENERAL.get(slip, FEEDBACK["no-slip"])


def place(verdict: Mapping[str, Any]) -> Place | None:
    """Return the section to reread: that of the slip, else that of the exercise."""
    exercise = known_exercise(verdict.get("exercise"))
    if exercise is None:
        return None
    own = _own_slip(exercise.id, str(verdict.get("slip") or ""))
    section = (own and own.section) or exercise.section
    read = lesson(exercise.lesson)
    text = FEEDBACK["place"].format(
        number=read.number, title=read.title, section=section
    )
    return Place(text, f"{read.name}.ipynb#{section.replace(' ', '-')}")


def next_step(verdict: Mapping[str, Any]) -> str:
    """Return what to do next, by the slip, else by the kind of exercise."""
    exercise = known_exercise(verdict.get("exercise"))
    kind = exercise.kind if exercise else "rebuild"
    if verdict.get("status") == "not attempted":
        return START[kind]
    return NEXT_STEPS.get(str(verdict.get("slip")), NEXT_STEPS[kind])


@cache
def asked(exercise: Exercise) -> tuple[str, ...]:
    """Return what the card asks for, in Markdown: the goal, then the signature."""
    body = _FENCED.sub("", _card(exercise)).partition(_CARD_END)[0]
    blocks = [" ".join(block.split()) for block in body.split("\n\n")]
    goals = [block.removeprefix("**Goal.** ") for block in blocks]
    texts = [text for text in map(_without_opening, goals) if text]
    signature = [text for text in texts if text.startswith("`")]
    prose = [text for text in texts if not text.startswith(_SKIPPED) and text[0] != "`"]
    if not prose:
        names = ", ".join(f"`{name}`" for name in exercise.answers)
        return (FEEDBACK["define"].format(names=names),)
    return (" ".join(prose), *signature[:1])


def asked_of_class(verdict: Mapping[str, Any]) -> str:
    """Return what the card of the class asks beyond the course's, "" if nothing."""
    check, class_seed = _check(str(verdict.get("exercise"))), verdict.get("class_seed")
    varies = check and check.vary and isinstance(class_seed, int)
    return check.vary(class_seed).text if varies else ""


def _without_opening(text: str) -> str:
    """Cut a last sentence that only announces the code below; mark one cut short."""
    if text.endswith(":"):
        return _OPENING.sub("", text).strip()
    is_prose = text[:1].isalpha() and text[-1].isalpha()
    return f"{text} …" if is_prose else text


def _card(exercise: Exercise) -> str:
    """Return the text of the exercise's card, "" without its notebook."""
    from course_utils.answers.source import read_cells

    for find in (exercise_path, solution_path):
        try:
            cells = read_cells(find(lesson(exercise.lesson), course_root()))
        except (OSError, ValueError):
            continue
        for cell in cells:
            if cell.get("id") == f"card-{exercise.name}":
                return "".join(cell["source"])
    return ""


@cache
def _check(name: str) -> Check | None:
    exercise = known_exercise(name)
    try:
        return load_check(exercise.id) if exercise else None
    except ImportError:
        return None


def _own_slip(name: str, slip: str) -> Slip | None:
    check = _check(name)
    return (
        next((one for one in check.slips if one.name == slip), None) if check else None
    )


def _reasons(name: str) -> tuple[str, ...]:
    check = _check(name)
    return tuple(dict.fromkeys(check.forbids.values())) if check else ()
