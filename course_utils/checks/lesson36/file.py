"""36-file: one file that fits the budget; what counts is what the file does here.

The answer returns the bytes of a file. They are loaded and weighed outside of the
answer: its size, its words and its time, relative to the original in the same run.
"""

import tempfile
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from course_utils.answers import Build, Call
from course_utils.checkpoints import CheckpointError
from course_utils.checks.spec import Check
from course_utils.contenders import as_bytes, contenders, small_file
from course_utils.costs import forward_flops
from course_utils.frontier import bleu_of, measure_board, unseen_pairs
from course_utils.smaller.small_file import load_small, save_small
from course_utils.smaller.trained import trained_levels, with_rounding
from course_utils.translator import load_translator

__all__ = ["CHECK", "compress", "within_budget"]

NAME, CASE = "compress", "the file"
SMALLER, FASTER, LOSS = 10, 5, 1.0  # as the card says
SENTENCES, SEED = 1000, 2036  # none of them is on the lesson's board
SHARE = 0.5  # a step of half a standard deviation, which needs no training
TEXTS = {
    "no-bytes": "What comes back is no file. Return its bytes as a tensor of uint8, "
    "such as `as_bytes(path)`.",
    "too-large": "The file has {bytes:,} bytes, {over:.2f} times what is allowed: "
    "{most:,}, a tenth of the original's {all:,}. Where do its bytes lie?",
    "no-file": "The file cannot be loaded: {problem}.",
    "lost-too-much": "The file fits, but its translations have lost {lost:.1f} BLEU "
    "points on {n:,} unseen sentences; one is allowed. Spend the bytes where they "
    "count most.",
    "larger-model": "The model in the file takes {share:.1f} times the original's "
    "operations for a sentence, or reads longer ones. Make a smaller one.",
    "too-slow": "The file needs {time:.2f} of the original's time for a sentence; a "
    "fifth is allowed.",
}


def calls(seed: int) -> dict[str, Call]:
    """Return the one call: compress the course's translator."""
    translator = Build("course_utils.translator.load_translator", ("fr",))
    return {CASE: Call(NAME, (translator,))}


def compress(translator) -> Tensor:
    """Return a file of coded levels, with one wide step for each matrix."""
    chosen = trained_levels(with_rounding(translator.model, SHARE))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "translator.small")
        save_small(path, translator.model, chosen, translator.vocabulary, {})
        return as_bytes(path)


def within_budget(outcomes, expected) -> tuple[str, str] | None:
    """Weigh the file that came back; return (slip, text) for the wish it misses."""
    data = outcomes[CASE].value
    if not isinstance(data, Tensor) or data.dtype != torch.uint8 or data.ndim != 1:
        return "no-bytes", TEXTS["no-bytes"]
    original = contenders()[0]
    size, most = len(data), original.bytes // SMALLER
    if size > most:
        facts = {"bytes": size, "most": most, "all": original.bytes}
        return "too-large", TEXTS["too-large"].format(over=size / most, **facts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "yours.small")
        path.write_bytes(data.numpy().tobytes())
        try:
            return _measured(original, path)
        except CheckpointError as problem:
            text = str(problem).replace(str(path), "it")
            return "no-file", TEXTS["no-file"].format(problem=text)


def _measured(original, path: Path) -> tuple[str, str] | None:
    largest, config = load_translator("fr").model.config, load_small(path)[0].config
    cost, most = (forward_flops(one, 16, 16) for one in (config, largest))
    if cost > most or config.max_len > largest.max_len:  # do not even begin
        return "larger-model", TEXTS["larger-model"].format(share=cost / most)
    yours = small_file(path, "yours")
    lost = _original_bleu() - _bleu(yours)
    if lost > LOSS:
        facts = {"lost": lost, "n": SENTENCES}
        return "lost-too-much", TEXTS["lost-too-much"].format(**facts)
    faster = _faster(original, yours)
    if faster < FASTER:  # a disturbed clock shall not fail anybody
        faster = max(faster, _faster(original, yours))
    if faster < FASTER:
        return "too-slow", TEXTS["too-slow"].format(time=1 / faster)
    return None


@cache
def _original_bleu() -> float:
    """Return the original's BLEU, by the lean loop, which writes the same (tested)."""
    return _bleu(contenders()[2])


def _bleu(contender) -> float:
    [bleu] = bleu_of(contender, [unseen_pairs(SENTENCES, seed=SEED)])
    return bleu


def _faster(original, yours) -> float:
    board = measure_board([original, yours], unseen_pairs(6), rounds=3, timed=6)
    return board.rows[1].faster


CHECK = Check(
    calls,
    {NAME: compress},
    extra=within_budget,
    free=frozenset({CASE}),
)
