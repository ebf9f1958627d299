"""What every command shares: how it speaks, fails and prints JSON."""

import json
from difflib import get_close_matches
from typing import NoReturn

import typer

__all__ = ["FELL_SHORT", "MISUSED", "fail", "nearest", "print_json", "print_table"]

FELL_SHORT = 1
MISUSED = 2


def fail(message: str, code: int = MISUSED) -> NoReturn:
    """Print one sentence to stderr and end the command with this exit code."""
    typer.secho(message, err=True, fg=typer.colors.RED)
    raise typer.Exit(code)


def nearest(wrong: str, known: list[str]) -> str:
    """Return the end of a sentence: the nearest known word if there is one."""
    close = get_close_matches(wrong, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else "."


def print_json(value: object) -> None:
    """Print a value as JSON, and nothing else; in ASCII, which every pipe can carry."""
    typer.echo(json.dumps(value, indent=2))


def print_table(
    title: str, columns: list[str], rows: list[list[str]], right: tuple[str, ...] = ()
) -> None:
    """Print a table; the first column names things, those in `right` hold numbers."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for place, column in enumerate(columns):
        side = "right" if column in right else "left"
        table.add_column(column, justify=side, no_wrap=place == 0)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
