"""`course train`: train the weights of the course again, from random numbers."""

import tempfile
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
    if out:
        _make_writable(out)
    _follow(RECIPES[recipe], recipe, {"out": out, "resume": resume})


def _make_writable(out: Path) -> None:
    """Make the folder; refuse one that takes no files before training, not after."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        fail(f"Nothing can be written to {out}: {error.strerror}; choose another --out")


def _follow(cook: Callable, name: str, options: dict) -> None:
    from course_utils.checkpoints import CheckpointError

    given = {key: value for key, value in options.items() if value}
    try:
        record = cook(**given)
    except (CheckpointError, ValueError, OSError) as error:
        fail(f"Training {name} stopped: {error}", FELL_SHORT)
    except KeyboardInterrupt:
        place = f' --out "{options["out"]}"' if options["out"] else ""
        fail(f"\nStopped. Go on with: course train {name}{place} --resume", FELL_SHORT)
    if isinstance(record, dict) and "metrics" in record:
        print_json(record["metrics"])


def _list(recipes: dict[str, Callable]) -> None:
    for name, cook in recipes.items():
        about = (cook.__doc__ or "").strip().partition("\n")[0]
        typer.echo(f"{name:20} {about}")
    typer.echo(f"Train one: course train {next(iter(recipes))}")
