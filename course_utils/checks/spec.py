"""How an exercise says what is right: calls, a right answer, and known slips."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from course_utils.answers.calls import Outcome, Request, Value
from course_utils.checks.messages import SLIPS
from course_utils.checks.variants import Variant

__all__ = ["Check", "Slip", "choose", "guess", "guess_several", "load_check", "slips"]

Outcomes = Mapping[str, Outcome]
OTHER_CLASS = "another-class"
YEARS = (1, 2, 3)  # how far back an answer of another class is recognized
FORM = "Write the choice just as it is listed: a small letter, without brackets."


@dataclass(frozen=True)
class Slip:
    """A wrong answer that people give: its name, what to say, and the answer itself.

    `answer` maps the names of the exercise to the wrong versions, as in `Check`.
    `section` is the heading to reread, where it is not the exercise's own.
    """

    name: str
    text: str
    answer: Mapping[str, Any]
    section: str = ""


@dataclass(frozen=True)
class Check:
    """All that the check of one exercise knows.

    `calls(seed)` lists the calls by a readable name, the simplest first: the answer
    must agree with `answer`, a right one, on each, but for those named in `free`.
    `extra` may look at all outcomes and return (slip, text) for what only a property
    can tell. `forbids` maps a name that the answer must not use to the reason.
    `rtol` and `atol` replace the tolerances of the dtype. `vary(class_seed)` makes the
    version of one class.
    """

    calls: Callable[[int], dict[str, Request]]
    answer: Mapping[str, Any]
    slips: tuple[Slip, ...] = ()
    extra: Callable[[Outcomes, Outcomes], tuple[str, str] | None] | None = None
    free: frozenset[str] = frozenset()
    forbids: Mapping[str, str] = field(default_factory=dict)
    rtol: float | None = None
    atol: float | None = None
    vary: Callable[[int], Variant] | None = None

    def of_class(self, class_seed: int) -> "Check":
        """Return the check of a class's own version, the same one if it has none."""
        if self.vary is None:
            return self
        adapt = self.vary(class_seed).adapt

        def adapted(answer: Mapping[str, Any]) -> dict[str, Any]:
            return {name: adapt(one) for name, one in answer.items()}

        text = SLIPS[OTHER_CLASS]
        earlier = [self.vary(class_seed - years).adapt for years in YEARS]
        others = [
            {name: change(one) for name, one in self.answer.items()}
            for change in (lambda one: one, *earlier)
        ]
        slips = [Slip(OTHER_CLASS, text, answer) for answer in others]
        slips += [replace(one, answer=adapted(one.answer)) for one in self.slips]
        return replace(self, answer=adapted(self.answer), slips=tuple(slips))


def load_check(exercise: str, class_seed: int | None = None) -> Check:
    """Return the check of an exercise: "02-scores" stands in lesson02/scores.py.

    It is that of the class with this seed, by default that of the course.
    """
    number, _, name = exercise.partition("-")
    module = f"course_utils.checks.lesson{number}.{name.replace('-', '_')}"
    check = importlib.import_module(module).CHECK
    return check if class_seed is None else check.of_class(class_seed)


def choose(name: str, right: Any, reasons: Mapping[Any, str]) -> Check:
    """Return the check of a prediction: one choice is right, each other has a reason.

    The slip of a wrong choice is called `choice-` and the choice.
    """
    slips = tuple(
        Slip(f"choice-{choice}", reason, {name: choice})
        for choice, reason in reasons.items()
    )
    if isinstance(right, str):
        forms = (right.upper(), f"({right})")
        slips += tuple(Slip("choice-form", FORM, {name: form}) for form in forms)
    return Check(lambda seed: {"your choice": Value(name)}, {name: right}, slips)


def slips(
    name: str, answers: Mapping[str, Any], texts: Mapping[str, str]
) -> tuple[Slip, ...]:
    """Return the slips of an exercise that asks for one name.

    Both map a slip's name: to the wrong answer, and to what to say of it.
    """
    return tuple(
        Slip(slip, text, {name: answers[slip]}) for slip, text in texts.items()
    )


def guess(
    name: str, right: float, reasons: Mapping[str, tuple[float, str]], rtol: float
) -> Check:
    """Return the check of a predicted number, right within `rtol` of its size.

    `reasons` maps a slip's name to the number that it leads to, and what to say.
    """
    slips = tuple(
        Slip(slip, text, {name: number}) for slip, (number, text) in reasons.items()
    )
    return Check(
        lambda seed: {"your number": Value(name)}, {name: right}, slips, rtol=rtol
    )


def guess_several(
    right: Mapping[str, Any],
    reasons: Mapping[tuple[str, str, Any], str],
    rtol: float | None = None,
) -> Check:
    """Return the check of several predictions at once, numbers right within `rtol`.

    `right` maps each variable to its value, `reasons` maps a variable, a slip's name
    and the wrong value that it leads to to what to say. The slip is called by the
    variable and its name.
    """
    slips = tuple(
        Slip(f"{name}-{slip}", text, {name: wrong})
        for (name, slip, wrong), text in reasons.items()
    )
    return Check(
        lambda seed: {name: Value(name) for name in right}, right, slips, rtol=rtol
    )
