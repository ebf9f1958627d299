"""The helpers of few bits."""

import pytest
import torch
from torch import nn

from course_utils.smaller.grid import check_group, nearest_level, watched_inputs


def test_the_nearest_level_by_hand():
    x = torch.tensor([-9.0, -1.1, -0.9, 0.0001, 0.9, 1.1, 9.0])
    levels = nearest_level(x, torch.tensor(1.0), 2)
    assert levels.tolist() == [-2, -2, -1, 0, 0, 1, 1]


def test_a_group_must_divide_the_width():
    check_group(12, 4)
    with pytest.raises(ValueError, match=r"row of 9 .* groups of 6; .* example 3"):
        check_group(9, 6)


def test_watching_ends_with_the_block_even_after_an_error():
    model, found = nn.Sequential(nn.Linear(2, 3)), {}
    with pytest.raises(RuntimeError), watched_inputs(model, found):
        model(torch.ones(1, 5))
    assert not model[0]._forward_pre_hooks
    assert list(found) == ["0"]
