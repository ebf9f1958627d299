"""The commands of `course`, one file each.

Only the standard library and Typer are imported at the top of these files, so that
`course --help` answers at once; whatever is heavy is imported by the command itself.
"""

__all__: list[str] = []
