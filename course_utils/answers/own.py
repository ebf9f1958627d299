"""Fetch the pieces that a learner has built, out of their exercise notebooks.

    own = own_answers()
    own                    # a table: whose is which piece, and why
    own.EncoderLayer       # theirs, if its check passes; else the package's own

Every notebook runs in a namespace of its own, without a word on the screen.
"""

import contextlib
import html
import importlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from course_utils.answers.execute import execute
from course_utils.answers.heads import for_heads
from course_utils.answers.limits import SlowError
from course_utils.answers.source import answer_cells, read_cells, setup_source
from course_utils.answers.worker import run_source
from course_utils.syllabus import find_exercise, lesson

__all__ = ["PIECES", "OwnAnswers", "Piece", "assemble", "own_answers"]

PIECES = {  # name: (the exercise that builds it, the package's own)
    "attention": ("02-attention", "attention.scaled_dot_product_attention"),
    "MultiHeadAttention": ("03-multihead", "multihead.MultiHeadAttention"),
    "SinusoidalPositions": ("04-sinusoids", "positions.SinusoidalPositions"),
    "EncoderLayer": ("05-layer", "encoder.EncoderLayer"),
    "DecoderLayer": ("06-layer", "decoder.DecoderLayer"),
    "own_translator": ("07-own", "answers.own.assemble"),
    "shift_right": ("07-shift", "training.shift_right"),
    "label_smoothing_loss": ("07-smoothing", "training.label_smoothing_loss"),
    "fit": ("01-fit", "learning.fit"),
}
WORDS = {
    "yours": "yours",
    "course's": "the course's",
    "passed": "its check passes",
    "passed, mapped": "its check passes; torch.vmap lets it work on several heads",
    "passed, one by one": "its check passes; it takes one head at a time, which makes "
    "training many times slower",
    "failed": "not right yet: run its check in {notebook}",
    "not attempted": "not attempted yet, in {notebook}",
    "stopped": "not right yet: its cell in {notebook} stops with {error}",
    "slow": "not right yet: its cell in {notebook} takes too long",
    "heads": "right for one head, but it fails with several: try it on (B, H, T, D)",
    "missing": "{notebook} is missing",
    "unreadable": "{notebook} cannot be read; save it again in JupyterLab",
    "unchecked": "its check in {notebook} could not be run ({error})",
    "columns": ("piece", "exercise", "whose", "why"),
    "caption": "{mine} of {all} pieces are yours",
}


@dataclass(frozen=True)
class Piece:
    """One piece: what it is, whether it is the learner's, and why, in words."""

    name: str
    exercise: str
    value: Any
    mine: bool
    why: str

    @property
    def row(self) -> tuple[str, str, str, str]:
        """Its row in the table."""
        whose = WORDS["yours" if self.mine else "course's"]
        return self.name, self.exercise, whose, self.why


class OwnAnswers:
    """The pieces by name, as attributes; shown as a table of whose they are."""

    def __init__(self, pieces: list[Piece]):
        self.pieces = {piece.name: piece for piece in pieces}
        for piece in pieces:
            setattr(self, piece.name, piece.value)

    def is_mine(self, name: str) -> bool:
        """Say whether the learner's own answer is used for this piece."""
        return self.pieces[name].mine

    @property
    def caption(self) -> str:
        """How many of the pieces are the learner's."""
        mine = sum(piece.mine for piece in self.pieces.values())
        return WORDS["caption"].format(mine=mine, all=len(self.pieces))

    def __repr__(self) -> str:
        rows = [WORDS["columns"], *(piece.row for piece in self.pieces.values())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([*lines, self.caption])

    def _repr_html_(self) -> str:
        style = 'style="text-align:left"'
        head = "".join(f'<th scope="col" {style}>{x}</th>' for x in WORDS["columns"])
        body = "".join(
            "<tr>"
            + "".join(f"<td {style}>{html.escape(x)}</td>" for x in one.row)
            + "</tr>"
            for one in self.pieces.values()
        )
        caption = f"<caption>{html.escape(self.caption)}</caption>"
        return f"<table>{caption}<tr>{head}</tr>{body}</table>"


def own_answers(
    root: Path | str | None = None,
    folder: str = "exercises",
    here: Mapping[str, Any] | None = None,
) -> OwnAnswers:
    """Return every piece: the learner's where its check passes, else the package's.

    The notebooks stand in `folder` of `root`, by default of the course itself.
    `here` holds the answers of lesson 07 as they are now, saved or not: `globals()`
    of its notebook. Whatever the notebooks hold, nothing is raised and no progress
    is noted.
    """
    from course_utils.progress import course_root

    place = Path(root or course_root()) / folder
    found: dict[str, tuple[dict, dict, str]] = {}
    pieces = []
    with _silence(), torch.random.fork_rng(devices=[]):
        for name, (exercise, standard) in PIECES.items():
            number = exercise.partition("-")[0]
            if number not in found:
                found[number] = _notebook(number, place, here)
            pieces.append(_piece(name, exercise, _find(standard), *found[number]))
    return OwnAnswers(pieces)


def _find(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"course_utils.{module}"), name)


def _notebook(
    number: str, place: Path, here: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any], dict[str, str], str]:
    """Run a notebook's answers: (namespace, what failed by exercise, its file)."""
    file = f"{place.name}/{lesson(number).name}.ipynb"
    if here is not None and number == "07":
        return here, {}, file
    namespace: dict[str, Any] = {"__name__": "__main__"}
    path = place / f"{lesson(number).name}.ipynb"
    if not path.is_file():
        return namespace, {"": WORDS["missing"].format(notebook=file)}, file
    try:
        cells = read_cells(path)
        sources = {"": setup_source(cells), **answer_cells(cells)}
    except (ValueError, TypeError, AttributeError):
        return namespace, {"": WORDS["unreadable"].format(notebook=file)}, file
    errors = {}
    for name, source in sources.items():
        wrong = run_source(source, name or "setup", namespace)
        if wrong and name:
            errors[name] = WORDS["stopped"].format(notebook=file, error=wrong)
    return namespace, errors, file


def _piece(
    name: str,
    exercise: str,
    package: Any,
    namespace: Mapping[str, Any],
    errors: Mapping[str, str],
    file: str,
) -> Piece:
    """Decide whose piece is used, and say why."""
    standard = partial(Piece, name, exercise, package, False)
    if "" in errors:
        return standard(errors[""])
    status = _status(exercise, namespace)
    if status != "passed":
        stopped = name not in namespace and errors.get(exercise)
        known = status in WORDS
        key = status if known else "unchecked"
        return standard(stopped or WORDS[key].format(notebook=file, error=status))
    value, why = namespace[name], "passed"
    if name == "attention":
        value, why = for_heads(value, package)
        if value is None:
            return standard(WORDS["heads"])
    return Piece(name, exercise, value, True, WORDS[why])


def _status(exercise: str, namespace: Mapping[str, Any]) -> str:
    """Return what the check of an exercise finds, or the error that stops it."""
    # Only here: a process that merely runs answers never sees the checks.
    from course_utils.checks.judge import judge
    from course_utils.checks.spec import load_check

    try:
        rules = load_check(exercise)
        calls = rules.calls(0)
        outcomes = execute(calls, namespace)
        return judge(rules, find_exercise(exercise), calls, outcomes).status
    except SlowError:
        return "slow"
    except Exception as error:
        return type(error).__name__


@contextlib.contextmanager
def _silence():
    """Let nothing that the answers print or display reach the screen."""
    from IPython.utils.capture import capture_output

    nothing = _Nothing()
    with (
        capture_output(stdout=False, stderr=False),
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(nothing),
    ):
        yield


class _Nothing(io.TextIOBase):
    """Forget what is written."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


def assemble(config, own):
    """Return a `Transformer` of these sizes whose layers are made of `own`'s parts."""
    from course_utils.transformer import Transformer

    def heads():
        return own.MultiHeadAttention(config.d_model, config.n_heads, own.attention)

    model = Transformer(config, own.attention)
    model.embedding.positions = own.SinusoidalPositions(config.d_model, config.max_len)
    for i in range(config.n_layers):
        reader = own.EncoderLayer(config, own.attention)
        writer = own.DecoderLayer(config, own.attention)
        reader.attention = heads()
        writer.self_attention, writer.cross_attention = heads(), heads()
        model.encoder.layers[i], model.decoder.layers[i] = reader, writer
    return model
