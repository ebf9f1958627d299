"""`course doctor`: run every check and say what to type."""

from dataclasses import asdict
from typing import Annotated

import typer

from course_utils.commands.console import FELL_SHORT, print_json
from course_utils.commands.doctor.checks import Finding
from course_utils.commands.places import root

__all__ = ["doctor"]

SIGNS = {
    "fine": (" ok ", typer.colors.GREEN),
    "note": ("note", typer.colors.BLUE),
    "warning": ("warn", typer.colors.YELLOW),
    "error": ("FAIL", typer.colors.RED),
}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check this machine; for each finding say what is wrong and what to type."""
    from course_utils.commands.doctor.facts import examine

    findings = examine(root())
    errors = sum(one.level == "error" for one in findings)
    if as_json:
        print_json([asdict(one) for one in findings])
    else:
        for one in findings:
            _show(one)
        typer.echo(_summary(findings, errors))
    if errors:
        raise typer.Exit(FELL_SHORT)


def _show(one: Finding) -> None:
    sign, color = SIGNS[one.level]
    typer.secho(f"[{sign}] ", fg=color, nl=False)
    typer.echo(f"{one.check}: {one.message}")
    if one.fix:
        typer.echo(f"       type: {one.fix}")


def _summary(findings: list[Finding], errors: int) -> str:
    warnings = sum(one.level == "warning" for one in findings)
    if errors:
        return f"{errors} to mend before the course can run."
    if warnings:
        return f"The course can run; {warnings} to look at."
    return "All is well. Open the first lesson: course lab"
