"""Replace a file in one step: after a crash it is the old one or the new one."""

import contextlib
import os
import tempfile
from pathlib import Path

__all__ = ["replace_bytes", "replace_text"]


def replace_text(path: Path, text: str) -> None:
    """Put `text` in the place of a file, as `replace_bytes` does."""
    replace_bytes(path, text.encode())


def replace_bytes(
    path: Path, data: bytes, mode: int | None = None, temporary: Path | None = None
) -> None:
    """Put `data` in the place of a file: a crash leaves the old one or the new one.

    The bytes reach the disk under another name first. That name is new each time, so
    that two writers do not meet; a single writer may fix it by `temporary`, and what
    a kill leaves behind is then overwritten. `mode` holds the rights of a file that
    is for its owner alone; otherwise the old file's are kept.

    Raises:
        OSError: the file system refuses; the old file is untouched.
    """
    if temporary is None:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        handle, name = os.open(temporary, flags, 0o600), str(temporary)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        kept = path.stat().st_mode if path.exists() else 0o644
        os.chmod(name, kept if mode is None else mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):  # the folder itself may be unusable
            os.unlink(name)
        raise
