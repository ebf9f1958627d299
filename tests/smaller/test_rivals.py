"""The libraries' 8-bit layers compute the same thing.

Where tokens differ in size, ours drifts less than the two with one scale a call.
"""

import pytest
import torch
from torch import nn

from course_utils.smaller import rivals
from course_utils.smaller.int8 import int8_model
from tests.oracles import draw


def stack():
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(24, 48), nn.ReLU(), nn.Linear(48, 16))
    return layers.requires_grad_(False)


@pytest.mark.parametrize("make", rivals.rivals().values(), ids=rivals.rivals())
def test_a_rival_is_near_and_with_one_scale_a_call_drifts_where_tokens_differ(make):
    layers = stack()
    run = make(layers)
    if run is None:
        pytest.skip("this library is not installed")
    x = draw(9, 24)
    assert (run(x) - layers(x)).norm() < 0.05 * layers(x).norm()
    x = x * torch.logspace(-2, 1, 9)[:, None]
    drift = {
        name: ((f(x) - layers(x)).norm(dim=-1) / layers(x).norm(dim=-1)).max()
        for name, f in (("ours", int8_model(layers)), ("theirs", run))
    }
    assert drift["ours"] < 0.03
    assert (drift["theirs"] > 0.03) == (make is not rivals.torchao_int8)


def test_a_library_that_is_missing_gives_none(monkeypatch):
    for name in ("onnxruntime", "torchao.quantization", "torch.ao.quantization"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    assert [make(stack()) for make in rivals.rivals().values()] == [None] * 3
