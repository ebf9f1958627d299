"""Fetch a file once: checked by its hash, kept on this machine, with a progress bar."""

import os
from pathlib import Path

import pooch
from requests import RequestException
from rich.progress import Progress

from course_utils.data.corpus import MissingDataError

__all__ = ["Bar", "cache_folder", "fetch"]


def cache_folder() -> Path:
    """Return where downloads are kept: $COURSE_CACHE, or the user's cache folder."""
    chosen = os.environ.get("COURSE_CACHE")
    return Path(chosen or pooch.os_cache("smaller-faster-transformers"))


class Bar:
    """A progress bar by rich, with the four methods that pooch asks for."""

    def __init__(self, name: str):
        self.name = name
        self.progress = Progress(transient=True)
        self.task = self.progress.add_task(name, total=None)
        self._total = 0

    @property
    def total(self) -> int:
        """The size in bytes."""
        return self._total

    @total.setter
    def total(self, size: int) -> None:
        self._total = size
        self.progress.update(self.task, total=size)
        self.progress.start()

    def update(self, size: int) -> None:
        """Count `size` more bytes."""
        self.progress.advance(self.task, size)

    def reset(self) -> None:
        """Start again from nothing."""
        self.progress.reset(self.task, total=self._total)

    def close(self) -> None:
        """Remove the bar."""
        self.progress.stop()


def fetch(
    url: str, sha256: str, folder: Path, name: str, progress: bool = False
) -> Path:
    """Return the file, from `folder` if it is there, else from `url`.

    A file whose hash is not `sha256` is never used.

    Raises MissingDataError, which says what to do: without a connection, for a file
    that the server does not have, and for a wrong hash.
    """
    downloader = pooch.HTTPDownloader(progressbar=Bar(name) if progress else False)
    pooch.get_logger().setLevel("ERROR")  # what happened is said by the exception
    known = f"sha256:{sha256}"
    try:
        return Path(pooch.retrieve(url, known, name, folder, downloader=downloader))
    except RequestException as problem:
        raise MissingDataError(
            f"{url} could not be fetched ({type(problem).__name__}). Connect to the "
            "internet and try again: once fetched, the file stays in "
            f"{folder}. Everything else in the course works without it."
        ) from problem
    except ValueError as problem:
        raise MissingDataError(
            f"{url} is not the file that the course knows: {problem} "
            "Try again, or name another base_url."
        ) from problem
