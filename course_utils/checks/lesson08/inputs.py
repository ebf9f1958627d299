"""Inputs for the checks of lesson 08."""

import math

import torch
from torch import Tensor

from course_utils.answers import Build
from course_utils.checks.drawing import draw

__all__ = ["early_end", "garden", "random_steps"]


def _steps(rows: Tensor) -> Build:
    return Build("course_utils.answers.objects.ByLastToken", (rows,))


def garden() -> Build:
    """Describe a garden path: 3 (0.5) leads to 5 (0.4), but 4 (0.4) leads to 6 (0.9).

    Whatever comes second, the text then ends.
    """
    rows = torch.full((7, 7), 1e-6)
    rows[:, 2] = 1.0
    rows[1, 2:5] = torch.tensor([0.1, 0.5, 0.4])
    rows[3, 2:7] = torch.tensor([0.25, 1e-6, 1e-6, 0.4, 0.35])
    rows[4, 2:7] = torch.tensor([0.06, 1e-6, 1e-6, 0.04, 0.9])
    return _steps((rows / rows.sum(-1, keepdim=True)).log())


def early_end() -> Build:
    """Describe a text that is best when it ends at once; 3 splits up, 4 only ends."""
    rows = torch.full((7, 7), 1e-6)
    rows[:, 2] = 1.0
    rows[1, 2:5] = torch.tensor([0.4, 0.35, 0.25])
    rows[3, 2:7] = torch.tensor([0.1, 1e-6, 1e-6, 0.5, 0.4])
    return _steps((rows / rows.sum(-1, keepdim=True)).log())


def random_steps(seed: int, V: int, end: float = 1.0) -> Build:
    """Describe scores of V tokens that are no log-probabilities; some texts end soon.

    Each row has its own offset, which a softmax takes away.
    """
    rows, offset = draw(seed, (V, V), (V, 1))
    rows = 1.5 * rows + 3 * offset
    rows[:, 2] = rows.logsumexp(-1) - math.log(3) + end
    rows[1, 2] -= 3  # the first token is rarely the end
    return _steps(rows)
