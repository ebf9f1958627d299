"""`course review`: ask the questions that are due, in the terminal."""

from typing import Annotated, Any

import typer

from course_utils.commands.console import print_json
from course_utils.commands.places import root

__all__ = ["review"]


def review(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the due questions as JSON; ask none.")
    ] = False,
) -> None:
    """Ask the recall questions that are due; a missed one comes back tomorrow."""
    from course_utils.recall.ask import due, nothing_due

    questions = due(root())
    if as_json:
        print_json([_entry(one) for one in questions])
        return
    if not questions:
        typer.echo(nothing_due(root()))
        return
    typer.echo(f"{len(questions)} due. Type the number of your answer; Ctrl-C stops.\n")
    _ask_all(questions)


def _ask_all(questions: list[Any]) -> None:
    from course_utils.progress import record_recall

    right = 0
    for done, one in enumerate(questions):
        try:
            correct = _ask(one, f"{done + 1} of {len(questions)}")
        except typer.Abort:
            typer.echo(f"\nStopped: {done} of {len(questions)} answered.")
            return
        record_recall(root(), one.id, correct)
        right += correct
    typer.echo(f"{right} of {len(questions)} right.")


def _ask(one: Any, place: str) -> bool:
    """Ask one question, answer the choice with its reason; say whether it was right."""
    from course_utils.recall.ask import to_reread

    typer.echo(f"{place} · lesson {one.lesson}\n{one.text}")
    for number, (choice, _) in enumerate(one.choices, 1):
        typer.echo(f"  {number}  {choice}")
    choice, reason = one.choices[_number(len(one.choices)) - 1]
    right = choice == one.answer
    typer.echo(f"{'Right.' if right else 'Not quite.'} {reason}")
    if not right:
        answer, why = next(pair for pair in one.choices if pair[0] == one.answer)
        typer.echo(f"It is: {answer}. {why}")
        typer.echo(to_reread(one))
    typer.echo()
    return right


def _number(most: int) -> int:
    """Ask for a number from 1 to `most` until one is given."""
    while True:
        given = typer.prompt("Your answer").strip()
        if given in map(str, range(1, most + 1)):
            return int(given)
        typer.echo(f"Type a number from 1 to {most}.")


def _entry(one: Any) -> dict:
    return {
        "question": one.id,
        "lesson": one.lesson,
        "text": one.text,
        "choices": [choice for choice, _ in one.choices],
        "section": one.section,
    }
