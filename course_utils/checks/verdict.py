"""The verdict on one answer, as text for a terminal and as a panel for a notebook."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from course_utils.checks.messages import WORDS

__all__ = ["Verdict"]


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    `status` is passed, failed or not attempted; `slip` the name of the likely slip,
    or "" where none was recognized. `pair` holds two small matrices, the learner's
    and the expected one, where a picture helps.
    """

    exercise: str
    status: str
    points: int
    most_points: int
    slip: str = ""
    case: str = ""
    given: str = ""
    called: str = ""
    returned: str = ""
    expected: str = ""
    advice: str = ""
    reread: str = ""
    pair: tuple[Tensor, Tensor] | None = None

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "passed"

    @property
    def headline(self) -> str:
        """One line: the exercise, the verdict, the points."""
        points = WORDS["points"].format(got=self.points, all=self.most_points)
        return f"{self.exercise}: {WORDS[self.status]} {points}."

    @property
    def details(self) -> list[tuple[str, str]]:
        """What was called, what came back, what was expected, and so on, by label."""
        called = f"{self.called}  ({self.case})" if self.called else ""
        rows = [
            (WORDS["given"], self.given),
            (WORDS["called"], called),
            (WORDS["returned"], self.returned),
            (WORDS["expected"], self.expected),
            (WORDS["likely"], self.advice if self.status == "failed" else ""),
            (WORDS["reread"], self.reread),
        ]
        return [(label, text) for label, text in rows if text]

    @property
    def text(self) -> str:
        """The verdict as plain text."""
        mark = {"passed": "✓", "failed": "✗"}.get(self.status, "·")
        lines = [f"{mark} {self.headline}"]
        if self.status == "not attempted":
            lines.append(f"  {self.advice}")
        lines += [f"  {label + ':':13}{text}" for label, text in self.details]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return the fields under plain lower-case names, without the picture."""
        shown = {name: one for name, one in vars(self).items() if name != "pair"}
        return shown | {"passed": self.passed}

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from course_utils.checks.panel import to_html

        return to_html(self)
