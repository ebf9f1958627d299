"""`course bench`: run a benchmark and keep its table."""

import contextlib
import importlib.util
import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from course_utils.commands.console import FELL_SHORT, fail, nearest, print_json
from course_utils.commands.places import root

__all__ = ["bench"]


def bench(
    name: Annotated[
        str | None, typer.Argument(help="Name of the benchmark (default: list them).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    readme: Annotated[
        bool, typer.Option("--readme", help="Put the table into README.md as well.")
    ] = False,
) -> None:
    """Measure on this machine, and write the table into benchmarks/results.

    A benchmark is a file benchmarks/NAME.py with a function main(json) that prints its
    table, as Markdown or as JSON, and raises AssertionError when a claim falls short.
    If it has a function excerpt(table), the README quotes what that returns.
    """
    known = sorted(path.stem for path in _folder().glob("[!_]*.py"))
    if name is None:
        _list(known, as_json)
        return
    if name not in known:
        choice = ", ".join(known) or "none yet"
        fail(f"There is no benchmark {name!r}{nearest(name, known)} Known: {choice}.")
    if not as_json:
        typer.echo(f"Measuring {name}: keep the machine quiet.", err=True)
    module = _load(name)
    table, shortfall = _printed(module, as_json)
    if table:
        typer.echo(table)
        _keep(name, table, "json" if as_json else "md")
    if shortfall:
        fail(f"{name} falls short: {shortfall}", FELL_SHORT)
    if readme and not as_json:
        _quote(name, getattr(module, "excerpt", str)(table))


def _folder() -> Path:
    return root() / "benchmarks"


def _list(known: list[str], as_json: bool) -> None:
    if as_json:
        print_json(known)
        return
    typer.echo("Benchmarks: " + (", ".join(known) or "none yet"))
    if known:
        typer.echo(f"Run one: course bench {known[0]}")


def _keep(name: str, table: str, ending: str) -> None:
    path = _folder() / "results" / f"{name}.{ending}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{table}\n", encoding="utf-8")
    typer.echo(f"Written to {path.relative_to(root())}", err=True)


def _quote(name: str, table: str) -> None:
    """Replace what stands between <!-- NAME --> and <!-- /NAME --> in README.md."""
    from course_utils.authoring.readme import fill

    path = root() / "README.md"
    try:
        text = fill(path.read_text(encoding="utf-8"), name, table)
    except ValueError as problem:
        fail(f"README.md: {problem}", FELL_SHORT)
    path.write_text(text, encoding="utf-8")
    typer.echo("Written to README.md", err=True)


def _load(name: str) -> ModuleType:
    path = _folder() / f"{name}.py"
    if str(root()) not in sys.path:
        sys.path.append(str(root()))  # a benchmark may import its neighbors
    spec = importlib.util.spec_from_file_location(f"benchmarks.{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its own processes look it up by this name
    spec.loader.exec_module(module)
    return module


def _printed(module: ModuleType, as_json: bool) -> tuple[str, str]:
    """Return what the benchmark prints, and which of its claims falls short."""
    shortfall = ""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            module.main(json=as_json)
        except AssertionError as error:
            shortfall = str(error) or "a claim does not hold"
    return out.getvalue().strip(), shortfall
