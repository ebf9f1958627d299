"""Unpack an archive of submissions without trusting a single name in it."""

import contextlib
import os
import stat
import time
import zipfile
from pathlib import Path, PurePosixPath

__all__ = ["unpack"]

MOST_BYTES = 2**30
MOST_FILES = 20_000
MOST_TIMES = 200  # a file may unpack to so many times its packed size
SMALL = 2**20  # below this the ratio does not matter
PIECE = 2**20


def unpack(archive: Path, into: Path) -> None:
    """Unpack a zip archive into an empty folder; all of it, or nothing is right.

    Raises:
        ValueError: it is no zip archive, or one that no honest program makes: absolute
            or parent names, links, devices, passwords, far too much data.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            members = packed.infolist()
            if len(members) > MOST_FILES:
                raise ValueError(f"it holds more than {MOST_FILES} files")
            left = MOST_BYTES
            for member in members:
                target = into.joinpath(*_parts(member))
                if member.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                else:
                    left -= _copy(packed, member, target, left)
    except ValueError as problem:
        raise ValueError(f"{archive.name} is refused: {problem}") from None
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as problem:
        reason = str(problem)[:200]
        text = f"{archive.name} cannot be unpacked: {reason}; pack it again as a zip"
        raise ValueError(text) from None


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return the folders and the name of a member.

    Raises:
        ValueError: it is a link or a device, or leads out of the archive.
    """
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ValueError(f"{member.filename!r} is a link or a device")
    if member.flag_bits & 1:
        raise ValueError(f"{member.filename!r} is locked with a password")
    path = PurePosixPath(member.filename.replace("\\", "/"))
    drive = any(":" in part for part in path.parts[:1])
    if path.is_absolute() or drive or ".." in path.parts or "\0" in str(path):
        raise ValueError(f"{member.filename!r} leads out of the archive")
    return path.parts


def _copy(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int
) -> int:
    """Unpack one file, counting what really comes out; return its size."""
    most = max(SMALL, MOST_TIMES * member.compress_size)
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with packed.open(member) as source, target.open("xb") as file:
        while piece := source.read(PIECE):
            size += len(piece)
            if size > left:
                raise ValueError(f"it unpacks to more than {MOST_BYTES >> 30} GB")
            if size > most:
                raise ValueError(f"{member.filename!r} unpacks to absurdly much")
            file.write(piece)
    _keep_time(member, target)
    return size


def _keep_time(member: zipfile.ZipInfo, target: Path) -> None:
    """Give a file the time in the archive, which may decide whether it is late."""
    with contextlib.suppress(ValueError, OverflowError, OSError):
        seconds = time.mktime((*member.date_time, 0, 0, -1))
        os.utime(target, (seconds, seconds))
