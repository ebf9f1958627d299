"""Keep trained weights: `NAME.safetensors` beside a readable `NAME.json`.

The JSON says what the weights are (sizes, vocabulary, recipe, data, metrics) and
carries their hash, so that two files that do not belong together are refused. No
file is ever half written, and none can run code when it is read (no pickle).
"""

import hashlib
import json
import platform
from dataclasses import asdict
from pathlib import Path

import safetensors
import torch
from safetensors import SafetensorError
from safetensors.torch import save as to_bytes
from torch import Tensor, nn

from course_utils.config import ModelConfig
from course_utils.files import replace_bytes
from course_utils.pretrained import Bert
from course_utils.text import Vocabulary
from course_utils.transformer import LanguageModel, Transformer

MAX_BYTES = 11_000_000
KINDS = {"Transformer": Transformer, "LanguageModel": LanguageModel, "Bert": Bert}

__all__ = [
    "MAX_BYTES",
    "CheckpointError",
    "load_checkpoint",
    "read_tensors",
    "save_checkpoint",
    "versions",
    "write_atomically",
    "write_tensors",
]


class CheckpointError(Exception):
    """Say why a checkpoint cannot be written, read or used, and what to do."""


def versions() -> dict[str, str]:
    """Return the versions that a bit-for-bit repetition would need."""
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "safetensors": safetensors.__version__,
    }


def write_atomically(path: str | Path, data: bytes) -> None:
    """Replace the file at `path` by `data`, entirely or not at all.

    The bytes reach the disk under another name before they take the place of the
    old file, so neither a kill nor a full disk can damage it.

    Raises:
        CheckpointError: the file system refuses; the old file is untouched.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(path, data, temporary=path.with_name(f".{path.name}.tmp"))
    except OSError as error:
        raise CheckpointError(
            f"cannot write {path} ({len(data) / 1e6:.2f} MB): {error.strerror}; free "
            f"some space or choose another folder. The file that was there before, "
            f"if any, is unharmed"
        ) from error


def _digest(tensors: dict[str, Tensor]) -> str:
    total = hashlib.sha256()
    for name in sorted(tensors):
        total.update(name.encode())
        total.update(tensors[name].reshape(-1).view(torch.uint8).numpy())
    return total.hexdigest()


def write_tensors(path: str | Path, tensors: dict[str, Tensor], record: dict) -> None:
    """Write tensors, a JSON-able record and their hash into one file, atomically."""
    tensors = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    notes = {"record": json.dumps(record), "sha256": _digest(tensors)}
    write_atomically(path, to_bytes(tensors, metadata=notes))


def read_tensors(path: str | Path) -> tuple[dict[str, Tensor], dict]:
    """Return what `write_tensors` wrote.

    Raises:
        CheckpointError: the file is missing, cut short, damaged or of another kind.
    """
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            notes = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except FileNotFoundError:
        raise CheckpointError(f"there is no file {path}; train first") from None
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"{path} is cut short or damaged ({error}); delete it and train again"
        ) from error
    if "record" not in notes:
        raise CheckpointError(
            f"{path} holds tensors but not the record of this course's training; "
            f"was it written by another program? Choose another file"
        )
    if notes.get("sha256") != _digest(tensors):
        raise CheckpointError(
            f"{path} is damaged: its hash is {_digest(tensors)[:12]}, it should be "
            f"{str(notes.get('sha256'))[:12]}; delete it and train again"
        )
    return tensors, json.loads(notes["record"])


def _two_files(path: str | Path) -> tuple[Path, Path]:
    path = Path(path)
    if path.suffix in (".json", ".safetensors"):
        path = path.with_suffix("")
    return path.with_name(f"{path.name}.safetensors"), path.with_name(
        f"{path.name}.json"
    )


def _check_parts(model: nn.Module, vocabulary: Vocabulary, record: dict) -> None:
    """Refuse weights whose origin or whose words are not known."""
    missing = {"recipe", "settings", "data", "metrics"} - set(record)
    if missing:
        raise CheckpointError(
            f"the record lacks {sorted(missing)}; say where it's from"
        )
    if len(vocabulary) != model.config.vocab_size:
        raise CheckpointError(
            f"the vocabulary has {len(vocabulary)} words but the model has "
            f"vocab_size={model.config.vocab_size}; save the one it was trained with"
        )


def save_checkpoint(
    path: str | Path, model: nn.Module, vocabulary: Vocabulary, record: dict
) -> dict:
    """Write `path`.safetensors and `path`.json; return the JSON's content.

    `record` says where the weights come from: at least `recipe` (its name), its
    `settings`, the `data` (name and fingerprint) and the `metrics`.

    Raises:
        CheckpointError: a part of the record is missing, the vocabulary has another
            size than the model, or the file would be over 11 MB.
    """
    _check_parts(model, vocabulary, record)
    weights_path, json_path = _two_files(path)
    state = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
    data = to_bytes(state)
    if len(data) > MAX_BYTES:
        raise CheckpointError(
            f"the weights take {len(data) / 1e6:.1f} MB, the limit is "
            f"{MAX_BYTES / 1e6:.0f} MB; train a smaller model"
        )
    content = {
        "kind": type(model).__name__,
        "config": asdict(model.config),
        "weights": {
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "parameters": sum(p.numel() for p in model.parameters()),
        },
        **record,
        "versions": versions(),
        "vocabulary": vocabulary.words,
    }
    write_atomically(weights_path, data)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    write_atomically(json_path, (text + "\n").encode())
    return content


def load_checkpoint(path: str | Path) -> tuple[nn.Module, Vocabulary, dict]:
    """Return the model (in evaluation mode), its vocabulary and its JSON record.

    Raises:
        CheckpointError: a file is missing or damaged, or the two do not belong
            together; the message says which.
    """
    weights_path, json_path = _two_files(path)
    content = _read_json(json_path)
    try:
        data = weights_path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"cannot read {weights_path}: {error.strerror}; {_again(content)}"
        ) from error
    found, expected = hashlib.sha256(data).hexdigest(), content["weights"]["sha256"]
    if found != expected:
        raise CheckpointError(
            f"{weights_path} ({len(data)} bytes, hash {found[:12]}) is damaged or does "
            f"not belong to {json_path.name} (hash {expected[:12]}); "
            f"{_again(content)}"
        )
    model = KINDS[content["kind"]](ModelConfig(**content["config"]))
    model.load_state_dict(safetensors.torch.load(data), strict=True)
    return model.eval(), Vocabulary(content["vocabulary"]), content


def _again(content: dict) -> str:
    return f"restore it or train it again: course train {content.get('recipe')}"


def _read_json(path: Path) -> dict:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(
            f"cannot read {path}: {error.strerror}; is the name right?"
        ) from error
    except ValueError as error:
        raise CheckpointError(
            f"{path} is cut short or damaged ({error}); restore it or train it again"
        ) from error
    needed = {"kind", "config", "weights", "vocabulary"}
    if not isinstance(content, dict) or needed - set(content):
        raise CheckpointError(
            f"{path} is not a checkpoint of this course: it needs {sorted(needed)}"
        )
    if content["kind"] not in KINDS:
        raise CheckpointError(
            f"{path} holds a {content['kind']}, but only {sorted(KINDS)} can be loaded"
        )
    return content
