"""Ask the reader for a guess before the answer is shown; nothing is graded."""

import html
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from course_utils.widgets import view_part

__all__ = ["Prediction", "predict"]


class Prediction:
    """A question with choices; every choice is answered with its reason."""

    label = "Predict"

    def __init__(self, question: str, choices: Mapping[str, str], answer: str) -> None:
        choices = {str(choice): reason for choice, reason in choices.items()}
        if str(answer) not in choices or len(choices) < 2:
            known = ", ".join(choices)
            raise ValueError(
                f"answer={answer!r} is not among two choices or more: {known}"
            )
        silent = [choice for choice, reason in choices.items() if not reason.strip()]
        if silent:
            raise ValueError(f"choice {silent[0]!r} has no reason; answer every choice")
        self.question, self.choices, self.answer = question, choices, str(answer)

    def reply(self, choice: str) -> str:
        """Return what to say to a reader who took `choice`."""
        verdict = "Right." if choice == self.answer else "Not quite."
        return f"{verdict} {self.choices[choice]}"

    def respond(self, choice: str) -> str:
        """Answer a reader who has just taken `choice`, in the live question."""
        return self.reply(choice)

    def to_html(self) -> str:
        """Return the question with the answers folded away, where no kernel runs."""
        items = "".join(f"<li>{html.escape(choice)}</li>" for choice in self.choices)
        answer = f"<details><summary>Answer</summary>{self._folded()}</details>"
        return f"{self._asked()}<ul>{items}</ul>{answer}"

    def _asked(self) -> str:
        label, question = html.escape(self.label), html.escape(self.question)
        return f"<p><b>{label}.</b> {question}</p>"

    def _folded(self) -> str:
        ordered = sorted(self.choices, key=lambda choice: choice != self.answer)
        reasons = "".join(
            f"<li><b>{html.escape(choice)}</b>: {html.escape(self.reply(choice))}</li>"
            for choice in ordered
        )
        return f"<ul>{reasons}</ul>"

    def __repr__(self) -> str:
        choices = " / ".join(self.choices)
        return f"{self.label}: {self.question}  [{choices}]"

    @cached_property
    def widget(self) -> Any:
        """The live question: choose, then read why."""
        import ipywidgets

        ask = ipywidgets.HTML(self._asked())
        buttons = ipywidgets.RadioButtons(
            options=list(self.choices),
            value=None,
            layout=ipywidgets.Layout(width="auto", max_width="100%"),
        )
        heard = ipywidgets.HTML('<p role="status" aria-live="polite"></p>')

        def answer(change: Any) -> None:
            text = html.escape(self.respond(change["new"]))
            heard.value = f'<p role="status" aria-live="polite">{text}</p>'

        buttons.observe(answer, "value")
        return ipywidgets.VBox([ask, buttons, heard])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        live = view_part(lambda: self.widget)
        return {**live, "text/html": self.to_html(), "text/plain": repr(self)}


def predict(question: str, choices: Mapping[str, str], answer: str) -> Prediction:
    """Return a question to end a cell with; `choices` maps each choice to its reason.

        predict(
            "What is the loss of a uniform guess among 50 words?",
            {
                "0": "That is the loss of a perfect guess.",
                "ln 50": "Each word gets 1/50, and the loss is −ln(1/50).",
                "50": "The loss is a logarithm: about 3.9, not 50.",
            },
            answer="ln 50",
        )

    Raises `ValueError` when the answer is not a choice or a choice has no reason.
    """
    return Prediction(question, choices, answer)
