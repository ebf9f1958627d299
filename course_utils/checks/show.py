"""Say a value in a line or two: small ones in full, large ones by shape and a part."""

from typing import Any

from torch import Tensor

from course_utils.answers.calls import Build, Call, Dice, Mine, Ref, Request, Value

__all__ = ["brief", "call_text", "dtype_name"]

MOST_NUMBERS = 24
MOST_CHARACTERS = 240


def dtype_name(value: Tensor) -> str:
    """Return "float32" for torch.float32."""
    return str(value.dtype).removeprefix("torch.")


def brief(value: Any) -> str:
    """Return a value as a learner would like to read it."""
    if isinstance(value, Tensor):
        return _tensor(value)
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, str):
        return _cut(repr(value))
    if isinstance(value, list | tuple):
        parts = ", ".join(brief(one) for one in value[:6])
        more = ", …" if len(value) > 6 else ""
        left, right = "[]" if isinstance(value, list) else "()"
        return _cut(f"{left}{parts}{more}{right}")
    if isinstance(value, dict):
        parts = ", ".join(f"{k!r}: {brief(v)}" for k, v in list(value.items())[:6])
        return _cut(f"{{{parts}}}")
    return _cut(str(value))


def _tensor(value: Tensor) -> str:
    head = f"{dtype_name(value)} {tuple(value.shape)}"
    if value.ndim == 0:
        return f"{_number(value.item())} ({dtype_name(value)}, no axes)"
    if value.numel() <= MOST_NUMBERS:
        return f"{head}: {_rows(value.tolist())}"
    return f"{head}: {_rows(value.flatten()[:6].tolist())[:-1]}, …]"


def _rows(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_rows(one) for one in value)}]"
    return _number(value)


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def call_text(request: Request) -> str:
    """Return a call as code, its tensors by their shapes."""
    if isinstance(request, Value):
        return request.target
    text = f"{request.target}({_arguments(request.args, request.kwargs)})"
    if request.inputs is not None:
        text += f"({_arguments(request.inputs, {})})"
    return text


def _arguments(args: tuple, kwargs: dict) -> str:
    parts = [_argument(one) for one in args]
    return ", ".join([*parts, *(f"{k}={_argument(v)}" for k, v in kwargs.items())])


def _argument(value: Any) -> str:
    if isinstance(value, Tensor):
        return brief(value) if value.numel() <= 6 else f"{_tensor(value).split(':')[0]}"
    if isinstance(value, Ref | Build):
        return value.path.rpartition(".")[2]
    if isinstance(value, Mine):
        return value.name
    if isinstance(value, Dice):
        return f"generator with seed {value.seed}"
    if isinstance(value, Call):
        return call_text(value)
    if isinstance(value, list | tuple) and not all(map(_is_plain, value)):
        parts = [_argument(one) for one in value[:2]] + ["…"] * (len(value) > 2)
        left, right = "[]" if isinstance(value, list) else "()"
        return f"{left}{', '.join(parts)}{right}"
    return brief(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | None)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} …"
