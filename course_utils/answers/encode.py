"""Write calls and outcomes as JSON and safetensors, and read them back.

As two files (`write`, `read`) or as one piece of bytes (`to_bytes`, `from_bytes`).
No pickle: reading such data runs no code, whoever wrote it.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor

from course_utils.answers.calls import Build, Call, Dice, Mine, Outcome, Ref, Value

__all__ = ["MOST_BYTES", "from_bytes", "read", "to_bytes", "write"]

MOST_BYTES = 64 * 2**20
RECORDS = {one.__name__: one for one in (Build, Call, Dice, Mine, Outcome, Ref, Value)}


def write(path: Path, value: Any) -> None:
    """Write a value to `path`.json and `path`.safetensors."""
    tensors: dict[str, Tensor] = {}
    text = json.dumps(_pack(value, tensors))
    path.with_suffix(".safetensors").write_bytes(save(tensors))
    path.with_suffix(".json").write_text(text, encoding="utf-8")


def read(path: Path) -> Any:
    """Read what `write` has written.

    Raises:
        ValueError: a file is missing, larger than 64 MiB, or not of this form.
    """
    text, data = path.with_suffix(".json"), path.with_suffix(".safetensors")
    try:
        for file in (text, data):
            if file.stat().st_size > MOST_BYTES:
                raise ValueError(f"{file.name} holds more than {MOST_BYTES} bytes")
        tensors = load(data.read_bytes())
        return _unpack(json.loads(text.read_text(encoding="utf-8")), tensors)
    except ValueError:
        raise
    except Exception as problem:  # whatever a foreign file can provoke
        reason = f"{type(problem).__name__}: {str(problem)[:200]}"
        raise ValueError(f"{text.name} cannot be read: {reason}") from None


def to_bytes(value: Any) -> bytes:
    """Return a value as bytes: the size of the JSON in 8 bytes, the JSON, the tensors.

    Raises:
        ValueError: something in it is neither a tensor nor JSON.
    """
    tensors: dict[str, Tensor] = {}
    text = json.dumps(_pack(value, tensors)).encode()
    return len(text).to_bytes(8) + text + save(tensors)


def from_bytes(data: bytes) -> Any:
    """Read what `to_bytes` has made.

    Raises:
        ValueError: it is not of this form.
    """
    try:
        end = 8 + int.from_bytes(data[:8])
        return _unpack(json.loads(data[8:end]), load(data[end:]))
    except Exception as problem:  # whatever foreign bytes can provoke
        reason = f"{type(problem).__name__}: {str(problem)[:200]}"
        raise ValueError(f"these bytes cannot be read: {reason}") from None


def _pack(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        key = str(len(tensors))
        tensors[key] = value.detach().cpu().contiguous().clone()
        return {"tensor": key}
    if isinstance(value, list):
        return {"list": [_pack(one, tensors) for one in value]}
    if isinstance(value, tuple):
        return {"tuple": [_pack(one, tensors) for one in value]}
    if isinstance(value, dict):
        pairs = [[_pack(k, tensors), _pack(v, tensors)] for k, v in value.items()]
        return {"dict": pairs}
    if type(value).__name__ in RECORDS:
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        packed = {name: _pack(one, tensors) for name, one in fields.items()}
        return {"record": type(value).__name__, "fields": packed}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"a {type(value).__name__} is neither a tensor nor JSON")


def _unpack(value: Any, tensors: dict[str, Tensor]) -> Any:
    if not isinstance(value, dict):
        return value
    if "tensor" in value:
        return torch.as_tensor(tensors[value["tensor"]])
    if "record" in value:
        fields = {k: _unpack(v, tensors) for k, v in value["fields"].items()}
        return RECORDS[value["record"]](**fields)
    if "dict" in value:
        return {_unpack(k, tensors): _unpack(v, tensors) for k, v in value["dict"]}
    [(kind, items)] = value.items()
    return {"list": list, "tuple": tuple}[kind](_unpack(one, tensors) for one in items)
