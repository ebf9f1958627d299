"""Answers that the checks must reject or accept: kept by hand, or made by machine.

`tests/mutants/NN_topic.toml` holds `[[wrong]]` answers, with the `slip` that must be
diagnosed where the check knows the mistake, and `[[right]]` ones written another way.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course_utils.answers.execute import execute
from course_utils.answers.source import answer_cells, read_cells, setup_source
from course_utils.answers.worker import run_source
from course_utils.checks.judge import judge
from course_utils.checks.spec import load_check
from course_utils.checks.verdict import Verdict
from course_utils.syllabus import LESSONS, Lesson, find_exercise, lesson

__all__ = ["Mutant", "read_mutants", "solution", "try_answer"]

SECONDS = 3.0  # for one call: a wrong answer may hang, a busy machine is slow


@dataclass(frozen=True)
class Mutant:
    """One answer: whether it is right, its source, and the slip to be diagnosed."""

    exercise: str
    code: str
    right: bool = False
    slip: str = ""

    @property
    def kind(self) -> str:
        """One of right, known (to the check) and unknown."""
        return "right" if self.right else "known" if self.slip else "unknown"


def read_mutants(root: Path, lessons: tuple[Lesson, ...] = LESSONS) -> Iterator[Mutant]:
    """Yield all answers that are kept for the exercises of these lessons."""
    for one in lessons:
        path = root / "tests" / "mutants" / f"{one.name}.toml"
        if path.is_file():
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            for right in (False, True):
                for row in data.get("right" if right else "wrong", ()):
                    yield Mutant(**row, right=right)


@cache
def _cells(path: Path) -> tuple[str, dict[str, str]]:
    cells = read_cells(path)
    return setup_source(cells), answer_cells(cells)


def solution(root: Path, number: str) -> tuple[str, dict[str, str]]:
    """Return the imports of a solutions notebook, and its answers by exercise."""
    return _cells(root / "solutions" / f"{lesson(number).name}.ipynb")


def try_answer(root: Path, exercise: str, code: str, seed: int = 0) -> Verdict:
    """Return the verdict on `code`, run after the solutions of the exercises before."""
    found = find_exercise(exercise)
    setup, answers = solution(root, found.lesson)
    namespace: dict = {"__name__": "__main__"}
    run_source(setup, "setup", namespace)
    for name, source in answers.items():
        if name == exercise:
            break
        run_source(source, name, namespace)
    run_source(code, exercise, namespace)
    rules = load_check(exercise)
    calls = rules.calls(seed)
    return judge(rules, found, calls, execute(calls, namespace, SECONDS))
