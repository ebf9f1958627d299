"""Say a value in a line or two: small ones in full, large ones by shape and a part."""

import re
from typing import Any

from torch import Tensor

from course_utils.answers.calls import Build, Call, Dice, Mine, Ref, Request, Value

__all__ = ["brief", "call_text", "dtype_name", "in_plain_words", "pair_of_numbers"]

MOST_NUMBERS = 24
MOST_CHARACTERS = 240
WEIGHTS = {
    "size": "{name} has the shape {got} in the module, {wanted} in what is loaded",
    "missing": "{name} is in what is loaded, but not in the module",
    "more": "{name} is in the module, but not in what is loaded",
    "others": "; and {n} more do not fit",
}
_SIZE = re.compile(
    r"size mismatch for ([\w.]+): .*?Size\(\[([\d, ]*)\]\) from checkpoint, "
    r"the shape in current model is torch\.Size\(\[([\d, ]*)\]\)"
)
_KEYS = re.compile(r"(Missing|Unexpected) key\(s\) in state_dict: (.*)")


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


def in_plain_words(error: str) -> str:
    """Return an error text; where weights do not fit, say which and how.

    >>> in_plain_words("ValueError: no")
    'ValueError: no'
    """
    if "loading state_dict" not in error:
        return error
    parts = []
    for kind, names in _KEYS.findall(error):  # missing in what is to be loaded
        key = "more" if kind == "Missing" else "missing"
        parts += [WEIGHTS[key].format(name=one) for one in re.findall('"(.+?)"', names)]
    for name, wanted, got in _SIZE.findall(error):
        shapes = {"got": f"({got})", "wanted": f"({wanted})"}
        parts.append(WEIGHTS["size"].format(name=name, **shapes))
    more = WEIGHTS["others"].format(n=len(parts) - 2) if len(parts) > 2 else ""
    return "; ".join(parts[:2]) + more if parts else error


def pair_of_numbers(got: float, expected: float) -> tuple[str, str]:
    """Return two different numbers with as many digits as it takes to tell them."""
    for digits in (4, 6, 9, 17):
        texts = f"{got:.{digits}g}", f"{expected:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


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
