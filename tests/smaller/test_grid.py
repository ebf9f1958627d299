"""Levels of a grid, and groups that fit."""

import pytest
import torch

from course_utils.smaller.grid import check_group, nearest_level


def test_the_nearest_level_by_hand():
    x = torch.tensor([-9.0, -1.1, -0.9, 0.0001, 0.9, 1.1, 9.0])
    levels = nearest_level(x, torch.tensor(1.0), 2)
    assert levels.tolist() == [-2, -2, -1, 0, 0, 1, 1]


def test_a_group_must_divide_the_width():
    check_group(12, 4)
    with pytest.raises(ValueError, match=r"row of 9 .* groups of 6; .* example 3"):
        check_group(9, 6)
