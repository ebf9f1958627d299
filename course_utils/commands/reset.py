"""`course reset`: start an exercise anew, with a copy of the old answer kept."""

from typing import Annotated

import typer

from course_utils.commands.console import FELL_SHORT, fail
from course_utils.commands.places import root
from course_utils.syllabus import find_exercise

__all__ = ["reset"]


def reset(
    exercise: Annotated[
        str, typer.Argument(help="Id of the exercise, for example 02-scores.")
    ],
) -> None:
    """Put the blank answer cell back; a copy of the notebook is kept."""
    from course_utils.blanks import ResetError, reset_answer

    try:
        found = find_exercise(exercise)
    except ValueError as error:
        fail(f"There is {error}.")
    try:
        backup = reset_answer(found, root())
    except ResetError as problem:
        fail(str(problem), FELL_SHORT)
    typer.echo(f"{found.id}, {found.title}: the answer cell is blank again.")
    typer.echo(f"Your notebook as it was: {backup.relative_to(root())}")
    typer.echo(
        "Open in JupyterLab? File → Reload Notebook from Disk; do not save first."
    )
