"""31-mend: transfer compensation to a single step on any column."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson30.inputs import draw
from course_utils.checks.spec import Check, Slip
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "fix_column"
SECTION = "Errors that mend each other"


def _products(seed: int, C: int) -> torch.Tensor:
    x = draw(seed, 4 * C, C).double() @ (draw(seed + 9, C, C).double() + torch.eye(C))
    return x.T @ x / (4 * C)


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, then columns at the start, inside and at the end."""
    hand = torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 1.0], [1.0, 2.0]])
    w, H = draw(seed, 3, 5).double(), _products(seed, 5)
    return {
        "by hand": Call(NAME, (*hand, 0, torch.tensor([0.0]))),
        "the first column": Call(NAME, (w, H, 0, w[:, 0].round())),
        "a column inside": Call(NAME, (w, H, 2, w[:, 2].round())),
        "the last column": Call(NAME, (w, H, 4, w[:, 4].round())),
        "unrelated inputs": Call(NAME, (w, torch.eye(5).double(), 1, w[:, 1].round())),
        "another size": Call(
            NAME,
            (
                draw(seed + 1, 6, 8).double(),
                _products(seed + 1, 8),
                3,
                torch.zeros(6).double(),
            ),
        ),
    }


def _solved(weight, products, column, value, free):
    """Move the free columns so that the output error is smallest, by least squares."""
    out = weight.clone()
    out[:, column] = value
    if free.any():
        error = (weight[:, column] - value)[:, None]
        rows = products[free][:, free]
        move = torch.linalg.solve(rows, products[free][:, [column]] @ error.T)
        out[:, free] = weight[:, free] + move.T
    return out


def _right(weight, products, column, value):
    free = torch.arange(weight.shape[1]) > column
    return _solved(weight, products, column, value, free)


def _all_others(weight, products, column, value):
    free = torch.arange(weight.shape[1]) != column
    return _solved(weight, products, column, value, free)


def _nothing_moved(weight, products, column, value):
    out = weight.clone()
    out[:, column] = value
    return out


def _wrong_sign(weight, products, column, value):
    right = _right(weight, products, column, value)
    out = 2 * weight - right
    out[:, column] = value
    return out


def _no_solve(weight, products, column, value):
    out = weight.clone()
    later = slice(column + 1, None)
    error = (weight[:, column] - value)[:, None]
    out[:, later] += error * products[column, later] / products[column, column]
    out[:, column] = value
    return out


def _value_lost(weight, products, column, value):
    out = _right(weight, products, column, value)
    out[:, column] = weight[:, column]
    return out


TEXTS = {
    "others-too": (
        _all_others,
        "Columns *before* this one move too. They are rounded already, and must stay.",
    ),
    "nothing-moved": (
        _nothing_moved,
        "The column gets its value, and its error stays: no later column moves.",
    ),
    "wrong-sign": (
        _wrong_sign,
        "The later columns move the wrong way, and make the error larger. If the "
        "column came out too low, its partners must go up.",
    ),
    "one-by-one": (
        _no_solve,
        "Each later column mends the whole error as if it were alone, so together they "
        "overdo it. They share it: solve for all of them at once.",
    ),
    "value-lost": (
        _value_lost,
        "The later columns are right, but the column itself still has its old value.",
    ),
}


def _of_class(answer, damping, weight, products, column, value):
    """Damp the products, as programs do."""
    damped = products + damping * torch.eye(len(products)).to(products)
    return answer(weight, damped, column, value)


def _card(damping) -> str:
    return (
        f"As in real programs, H is damped: add {damping} to every number on the "
        "diagonal of `products` before you use it. (`products` itself stays as it is.)"
    )


CHECK = Check(
    calls,
    {NAME: _right},
    slips=tuple(
        Slip(name, text, {NAME: version}, SECTION)
        for name, (version, text) in TEXTS.items()
    ),
    rtol=1e-5,
    atol=1e-6,
    vary=varied("31-mend", [n / 20 for n in range(3, 60)], _card, _of_class),
)
