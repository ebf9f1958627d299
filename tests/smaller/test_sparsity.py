"""Masks keep exactly what they promise; a sparse map computes what a dense one does."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.prune import l1_unstructured

from course_utils.config import ModelConfig
from course_utils.encoder import Encoder
from course_utils.smaller.sparsity import (
    SparseLinear,
    apply_masks,
    hold_masks,
    keep_largest,
    magnitude_mask,
    n_of_m_mask,
    random_mask,
    wanda_mask,
)
from tests.oracles import draw
from tests.tolerances import assert_same

CONFIG = ModelConfig(11, d_model=12, n_heads=3, n_layers=2, d_ff=20)


@given(st.floats(0, 1), st.integers(1, 7), st.integers(1, 7))
def test_the_share_is_kept_to_the_last_weight(share, rows, columns):
    mask = keep_largest(torch.zeros(rows, columns), share)
    assert mask.sum() == round(share * rows * columns)


def test_the_largest_are_kept_and_ties_go_to_the_earlier():
    mask = keep_largest(torch.tensor([3.0, 1.0, 3.0, 3.0, 0.0]), 0.4)
    assert mask.tolist() == [True, False, True, False, False]


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_an_impossible_share_is_refused(share):
    with pytest.raises(ValueError, match=rf"share={share} must lie in \[0, 1\]"):
        keep_largest(torch.ones(3), share)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_magnitude_is_torchs_l1_pruning(share):
    linear = nn.Linear(7, 5)
    expected = copy.deepcopy(linear)
    l1_unstructured(expected, "weight", 35 - round(share * 35))
    assert torch.equal(magnitude_mask(linear.weight, share), expected.weight_mask > 0)


def test_random_depends_on_the_seed_alone():
    weight = draw(5, 7)
    first, again = random_mask(weight, 0.4, 1), random_mask(-weight, 0.4, 1)
    assert torch.equal(first, again)
    assert not torch.equal(first, random_mask(weight, 0.4, 2))


@given(st.sampled_from([(1, 2), (2, 4), (4, 8), (3, 3)]), st.integers(0, 99))
def test_n_of_m_keeps_the_best_n_of_every_m(sizes, seed):
    n, m = sizes
    scores = draw(3, 2 * m, seed=seed)
    mask = n_of_m_mask(scores, n, m)
    for row, kept in zip(scores.view(-1, m), mask.view(-1, m), strict=True):
        assert sorted(row[kept]) == sorted(row)[m - n :]


@pytest.mark.parametrize(("n", "m"), [(0, 4), (5, 4), (2, 5)])
def test_impossible_groups_are_refused(n, m):
    with pytest.raises(ValueError, match=rf"n={n} of m={m} does not fit rows of 8"):
        n_of_m_mask(torch.ones(3, 8), n, m)


def test_wanda_with_even_inputs_is_magnitude_row_by_row():
    weight, inputs = draw(5, 8), torch.ones(2, 3, 8)
    mask = wanda_mask(weight, inputs, 0.25)
    rows = [magnitude_mask(row[None], 0.25) for row in weight]
    assert torch.equal(mask, torch.cat(rows))


def test_wanda_keeps_a_small_weight_on_a_loud_input():
    weight = torch.tensor([[0.1, 1.0]])
    inputs = torch.tensor([[30.0, 1.0], [-30.0, 1.0]])
    assert wanda_mask(weight, inputs, 0.5).tolist() == [[True, False]]


def test_masks_of_a_model_spare_norms_and_biases_and_last():
    model = Encoder(CONFIG)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    masks = apply_masks(model, 0.25)
    for name, weight in model.named_parameters():
        mask = masks.get(name.removesuffix(".weight"), torch.tensor(True))
        assert torch.equal(weight, before[name] * mask)
        weight.data += 1
    assert len(masks) == 2 * 6
    hold_masks(model, masks)
    for name, mask in masks.items():
        assert (model.get_submodule(name).weight != 0).sum() == mask.sum()
        assert mask.sum() == round(0.25 * mask.numel())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", [(7,), (3, 7), (2, 5, 7)])
def test_the_sparse_map_equals_the_dense(size, bias, dtype):
    linear = nn.Linear(7, 4, bias).to(dtype)
    linear.weight.data *= magnitude_mask(linear.weight, 0.3)
    x = draw(*size, dtype=dtype)
    sparse = SparseLinear(linear)
    assert_same(sparse(x), linear(x).detach())
    assert len(sparse.values) == round(0.3 * 28)
    assert set(sparse.state_dict()) >= {"rows", "columns", "values"}
