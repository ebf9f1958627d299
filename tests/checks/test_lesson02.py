"""Answers of lesson 02 that are right by luck must fail on every draw."""

import pytest

from course_utils.authoring.mutants import try_answer
from tests.test_mutants import ROOT

pytestmark = pytest.mark.no_typecheck
HIDDEN_BY = """
def attention(q, k, v, mask=None):
    scores = q @ k.T / math.sqrt(q.shape[-1])
    if mask is None:
        return scores.softmax(-1) @ v
    return (scores.masked_fill(~mask, {low}).softmax(-1) * mask) @ v
"""
BIAS_LAST = """
def attention_with_bias(q, k, v, mask=None, bias=None):
    scores = q @ k.T / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, {low})
    if bias is not None:
        scores = scores + bias
    return scores.softmax(-1) @ v
"""
MENDED_BY = HIDDEN_BY.replace("def attention", "def mended_attention")
DIVIDED = """
def mended_attention(q, k, v, mask=None):
    weights = (q @ k.T / math.sqrt(q.shape[-1])).softmax(-1)
    if mask is not None:
        weights = weights * mask
        weights = weights / weights.sum(-1, keepdim=True)
    return weights @ v
"""


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("low", ["-20.0", "-100.0", "-1000.0", "-1e4"])
def test_a_number_that_is_not_low_enough(low, seed):
    found = try_answer(ROOT, "02-attention", HIDDEN_BY.format(low=low), seed)
    assert found.status == "failed"
    found = try_answer(ROOT, "02-mend", MENDED_BY.format(low=low), seed)
    assert found.status == "failed"


def test_it_is_told_by_name():
    found = try_answer(ROOT, "02-attention", HIDDEN_BY.format(low="-1e4"))
    assert found.slip == "not-low-enough"


@pytest.mark.parametrize("low", ["-100.0", "-1e4", "-1e9"])
def test_a_bias_that_brings_hidden_keys_back(low):
    for seed in range(3):
        found = try_answer(ROOT, "02-bias", BIAS_LAST.format(low=low), seed)
        assert found.status == "failed"


def test_weights_that_are_divided_afterwards():
    assert try_answer(ROOT, "02-mend", DIVIDED).slip == "hidden-afterwards"
