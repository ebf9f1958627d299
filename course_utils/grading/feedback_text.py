"""What feedback says to a student, in whatever form it is then written."""

from collections.abc import Mapping, Sequence
from typing import Any

from course_utils.grading.advice import (
    asked,
    asked_of_class,
    known_exercise,
    next_step,
    place,
    sentence,
)
from course_utils.grading.gradebook import Standing
from course_utils.grading.page import MARKS
from course_utils.grading.safe import clean
from course_utils.grading.wording import FEEDBACK, TO_STUDENTS
from course_utils.syllabus import lesson

__all__ = [
    "FACTS",
    "Line",
    "exercise_points",
    "greeting",
    "heading",
    "lines_of",
    "message_of",
    "open_ones",
    "points_line",
    "state_of",
    "title_of",
]

Line = tuple[str, str, str]  # label, kind, text

# The kinds of line that quote a value; the others are ours, card and place.
FACTS = ("called", "returned", "expected")


def greeting(standings: Sequence[Standing]) -> str:
    """Return what a page says first."""
    if len(standings) > 1:
        return FEEDBACK["several"].format(n=len(standings))
    states = [one.get("status") for one in standings[0].exercises]
    if standings[0].status != "graded" or not states:
        text = TO_STUDENTS.get(standings[0].status, "")
        return text[:1].lower() + text[1:]
    return _verdict_in_words(states)


def _verdict_in_words(states: Sequence[Any]) -> str:
    right = states.count("passed")
    key = "all" if right == len(states) else "some" if right else "none"
    return FEEDBACK[key].format(n=len(states), right=right)


def message_of(one: Standing, alone: bool) -> str:
    """Say what a lesson's status means, unless the greeting has said it."""
    if alone:
        return ""
    states = [each.get("status") for each in one.exercises]
    is_graded = one.status == "graded" and states
    text = _verdict_in_words(states) if is_graded else TO_STUDENTS.get(one.status, "")
    return text[:1].upper() + text[1:]


def heading(one: Standing) -> str:
    """Return the number and the title of the lesson."""
    try:
        title = lesson(one.lesson).title
    except ValueError:
        return FEEDBACK["no-lesson"]
    return FEEDBACK["lesson"].format(number=one.lesson, title=title)


def points_line(one: Standing) -> str:
    """Say the points; where something else counts than was computed, both."""
    values = {"all": f"{one.max_points:g}", "points": one.points}
    if one.adjusted:
        key = "counts-alone" if one.points is None else "counts"
        return FEEDBACK[key].format(counted=f"{one.counted:g}", **values)
    if one.points is None:
        return FEEDBACK["no-points"]
    return FEEDBACK["points"].format(got=f"{one.points:g}", **values)


def title_of(verdict: Mapping[str, Any]) -> str:
    """Return the title of an exercise."""
    exercise = known_exercise(verdict.get("exercise"))
    return exercise.title if exercise else clean(verdict.get("exercise"), 60)


def exercise_points(verdict: Mapping[str, Any]) -> str:
    """Return the points of one exercise, in words."""
    got, most = verdict.get("points", 0), verdict.get("most_points", 0)
    return FEEDBACK["points"].format(got=clean(got, 12), all=clean(most, 12))


def state_of(verdict: Mapping[str, Any]) -> str:
    """Return how an exercise stands, with its sign."""
    status = str(verdict.get("status"))
    return f"{MARKS.get(status, '')} {FEEDBACK.get(status, clean(status, 40))}"


def lines_of(verdict: Mapping[str, Any]) -> list[Line]:
    """Return what there is to say about an exercise that did not pass."""
    exercise = known_exercise(verdict.get("exercise"))
    lines = [("asked", "card", text) for text in (asked(exercise) if exercise else ())]
    if own := asked_of_class(verdict):
        lines.append(("asked", "ours", FEEDBACK["your-class"].format(text=own)))
    if verdict.get("status") == "failed":
        facts = [key for key in FACTS if verdict.get(key)]
        lines += [("happened", key, verdict[key]) for key in facts]
        lines.append(("likely", "ours", sentence(verdict)))
    section = place(verdict)
    if section:
        lines.append(("reread", "place", section.text))
    return [*lines, ("next", "ours", next_step(verdict))]


def open_ones(one: Standing) -> list[Mapping[str, Any]]:
    """Return the exercises that did not pass."""
    return [each for each in one.exercises if each.get("status") != "passed"]
