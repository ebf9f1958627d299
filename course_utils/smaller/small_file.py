"""A compressed model as one file that holds all it needs, its words included.

The names and shapes of the weights follow from the sizes of the model, so the file
does not repeat them: it holds the levels of the matrices, the few other weights in
8 bits, all scales, and compressed notes (sizes, vocabulary, how levels are kept).
"""

import json
import lzma
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from course_utils.checkpoints import (
    KINDS,
    CheckpointError,
    read_tensors,
    write_tensors,
)
from course_utils.config import ModelConfig
from course_utils.costs import parameter_count
from course_utils.smaller.entropy import count_levels, expand, squeeze
from course_utils.smaller.few_bits import Levels, pack, unpack
from course_utils.smaller.int8 import dequantize, quantize, symmetric_scale
from course_utils.text import Vocabulary
from course_utils.translator import Translator

__all__ = ["load_small", "load_small_translator", "save_small"]

PARTS = ("levels", "scales", "rest", "notes")
# What notes that somebody has changed can provoke: a file from anywhere is refused.
WRONG = (
    *(lzma.LZMAError, LookupError, TypeError, ValueError, AttributeError),
    *(ArithmeticError, RuntimeError, MemoryError),
)
MOST_NOTES = 2**22  # bytes of text
MOST_WEIGHTS_A_BYTE = 64  # an eighth of a bit for each weight, fewer than any file has
LAYER = 16  # a layer has at least so many tensors, each with a scale
MOST_POSITIONS = 10_000
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]


def _bytes(data: bytes) -> Tensor:
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)


def save_small(
    path: str | Path,
    model: nn.Module,
    matrices: Mapping[str, Levels],
    vocabulary: Vocabulary,
    record: dict,
) -> int:
    """Write the model, its matrices by their levels; return the bytes of the file.

    `matrices` names entries of the model's state; all others, the biases and norms,
    are kept in 8 bits with one scale for each.
    Levels of b bits take b bits each; levels with `bits=0` are entropy coded.

    Raises:
        CheckpointError: a matrix does not belong to the model, or the vocabulary has
            another size than the model.
    """
    state = model.state_dict()
    _check(model, matrices, vocabulary)
    names = sorted(state)  # the order in the file
    kept = [matrices[name] for name in names if name in matrices]
    levels, how = _encode(kept)
    notes = {
        "kind": type(model).__name__,
        "config": asdict(model.config),
        "matrices": [int(name in matrices) for name in names],
        "how": how,
        "record": record,
        "words": "\n".join(vocabulary.words),
    }
    text = json.dumps(notes, ensure_ascii=False, separators=(",", ":"))
    rest, steps = _in_8_bits([state[name] for name in names if name not in matrices])
    tensors = {
        "levels": levels,
        "rest": _joined(rest),
        "scales": _joined([one.scale for one in kept] + steps),
        "notes": _bytes(lzma.compress(text.encode(), lzma.FORMAT_RAW, filters=FILTERS)),
    }
    write_tensors(path, tensors, {"kind": "small"})
    return Path(path).stat().st_size


def _in_8_bits(tensors: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Return the integers of each tensor, and its one scale."""
    tensors = [tensor.detach().cpu().float() for tensor in tensors]
    steps = [symmetric_scale(tensor).half() for tensor in tensors]
    pairs = zip(tensors, steps, strict=True)
    return [quantize(tensor, step.float()) for tensor, step in pairs], steps


def _check(model: nn.Module, matrices: Mapping[str, Levels], vocabulary) -> None:
    """Refuse parts that do not belong together."""
    state = model.state_dict()
    for name, matrix in matrices.items():
        if name not in state or state[name].shape != matrix.levels.shape:
            raise CheckpointError(
                f"{name} {tuple(matrix.levels.shape)} is no weight of this model; "
                f"compress the model that you save"
            )
    if len(vocabulary) != model.config.vocab_size:
        raise CheckpointError(
            f"the vocabulary has {len(vocabulary)} words but the model has "
            f"vocab_size={model.config.vocab_size}; save the one it was trained with"
        )


def _joined(tensors: list[Tensor]) -> Tensor:
    return torch.cat([tensor.flatten().cpu() for tensor in tensors])


def _encode(kept: list[Levels]) -> tuple[Tensor, dict]:
    """Return the bytes of all levels, and the notes that it takes to read them."""
    whole = [(one.levels.int() + _offset(one)).to(torch.uint8) for one in kept]
    how = {
        "bits": [one.bits for one in kept],
        "shift": [one.shift for one in kept],
        "scales": [list(one.scale.shape) for one in kept],
    }
    free = [t for one, t in zip(kept, whole, strict=True) if not one.bits]
    how["counts"] = [count_levels(t) for t in free]
    how["offsets"] = [_offset(one) for one in kept]
    parts = [pack(t, one.bits) for one, t in zip(kept, whole, strict=True) if one.bits]
    parts += [squeeze(free, how["counts"])] if free else []
    return torch.cat(parts or [torch.empty(0, dtype=torch.uint8)]), how


def _offset(one: Levels) -> int:
    """Return what makes the levels start at 0."""
    return 2 ** (one.bits - 1) if one.bits else -int(one.levels.min())


def load_small(path: str | Path) -> tuple[nn.Module, Vocabulary, dict]:
    """Return the model with float32 weights (ready to use), its words and record.

    Raises:
        CheckpointError: the file is missing, damaged or of another kind.
    """
    tensors, _ = read_tensors(path)
    if set(tensors) != set(PARTS):
        raise CheckpointError(
            f"{path} holds {sorted(tensors)[:4]}, not {list(PARTS)}; it was not "
            f"written by save_small"
        )
    try:
        notes = _notes(tensors["notes"])
        config = ModelConfig(**notes["config"])
        _check_size(config, sum(tensor.numel() for tensor in tensors.values()))
        words = Vocabulary(notes["words"].split("\n"))
        if len(words) != config.vocab_size:
            raise ValueError(f"{len(words)} words, vocab_size={config.vocab_size}")
        model = KINDS[notes["kind"]](config)
        model.load_state_dict(_state(model, tensors, notes), strict=True)
        return model.eval(), words, dict(notes["record"])
    except WRONG as error:
        raise CheckpointError(
            f"{path} cannot be read ({error}); make it again"
        ) from error


def _notes(packed: Tensor) -> dict:
    """Return the notes; text that would not fit into memory is not expanded."""
    expander = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=FILTERS)
    text = expander.decompress(packed.numpy().tobytes(), MOST_NOTES)
    return json.loads(text)


def _check_size(config: ModelConfig, held: int) -> None:
    """Refuse sizes of which a file with so many bytes cannot hold the weights.

    Raises:
        ValueError: says both numbers.
    """
    weights = parameter_count(config)
    too_many = weights > MOST_WEIGHTS_A_BYTE * held or config.n_layers * LAYER > held
    if too_many or config.max_len > MOST_POSITIONS:
        raise ValueError(
            f"its notes ask for {weights:,} weights, {config.n_layers:,} layers and "
            f"{config.max_len:,} positions, but it holds {held:,} numbers"
        )


def _state(model: nn.Module, tensors: dict, notes: dict) -> dict[str, Tensor]:
    """Rebuild the float32 weights."""
    shapes = {name: t.shape for name, t in sorted(model.state_dict().items())}
    is_matrix = dict(zip(shapes, notes["matrices"], strict=True))
    matrices = [name for name in shapes if is_matrix[name]]
    others = [name for name in shapes if not is_matrix[name]]
    levels = _decode(tensors["levels"], [shapes[n].numel() for n in matrices], notes)
    how = notes["how"]
    lengths = [math.prod(shape) for shape in how["scales"]] + [1] * len(others)
    scales = tensors["scales"].split(lengths)
    rest = tensors["rest"].split([shapes[name].numel() for name in others])
    steps = scales[len(matrices) :]
    state = {
        name: dequantize(values, step.float()).view(shapes[name])
        for name, values, step in zip(others, rest, steps, strict=True)
    }
    for i, name in enumerate(matrices):
        whole = (levels[i].int() - how["offsets"][i]).to(torch.int8)
        scale = scales[i].view(how["scales"][i])
        one = Levels(whole.view(shapes[name]), scale, how["shift"][i], how["bits"][i])
        state[name] = one.dense()
    return state


def _decode(data: Tensor, sizes: list[int], notes: dict) -> list[Tensor]:
    """Return the levels of each matrix, from 0 up, flat."""
    bits, counts = notes["how"]["bits"], notes["how"]["counts"]
    lengths = [math.ceil(n * b / 8) for n, b in zip(sizes, bits, strict=True)]
    *packed, free = data.split([*lengths, len(data) - sum(lengths)])
    free_sizes = [n for n, b in zip(sizes, bits, strict=True) if not b]
    rest = iter(expand(free, free_sizes, counts) if counts else ())
    return [
        unpack(part, b, n) if b else next(rest)
        for part, b, n in zip(packed, bits, sizes, strict=True)
    ]


def load_small_translator(language: str, path: str | Path) -> Translator:
    """Return a working translator from one compressed file.

    Raises:
        CheckpointError: the file is missing or damaged, or lacks the language.
    """
    model, vocabulary, _ = load_small(path)
    return Translator(model, vocabulary, language)
