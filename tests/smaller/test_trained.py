"""Training through the rounding: the gradient passes, the levels are what is used."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.config import ModelConfig
from course_utils.smaller.few_bits import Rounding
from course_utils.smaller.trained import (
    trained_levels,
    with_rounding,
    without_rounding,
)
from course_utils.transformer import LanguageModel
from tests.oracles import draw
from tests.tolerances import assert_same

SHAPE = ModelConfig(13, d_model=8, n_heads=2, n_layers=1, d_ff=12, max_len=9)
IDS = torch.tensor([[5, 6, 7, 8], [4, 12, 1, 2]])


def test_the_value_is_rounded_and_the_gradient_is_not():
    weight = torch.tensor([[0.26, -0.74], [9.0, 0.1]], requires_grad=True)
    out = Rounding(torch.tensor(0.5))(weight)
    assert_same(out.detach(), torch.tensor([[0.5, -0.5], [9.0, 0.0]]))
    back = draw(2, 2)
    out.backward(back)
    assert_same(weight.grad, back)


def test_what_lies_beyond_the_outermost_level_is_cut():
    rounding = Rounding(torch.tensor(0.5))
    assert rounding(torch.tensor([[100.0, -100.0]])).tolist() == [[15.5, -15.5]]


def test_the_model_computes_with_its_levels():
    torch.manual_seed(0)
    model = LanguageModel(SHAPE)
    learner = with_rounding(model, 0.7)
    plain, levels = without_rounding(learner), trained_levels(learner)
    assert_same(plain(IDS).detach(), learner(IDS).detach())
    state = plain.state_dict()
    assert set(levels) == {name for name, w in state.items() if w.dim() == 2}
    for name, one in levels.items():
        assert torch.equal(one.dense(), state[name])
        share = one.scale.float().item() / model.state_dict()[name].std().item()
        assert abs(share - 0.7) < 0.01
    assert type(model.embedding.token) is nn.Embedding


def test_the_tied_embedding_is_rounded_in_both_directions():
    torch.manual_seed(0)
    learner = with_rounding(LanguageModel(SHAPE), 1.0)
    x = draw(1, 2, 8)
    table = trained_levels(learner)["embedding.token.weight"].dense()
    assert_same(learner.embedding.logits(x).detach(), F.linear(x, table))


@pytest.mark.parametrize("seed", [0, 1])
def test_training_on_makes_up_for_more_than_half_of_the_rounding(seed):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 5))
    x = draw(256, 12, seed=seed)
    target = model(x).detach()
    learner = with_rounding(model, 1.5)
    before = F.mse_loss(learner(x), target).item()
    optimizer = torch.optim.Adam(learner.parameters(), lr=0.01)
    for step in range(200):
        optimizer.param_groups[0]["lr"] = 0.01 * (1 - step / 200)
        optimizer.zero_grad()
        F.mse_loss(learner(x), target).backward()
        optimizer.step()
    assert F.mse_loss(learner(x), target).item() < 0.5 * before
    assert F.mse_loss(without_rounding(learner)(x), target).item() < 0.5 * before
