"""Variation: each class gets its own version of the transfer exercises.

    course build --learner OUT --class-seed 2027     the cards say what is different
    course grade SUBMISSIONS --out RESULTS --class-seed 2027

Classes whose seeds follow one another never share a version, so last year's answers do
not pass. A learners' edition keeps its seed beside this file; without one the exercises
are those of the course.
"""

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["Variant", "drawn", "kept_seed", "seed_path", "seed_text", "varied"]

T = TypeVar("T")
PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Variant:
    """How the exercise of one class differs from that of the course.

    `text` says so on the card; `adapt` turns an answer to the exercise of the course
    into one to that of the class.
    """

    text: str
    adapt: Callable[[Any], Any]


def drawn(exercise: str, class_seed: int, choices: Sequence[T]) -> T:
    """Return the choice of a class; the next seed chooses another."""
    return choices[(class_seed + zlib.crc32(exercise.encode())) % len(choices)]


def varied(
    exercise: str,
    choices: Sequence[T],
    card: Callable[[T], str],
    of_class: Callable[..., Any],
) -> Callable[[int], Variant]:
    """Return the `vary` of an exercise whose classes differ by a choice.

    `card(choice)` is what the card says; `of_class(answer, choice, *given)` returns
    what the class's answer to `given` is, by an `answer` to that of the course.
    """

    def vary(class_seed: int) -> Variant:
        choice = drawn(exercise, class_seed, choices)

        def adapt(answer: Callable) -> Callable:
            return lambda *given, **options: of_class(answer, choice, *given, **options)

        return Variant(card(choice), adapt)

    return vary


def seed_path(package: Path = PACKAGE) -> Path:
    """Return where a copy of the package keeps the seed of its class."""
    return package / "checks" / "class.json"


def seed_text(class_seed: int) -> str:
    """Return what stands in that file."""
    return json.dumps({"class_seed": class_seed}) + "\n"


@cache
def kept_seed(path: Path | None = None) -> int | None:
    """Return the seed of this copy's class, None for the course as it is.

    Raises:
        ValueError: the file is damaged.
    """
    path = path or seed_path()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return int(json.loads(text)["class_seed"])
    except (ValueError, TypeError, KeyError):
        raise ValueError(
            f"{path} is damaged: it holds {text[:40]!r}, and should hold the seed of "
            'your class, such as {"class_seed": 2027}; ask for a fresh copy'
        ) from None
