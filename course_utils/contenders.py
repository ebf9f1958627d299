"""Translators whose files the course keeps, and ways to run them (lesson 36)."""

from collections.abc import Callable
from pathlib import Path

import torch
from jaxtyping import UInt8
from torch import Tensor

from course_utils.faster.cache import cached_translation_steps
from course_utils.faster.lean_translator import LeanTranslator
from course_utils.frontier import Contender, Translate
from course_utils.smaller.small_file import load_small_translator
from course_utils.translator import WEIGHTS, Translator, load_translator

__all__ = [
    "as_bytes",
    "contenders",
    "plainly",
    "small_file",
    "with_cache",
    "with_lean_loop",
]

Run = Callable[[Translator], Translate]


def as_bytes(path: str | Path) -> UInt8[Tensor, " n"]:
    """Return the bytes of a file, as an answer hands them in."""
    return torch.frombuffer(bytearray(Path(path).read_bytes()), dtype=torch.uint8)


def plainly(translator: Translator) -> Translate:
    """Translate as in lesson 07: every step reads all that is written again."""
    return lambda text: translator.translate(text)[0]


def with_cache(translator: Translator) -> Translate:
    """Translate with remembered keys and values (lesson 21)."""

    def translate(text: str) -> str:
        [ids] = translator.write(translator.encode([text]), cached_translation_steps)
        return translator.vocabulary.decode(ids)

    return translate


def with_lean_loop(translator: Translator) -> Translate:
    """Translate by the lean loop over the weights (lesson 21)."""
    lean = LeanTranslator(translator.model)

    def translate(text: str) -> str:
        [ids] = translator.encode([text])
        return translator.vocabulary.decode(lean(ids))

    return translate


def small_file(
    path: str | Path, name: str, language: str = "fr", run: Run = with_lean_loop
) -> Contender:
    """Return the contender of one small file (lessons 30 and 31)."""
    path = Path(path)
    return Contender(name, (path,), lambda: run(load_small_translator(language, path)))


def _checkpoint(name: str, title: str, language: str, run: Run) -> Contender:
    files = tuple(WEIGHTS / f"{name}.{kind}" for kind in ("safetensors", "json"))
    return Contender(
        title, files, lambda: run(load_translator(language, WEIGHTS / name))
    )


def contenders(language: str = "fr") -> list[Contender]:
    """Return the translators whose files the course keeps; the original comes first."""
    found = [
        _checkpoint("translator", "original", language, plainly),
        _checkpoint("translator", "original, cached", language, with_cache),
        _checkpoint("translator", "original, lean loop", language, with_lean_loop),
    ]
    if (WEIGHTS / "student.safetensors").exists():
        found.append(_checkpoint("student", "student", language, with_lean_loop))
    if (WEIGHTS / "translator.small").exists():
        found.append(small_file(WEIGHTS / "translator.small", "small file", language))
    return found
