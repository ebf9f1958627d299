"""`course train`: train the weights of the course again, from random numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from course_utils.commands.console import FELL_SHORT, fail, nearest, print_json

__all__ = ["train"]


def train(
    recipe: Annotated[
        str | None, typer.Argument(help="Name of the recipe (default: list them).")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the weights (default: the course's)."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a stopped run was.")
    ] = False,
    show: Annotated[bool, typer.Option("--list", help="List the recipes.")] = False,
) -> None:
    """Train a model by its recipe; a stopped run goes on with --resume."""
    from course_utils.recipes import RECIPES

    if show or recipe is None:
        _list(RECIPES)
        return
    if recipe not in RECIPES:
        close, choice = nearest(recipe, [*RECIPES]), ", ".join(RECIPES)
        fail(f"There is no recipe {recipe!r}{close} Known: {choice}.")
    _follow(RECIPES[recipe], recipe, {"out": out, "resume": resume})


def _follow(cook: Callable, name: str, options: dict) -> None:
    from course_utils.checkpoints import CheckpointError

    given = {key: value for key, value in options.items() if value}
    try:
        record = cook(**given)
    except (CheckpointError, ValueError, OSError) as error:
        fail(f"Training {name} stopped: {error}", FELL_SHORT)
    except KeyboardInterrupt:
        fail(f"\nStopped. Go on with: course train {name} --resume", FELL_SHORT)
    if isinstance(record, dict) and "metrics" in record:
        print_json(record["metrics"])


def _list(recipes: dict[str, Callable]) -> None:
    for name, cook in recipes.items():
        about = (cook.__doc__ or "").strip().partition("\n")[0]
        typer.echo(f"{name:20} {about}")
    typer.echo(f"Train one: course train {next(iter(recipes))}")
