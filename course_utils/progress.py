"""Remember which lessons a reader has opened and run, in `.course/progress.json`."""

import json
import os
from datetime import date
from pathlib import Path

__all__ = ["mark", "read_progress"]


def read_progress(root: Path) -> dict[str, dict[str, str]]:
    """Return, by lesson number, the days on which it was `opened` and `run`.

    A missing or damaged file counts as no progress: it must never stop a reader.
    """
    try:
        found = json.loads(_file(root).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, dict)}


def mark(root: Path, lesson: str, event: str) -> None:
    """Note that something happened to a lesson today; keep silent if it cannot."""
    progress = read_progress(root)
    progress.setdefault(lesson, {})[event] = date.today().isoformat()
    path = _file(root)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        temporary.write_text(json.dumps(progress, indent=1, sort_keys=True))
        temporary.replace(path)
    except OSError:
        return


def _file(root: Path) -> Path:
    return root / ".course" / "progress.json"
