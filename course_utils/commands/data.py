"""`course data`: the texts that the course reads, and the optional downloads."""

import typer

app = typer.Typer(help="Show the data of the course, or fetch an optional corpus.")
