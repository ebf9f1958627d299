"""The knobs against transformers' own, and the draws against the distribution."""

import math
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.generation import greedy
from course_utils.sampling import (
    apply_temperature,
    keep_min_p,
    keep_top_k,
    keep_top_p,
    penalize_repetition,
    sample,
)

lp = pytest.importorskip("transformers.generation.logits_process")

B, T, V = 3, 5, 11
SCALES = [0.01, 1.0, 30.0, 1000.0]


def draw(seed, scale=1.0, rows=B, size=V):
    return torch.randn(rows, size, generator=seeded(seed)) * scale


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def kept(logits):
    return logits > -torch.inf


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("value", [0.01, 0.7, 1.0, 3.0])
def test_temperature_equals_transformers(scale, value):
    logits = draw(1, scale)
    theirs = lp.TemperatureLogitsWarper(value)(None, logits).softmax(dim=-1)
    assert torch.allclose(
        apply_temperature(logits, value).softmax(dim=-1), theirs, atol=1e-5
    )


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("value", [1, 2, 5, V, 99])
def test_top_k_equals_transformers(scale, value):
    logits = draw(2, scale)
    assert torch.equal(
        keep_top_k(logits, value), lp.TopKLogitsWarper(value)(None, logits)
    )


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("value", [1e-6, 0.1, 0.5, 0.9, 0.999])
def test_top_p_equals_transformers(scale, value):
    logits = draw(3, scale)
    assert torch.equal(
        keep_top_p(logits, value), lp.TopPLogitsWarper(value)(None, logits)
    )


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("value", [1e-6, 0.05, 0.5, 1.0])
def test_min_p_equals_transformers(scale, value):
    logits = draw(4, scale)
    assert torch.equal(
        keep_min_p(logits, value), lp.MinPLogitsWarper(value)(None, logits)
    )


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("value", [0.5, 1.0, 1.2, 5.0])
def test_repetition_penalty_equals_transformers(scale, value):
    logits = draw(5, scale)
    ids = torch.randint(V, (B, T), generator=seeded(6))
    ids[0] = ids[0, 0]  # a token seen five times pays once
    theirs = lp.RepetitionPenaltyLogitsProcessor(value)(ids, logits.clone())
    assert torch.equal(penalize_repetition(logits, ids, value), theirs)


def test_chained_knobs_equal_transformers_chain():
    logits, ids = draw(7, 4.0), torch.randint(V, (B, T), generator=seeded(8))
    ours = penalize_repetition(logits, ids, 1.3)
    ours = keep_min_p(keep_top_p(keep_top_k(apply_temperature(ours, 0.8), 7), 0.9), 0.1)
    theirs = lp.RepetitionPenaltyLogitsProcessor(1.3)(ids, logits.clone())
    for warper in (
        lp.TemperatureLogitsWarper(0.8),
        lp.TopKLogitsWarper(7),
        lp.TopPLogitsWarper(0.9),
        lp.MinPLogitsWarper(0.1),
    ):
        theirs = warper(ids, theirs)
    assert torch.equal(kept(ours), kept(theirs))
    assert torch.allclose(ours.softmax(-1), theirs.softmax(-1), atol=1e-6)


def test_ties_top_k_keeps_all_that_tie_with_the_last_as_transformers_does():
    logits = torch.tensor([[1.0, 3.0, 1.0, 0.0, 1.0]])
    out = keep_top_k(logits, 2)
    assert kept(out).tolist() == [[True, True, True, False, True]]
    assert torch.equal(out, lp.TopKLogitsWarper(2)(None, logits))


def test_ties_top_p_takes_the_lower_id_first_and_as_many_as_transformers():
    logits = torch.zeros(1, 5)
    out = keep_top_p(logits, 0.5)  # 0.2 each: three of them reach a half
    assert kept(out).tolist() == [[True, True, True, False, False]]
    assert kept(lp.TopPLogitsWarper(0.5)(None, logits)).sum() == 3
    many = torch.arange(2000) % 2 * torch.ones(1, 1)  # where an unstable sort shuffles
    assert kept(keep_top_p(many, 0.3)).nonzero()[:, 1].diff().eq(2).all()


def test_ties_min_p_keeps_equals_together_as_transformers_does():
    logits = torch.tensor([[2.0, 2.0, -1.0, -1.0]])
    assert kept(keep_min_p(logits, 1.0)).tolist() == [[True, True, False, False]]
    assert kept(lp.MinPLogitsWarper(1.0)(None, logits)).tolist() == [
        [True, True, False, False]
    ]


def test_top_p_by_hand():
    logits = torch.tensor([0.2, 0.5, 0.3]).log()
    assert kept(keep_top_p(logits, 0.7)).tolist() == [False, True, True]
    assert kept(keep_top_p(logits, 0.4)).tolist() == [False, True, False]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.001, 0.999), st.sampled_from([0.1, 1, 8]))
def test_top_p_keeps_the_smallest_set_that_reaches_p(seed, p, scale):
    probabilities = draw(seed, scale, rows=1).double().softmax(dim=-1)[0]
    stay = kept(keep_top_p(probabilities.log()[None], p)[0])
    mass = probabilities[stay].sum()
    assert mass >= p - 1e-9
    assert mass - probabilities[stay].min() < p + 1e-9
    assert (
        probabilities[stay].min() >= probabilities[~stay].max() if (~stay).any() else 1
    )


@pytest.mark.parametrize("scale", SCALES)
def test_each_knob_has_a_setting_that_changes_no_probability(scale):
    logits = draw(9, scale)
    ids = torch.randint(V, (B, T), generator=seeded(1))
    for out in (
        apply_temperature(logits, 1.0),
        keep_top_k(logits, V),
        keep_top_p(logits, 1.0),
        keep_min_p(logits, 1e-30),
        penalize_repetition(logits, ids, 1.0),
    ):
        assert torch.allclose(out.softmax(-1), logits.softmax(-1), atol=1e-6)


def test_knobs_work_on_one_row_and_leave_their_input_alone():
    logits = draw(10)
    before = logits.clone()
    for knob in (
        lambda x: apply_temperature(x, 0.5),
        lambda x: keep_top_k(x, 3),
        lambda x: keep_top_p(x, 0.6),
        lambda x: keep_min_p(x, 0.2),
    ):
        rows = torch.stack([knob(row) for row in logits])
        assert torch.equal(knob(logits), rows)
    penalize_repetition(logits, torch.zeros(B, 1, dtype=torch.long), 2.0)
    assert torch.equal(logits, before)


def test_knobs_accept_tokens_that_are_already_out():
    logits = keep_top_k(draw(11), 4)
    for out in (
        apply_temperature(logits, 0.3),
        keep_top_k(logits, 6),
        keep_top_p(logits, 0.9),
        keep_min_p(logits, 0.1),
        penalize_repetition(logits, torch.arange(V).repeat(B, 1), 1.5),
    ):
        assert (kept(out) <= kept(logits)).all()
        assert out.softmax(dim=-1).isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_cold_is_argmax_without_overflow(dtype):
    logits = (draw(12, 3000.0)).to(dtype)  # 3000 / 0.01 overflows float16
    out = apply_temperature(logits, 0.01)
    assert out.dtype == dtype
    probabilities = out.float().softmax(dim=-1)
    assert not probabilities.isnan().any()
    assert torch.equal(probabilities.argmax(-1), logits.argmax(-1))
    assert (probabilities.amax(-1) > 0.99).all()


def test_impossible_settings_are_refused_in_words():
    logits = draw(13)
    ids = torch.zeros(B, 1, dtype=torch.long)
    cases = [
        (
            lambda: apply_temperature(logits, 0.0),
            "temperature=0.0 must be above 0; for the most probable token every time, "
            "use greedy",
        ),
        (lambda: keep_top_k(logits, 0), "k=0 keeps no token; choose 1 or more"),
        (lambda: keep_top_p(logits, 0.0), "p=0.0 must lie in (0, 1]"),
        (lambda: keep_top_p(logits, 1.5), "p=1.5 must lie in (0, 1]"),
        (lambda: keep_min_p(logits, -0.1), "p=-0.1 must lie in (0, 1]"),
        (
            lambda: penalize_repetition(logits, ids, 0.0),
            "penalty=0.0 must be above 0; 1 changes nothing",
        ),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            call()
    for value in (-1.0, math.nan):
        with pytest.raises(ValueError, match=f"^temperature={value} must be above 0"):
            apply_temperature(logits, value)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("value", [0.5, 1.0, 2.0])
def test_draws_match_the_distribution(seed, value):
    """Each count lies within 4 sigma; chi-square below its 99.9 % point (V−1 = 10)."""
    n = 20_000
    logits = apply_temperature(draw(14)[0], value)
    prefix = torch.zeros(n, 1, dtype=torch.long)
    out = sample(lambda ids: logits.expand(n, V), prefix, 1, seeded(seed))
    counts = torch.bincount(out[:, 1], minlength=V)
    p = logits.double().softmax(dim=-1)
    sigma = (n * p * (1 - p)).sqrt()
    assert ((counts - n * p).abs() < 4 * sigma + 1).all()
    assert ((counts - n * p) ** 2 / (n * p)).sum() < 29.59


def test_a_token_that_is_out_is_never_drawn():
    logits = keep_top_p(draw(15)[0], 0.6)
    prefix = torch.zeros(5000, 1, dtype=torch.long)
    out = sample(lambda ids: logits.expand(5000, V), prefix, 1, seeded(0))[:, 1]
    assert set(out.tolist()) == set(kept(logits).nonzero()[:, 0].tolist())


def scripted(ids):
    """Score by the row's own tokens, with the end (2) often in sight."""
    table = draw(16, 1.5, rows=V)
    table[:, 2] += 1.0
    return table[ids[:, -1]] + 0.3 * table[ids[:, 0]]


def test_rows_that_end_are_padded_and_the_loop_stops():
    prefix = torch.arange(3, 9)[:, None]
    out = sample(scripted, prefix, 60, seeded(1))
    assert out.shape[1] < 60
    for row in out.tolist():
        end = row.index(2, 1)
        assert set(row[end + 1 :]) <= {0}
        assert 2 not in row[1:end]


def test_the_seed_decides():
    prefix = torch.arange(3, 9)[:, None]
    first, again = (sample(scripted, prefix, 9, seeded(4)) for _ in range(2))
    other = sample(scripted, prefix, 9, seeded(5))
    assert torch.equal(first, again)
    assert not torch.equal(first[:, :3], other[:, :3])


def test_what_a_row_draws_does_not_depend_on_the_other_rows():
    prefix = torch.arange(3, 9)[:, None]
    changed = prefix.clone()
    changed[1:] = 10
    n = 4
    out = sample(scripted, prefix, n, seeded(6), end_id=99)
    same = sample(scripted, changed, n, seeded(6), end_id=99)
    assert torch.equal(out[0], same[0])
    assert not torch.equal(out[1:], same[1:])


def test_one_row_alone_draws_as_the_model_says():
    """Two-token texts of one row, drawn one by one and in a batch: same frequencies."""
    n = 1000
    generator = seeded(7)
    prefix = torch.full((n, 1), 4)
    together = sample(scripted, prefix, 2, generator, end_id=99)[:, 1:]
    alone = [sample(scripted, prefix[:1], 2, generator, end_id=99) for _ in range(n)]
    alone = torch.cat(alone)[:, 1:]
    counts = [
        torch.bincount(x @ torch.tensor([V, 1]), minlength=V * V)
        for x in (together, alone)
    ]
    a, b = (c.double() for c in counts)
    assert ((a - b).abs() < 4.5 * (a + b).sqrt() + 1).all()


def test_cold_sampling_is_greedy():
    prefix = torch.arange(3, 9)[:, None]
    cold = sample(
        lambda ids: apply_temperature(scripted(ids), 0.001), prefix, 12, seeded(8)
    )
    assert torch.equal(cold, greedy(scripted, prefix, 12))
