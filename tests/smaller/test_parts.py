"""The parts of a model are found, summed by unit, and listened to for a while only."""

import pytest
import torch
from torch import nn

from course_utils.config import ModelConfig
from course_utils.encoder import Encoder
from course_utils.smaller.parts import (
    last_map,
    parts_of,
    recorded_inputs,
    sum_by_unit,
    units_of,
)
from tests.oracles import draw, randomize

CONFIG = ModelConfig(13, d_model=12, n_heads=3, n_layers=2, d_ff=10, max_len=9)


def test_parts_and_their_units():
    parts = parts_of(Encoder(CONFIG))
    names = [f"layers.{i}.{part}" for i in (0, 1) for part in ("attention", "feed")]
    assert [name.replace("_forward", "") for name in parts] == names
    assert [units_of(part) for part in parts.values()] == [3, 10, 3, 10]


def test_columns_are_summed_by_head_in_every_row():
    attention = parts_of(Encoder(CONFIG))["layers.0.attention"]
    columns = draw(2, 12)
    summed = sum_by_unit(attention, columns)
    expected = [[sum(row[4 * h : 4 * h + 4]) for h in range(3)] for row in columns]
    assert torch.allclose(summed, torch.tensor(expected))


def test_inputs_are_kept_in_the_graph_while_it_lasts():
    model = randomize(Encoder(CONFIG)).eval()
    modules = {name: last_map(part) for name, part in parts_of(model).items()}
    with recorded_inputs(modules) as inputs:
        out = model(draw(2, 5, 12))
    assert {name: tuple(h.shape) for name, h in inputs.items()} == {
        name: (2, 5, one.in_features) for name, one in modules.items()
    }
    slopes = torch.autograd.grad(out.square().sum(), list(inputs.values()))
    assert all(slope.abs().max() > 0 for slope in slopes)
    before = dict(inputs)
    model(draw(1, 4, 12))
    assert all(inputs[name] is before[name] for name in before)


def test_listening_ends_with_an_error_too():
    linear = nn.Linear(3, 2)
    with pytest.raises(RuntimeError), recorded_inputs({"map": linear}):
        linear(draw(2, 4))
    assert not linear._forward_pre_hooks
