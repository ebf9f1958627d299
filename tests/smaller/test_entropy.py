"""Entropy coding: nothing lost, few bytes wasted, damage noticed."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.smaller.entropy import count_levels, entropy, expand, squeeze


def levels(n, seed=0, spread=1.0):
    dice = torch.Generator().manual_seed(seed)
    x = (spread * torch.randn(n, generator=dice)).round().clamp(-7, 7)
    return (x + 7).to(torch.uint8)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=200), min_size=1))
def test_nothing_is_lost(numbers):
    parts = [torch.tensor(row, dtype=torch.uint8) for row in numbers]
    counts = [count_levels(part) for part in parts]
    back = expand(squeeze(parts, counts), [len(row) for row in numbers], counts)
    assert [part.tolist() for part in back] == numbers


@pytest.mark.parametrize("spread", [0.2, 0.6, 2.0])
def test_the_bytes_are_those_of_the_entropy(spread):
    part = levels(40_000, spread=spread)
    counts = count_levels(part)
    bound = entropy(counts) * 40_000 / 8
    assert bound <= len(squeeze([part], [counts])) <= 1.01 * bound + 300


def test_entropy_by_hand():
    assert entropy([4, 4]) == 1
    assert entropy([2, 1, 0, 1]) == 1.5
    assert entropy([7]) == 0


def test_counts_add_up_and_keep_what_is_rare():
    part = torch.cat([torch.zeros(100_000), torch.tensor([5.0])]).to(torch.uint8)
    counts = count_levels(part)
    assert counts == [4095, 0, 0, 0, 0, 1]


def test_data_that_are_cut_or_changed_are_refused():
    part = levels(5000)
    counts = [count_levels(part)]
    data = squeeze([part], counts)
    for spoiled in (data[:100], data[:-2], torch.cat([data, data[:2]])):
        with pytest.raises(ValueError, match=r"cut|damaged"):
            expand(spoiled, [5000], counts)
    data = data.clone()
    data[2] ^= 1
    with pytest.raises(ValueError, match=r"cut|damaged"):
        expand(data, [5000], counts)
