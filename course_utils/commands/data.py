"""`course data`: the texts that the course reads, and the optional downloads."""

from typing import Annotated

import typer

from course_utils.commands.console import (
    FELL_SHORT,
    fail,
    nearest,
    print_json,
    print_table,
)

__all__ = ["app", "get", "list_data"]

app = typer.Typer(
    help="Show the data of the course, or fetch an optional corpus.",
    no_args_is_help=True,
)


@app.command("list")
def list_data(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the corpora: what they are, whether they are here, how to get them."""
    from course_utils.data.sources import list_sources

    sources = list_sources()
    if as_json:
        print_json([source.as_json() for source in sources])
        return
    columns = ["name", "here", "what", "license", "size"]
    rows = [
        [one.name, "yes" if one.available else "no", one.what, one.license, one.size]
        for one in sources
    ]
    print_table("The data", columns, rows)
    for one in sources:
        if not one.available:
            typer.echo(f"{one.name}: {one.get}")


@app.command("get")
def get(
    name: Annotated[str, typer.Argument(help="Name of the corpus.")],
) -> None:
    """Fetch a corpus once; afterwards it is read without a connection."""
    from course_utils.data.corpus import MissingDataError
    from course_utils.data.sources import get_source, list_sources

    known = [source.name for source in list_sources()]
    if name not in known:
        close = nearest(name, known)
        fail(f"There is no corpus {name!r}{close} Known: {', '.join(known)}.")
    try:
        typer.echo(get_source(name, progress=True))
    except (MissingDataError, OSError) as error:
        fail(str(error), FELL_SHORT)
