"""The `course` command: one entry for readers, teachers and authors.

Exit codes: 0 fine, 1 the thing checked falls short, 2 the command was misused.
"""

import io
import sys

import typer

from course_utils.commands import (
    authoring,
    bench,
    card,
    check,
    data,
    grade,
    lab,
    listing,
    reset,
    review,
    run,
    train,
)
from course_utils.commands.doctor import command as doctor

__all__ = ["app", "main"]

app = typer.Typer(
    name="course",
    help="Smaller, Faster Transformers: open, check, run and build the course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("lab")(lab.lab)
app.command("doctor")(doctor.doctor)
app.command("list")(listing.list_lessons)
app.command("run")(run.run)
app.command("check")(check.check)
app.command("grade")(grade.grade)
app.command("review")(review.review)
app.command("reset")(reset.reset)
app.command("train")(train.train)
app.add_typer(data.app, name="data")
app.command("card")(card.card)
app.command("bench")(bench.bench)
app.command("build")(authoring.build)


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    if version:
        from course_utils import __version__

        typer.echo(__version__)
        raise typer.Exit()


def main() -> None:
    """Run the command; a user's mistake ends in a sentence, not in a traceback."""
    for stream in (sys.stdout, sys.stderr):  # a sign that the terminal lacks becomes ?
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="course")
