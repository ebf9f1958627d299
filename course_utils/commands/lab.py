"""`course lab`: open a lesson in JupyterLab, with the kernel of this environment."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from course_utils.commands.console import FELL_SHORT, fail
from course_utils.commands.places import find_notebook, root
from course_utils.syllabus import LESSONS

__all__ = ["lab"]

# No requests for news, no pop-up about them: the course needs no network.
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    }
}


def lab(
    lesson: Annotated[
        str, typer.Argument(help="Number or name of the lesson.")
    ] = LESSONS[0].number,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser window.")
    ] = True,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port (default: the next free one)."),
    ] = None,
) -> None:
    """Open a lesson in JupyterLab (the first one, if none is named)."""
    from course_utils.progress import mark

    found, notebook = find_notebook(lesson)
    if port and not _is_free(port):
        fail(
            f"Port {port} is in use, perhaps by another JupyterLab. Close that one, or "
            f"choose another: course lab {found.number} --port {port + 1}",
            FELL_SHORT,
        )
    command = _command(notebook, root(), browser, port)
    _quiet_news(Path(sys.prefix))
    mark(root(), found.number, "opened")
    typer.echo(f"Opening lesson {found.number}, {found.title}.")
    if not browser:
        typer.echo("Copy the address that appears below into a browser.")
    typer.echo("Stop JupyterLab with Ctrl-C in this window.")
    sys.stdout.flush()
    _launch(command, _environment(dict(os.environ)))


def _command(
    notebook: Path, folder: Path, browser: bool, port: int | None
) -> list[str]:
    page = f"/lab/tree/{notebook.relative_to(folder).as_posix()}"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    command += [f"--LabApp.default_url={page}", "--LabApp.extension_manager=readonly"]
    if port:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


def _environment(inherited: dict[str, str]) -> dict[str, str]:
    """Return the variables that make this environment's kernel the one that starts."""
    inherited["JUPYTER_PREFER_ENV_PATH"] = "1"
    inherited.pop("JUPYTER_PATH", None)
    return inherited


def _is_free(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False


def _quiet_news(prefix: Path) -> None:
    """Set the course's defaults in its own environment, never in anybody else's."""
    path = prefix / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    if sys.prefix == sys.base_prefix or path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(SETTINGS, indent=1))
    except OSError:
        return


def _launch(command: list[str], environment: dict[str, str]) -> NoReturn:
    """Become JupyterLab; where a process cannot, wait for it."""
    if os.name == "posix":
        os.execve(command[0], command, environment)
    raise typer.Exit(subprocess.call(command, env=environment))
