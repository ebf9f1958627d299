"""What makes a result final: seed, version and settings; equal ones need no rerun."""

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from course_utils import __version__
from course_utils.checks.variants import seed_path
from course_utils.files import replace_bytes, replace_text
from course_utils.grading.limits import Limits

__all__ = ["Job", "course_stamp", "run_class_seed", "run_seed", "seed_hash"]

PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Job:
    """How a run grades every submission.

    `seed` draws the inputs, `level` names the sandbox (see `sandbox.LEVELS`), and
    `class_seed` chooses the class's own version of the transfer exercises.
    """

    seed: int
    level: str
    limits: Limits = field(default_factory=Limits)
    class_seed: int | None = None

    @property
    def stamp(self) -> dict[str, Any]:
        """What a result notes of the job; two with equal stamps are equal."""
        return {
            "sandbox": self.level,
            "seed": seed_hash(self.seed),
            "course": course_stamp(),
            "settings": {**vars(self.limits), "class_seed": self.class_seed},
        }


def run_seed(out: Path, given: int | None = None) -> int:
    """Return the seed of a run folder: made once, readable by its owner alone.

    Raises:
        ValueError: the folder's seed is damaged.
        OSError: the folder cannot be written to.
    """
    path = out / ".seed"
    if given is None and path.exists():
        try:
            return int(path.read_text())
        except ValueError:
            raise ValueError(f"{path} is damaged; remove it and grade anew") from None
    seed = secrets.randbelow(2**48) if given is None else given
    replace_bytes(path, f"{seed}\n".encode(), mode=0o600)
    return seed


def run_class_seed(out: Path, given: int | None = None) -> int | None:
    """Return the class seed of a run folder: the first that was given, for good.

    Raises:
        ValueError: the folder belongs to another class, or what it notes is damaged.
        OSError: the folder cannot be written to.
    """
    path = out / ".class_seed"
    noted = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    if given is None:
        if noted and not noted.lstrip("-").isdigit():
            raise ValueError(f"{path} is damaged; remove it and give --class-seed")
        return int(noted) if noted else None
    if noted and noted != str(given):
        raise ValueError(
            f"it is of the class with seed {noted}, not {given}; choose another --out"
        )
    replace_text(path, f"{given}\n")
    return given


def seed_hash(seed: int) -> str:
    """Return what results may say of the seed: whether it is the same."""
    return hashlib.sha256(f"course grade {seed}".encode()).hexdigest()[:16]


@cache
def course_stamp() -> str:
    """Return the version of the course and a fingerprint of what decides on points.

    That is the code, the syllabus, the trained weights, and the seed of a class.
    """
    weights = (path for path in (PACKAGE / "weights").glob("*.*") if path.is_file())
    kept = (PACKAGE / "syllabus.toml", *weights, seed_path())
    digest = hashlib.sha256()
    for path in sorted([*PACKAGE.rglob("*.py"), *filter(Path.exists, kept)]):
        digest.update(str(path.relative_to(PACKAGE)).encode() + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"
