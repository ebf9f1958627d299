"""The grid of few levels on which weights are put, group by group (lesson 31)."""

from torch import Tensor

__all__ = ["MOST", "check_group", "nearest_level"]

MOST = 31  # the outermost level of weights that are trained through a rounding


def nearest_level(x: Tensor, scale: Tensor, bits: int) -> Tensor:
    """Return the level q whose number, scale · (q + ½), is nearest to x.

    With b bits the levels are -2^(b-1) to 2^(b-1) - 1.
    """
    half = 2 ** (bits - 1)
    return (x / scale - 0.5).round().clamp(-half, half - 1)


def check_group(width: int, group: int) -> None:
    """Refuse a group that does not divide the width.

    Raises:
        ValueError: says both numbers and a group that fits.
    """
    if width % group:
        fitting = next(g for g in range(min(group, width), 0, -1) if not width % g)
        raise ValueError(
            f"a row of {width} weights cannot be cut into groups of {group}; "
            f"choose a divisor, for example {fitting}"
        )
