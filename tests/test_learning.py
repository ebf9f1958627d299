"""Lesson 01's pieces against torch, by hand, and under stress."""

import itertools
import math
import re

import pytest
import torch
import torch.nn.functional as F

from course_utils.learning import (
    LastWordModel,
    cross_entropy,
    fit,
    next_word_batches,
    softmax,
)

B, T, V, C = 3, 5, 11, 8
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}


def draw(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


@pytest.fixture
def targets():
    return torch.randint(V, (B, T), generator=torch.Generator().manual_seed(7))


@pytest.fixture
def text():
    return torch.randint(V, (200,), generator=torch.Generator().manual_seed(8))


def test_softmax_by_hand():
    x = torch.tensor([0.0, math.log(3)])
    assert torch.allclose(softmax(x), torch.tensor([0.25, 0.75]))


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("scale", [1, 1000])
def test_softmax_and_its_gradient_equal_torch(dim, dtype, scale):
    x = draw(B, T, V, dtype=dtype) * scale
    weights = draw(B, T, V, seed=1, dtype=dtype)
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    out, expected = softmax(ours, dim), theirs.softmax(dim)
    (out * weights).sum().backward()
    (expected * weights).sum().backward()
    assert out.dtype == dtype
    assert torch.allclose(out, expected, atol=TOLERANCE[dtype])
    assert torch.allclose(ours.grad, theirs.grad, atol=TOLERANCE[dtype])
    assert torch.allclose(out.sum(dim), torch.ones(()).to(dtype))


def test_softmax_ignores_a_common_shift_and_takes_minus_infinity():
    x = draw(B, V)
    assert torch.allclose(softmax(x + 50), softmax(x), atol=1e-6)
    x[:, 2] = -torch.inf
    assert (softmax(x)[:, 2] == 0).all()
    assert softmax(x).isfinite().all()


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("scale", [1, 1000])
def test_cross_entropy_and_its_gradient_equal_torch(targets, dtype, scale):
    logits = draw(B, T, V, dtype=dtype) * scale
    ours, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()
    loss = cross_entropy(ours, targets)
    expected = F.cross_entropy(theirs.flatten(0, 1), targets.flatten())
    loss.backward()
    expected.backward()
    assert loss.dtype == dtype
    assert loss.isfinite()
    assert torch.allclose(loss, expected, rtol=TOLERANCE[dtype])
    assert torch.allclose(ours.grad, theirs.grad, atol=TOLERANCE[dtype])


def test_cross_entropy_of_a_uniform_guess_is_ln_V(targets):
    loss = cross_entropy(torch.full((B, T, V), 4.2), targets)
    assert loss.item() == pytest.approx(math.log(V), rel=1e-6)


def test_cross_entropy_of_hopeless_and_perfect_guesses_is_finite_and_zero():
    sure = torch.tensor([[1e4, 0.0, 0.0]])
    assert cross_entropy(sure, torch.tensor([0])).item() == 0.0
    assert cross_entropy(sure, torch.tensor([2])).item() == pytest.approx(1e4)


def test_cross_entropy_gradient_is_probability_minus_right_answer(targets):
    logits = draw(B, T, V).requires_grad_()
    cross_entropy(logits, targets).backward()
    expected = (softmax(logits) - F.one_hot(targets, V)) / (B * T)
    assert torch.allclose(logits.grad, expected, atol=1e-7)


def test_last_word_model_sees_only_the_last_word():
    torch.manual_seed(0)
    model = LastWordModel(V, C)
    ids = torch.randint(V, (B, T))
    logits = model(ids)
    assert logits.shape == (B, T, V)
    alone = model(ids[1, 3:4])
    assert torch.allclose(logits[1, 3], alone[0], atol=1e-6)
    assert sum(p.numel() for p in model.parameters()) == V * (2 * C + 1)


def test_last_word_model_starts_near_a_uniform_guess(targets):
    torch.manual_seed(0)
    size = 600
    ids = torch.randint(size, (16, 33))
    loss = cross_entropy(LastWordModel(size, 32)(ids[:, :-1]), ids[:, 1:])
    assert loss.item() == pytest.approx(math.log(size), rel=0.05)


def test_batches_are_windows_of_the_text_and_repeat_with_the_seed(text):
    first = next_word_batches(text, B, T, torch.Generator().manual_seed(3))
    again = next_word_batches(text, B, T, torch.Generator().manual_seed(3))
    windows = {tuple(w) for w in text.unfold(0, T + 1, 1).tolist()}
    pairs = zip(first, again, strict=True)
    for (inputs, targets), (same, _) in itertools.islice(pairs, 20):
        assert inputs.shape == targets.shape == (B, T)
        assert torch.equal(inputs, same)
        assert torch.equal(inputs[:, 1:], targets[:, :-1])
        rows = torch.cat([inputs, targets[:, -1:]], dim=1).tolist()
        assert all(tuple(row) in windows for row in rows)


def test_batches_reach_both_ends_of_the_text():
    batches = next_word_batches(torch.arange(7), 50, T, torch.Generator())
    inputs, targets = next(batches)
    assert inputs.min() == 0
    assert targets.max() == 6


def test_a_text_too_short_is_refused_with_both_lengths():
    batches = next_word_batches(torch.arange(T), B, T, torch.Generator())
    message = (
        "a text of 5 words has no window of length=5 and a word after it; "
        "use a longer text or length=4 or less"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        next(batches)


def test_fit_takes_the_steps_of_adam():
    torch.manual_seed(0)
    ours = LastWordModel(V, C)
    theirs = LastWordModel(V, C)
    theirs.load_state_dict(ours.state_dict())
    ids = torch.randint(V, (B, T + 1))
    batch = (ids[:, :-1], ids[:, 1:])
    losses = fit(ours, itertools.repeat(batch), steps=4, lr=0.02)
    adam = torch.optim.Adam(theirs.parameters(), lr=0.02)
    expected = []
    for _ in range(4):
        adam.zero_grad()
        loss = F.cross_entropy(theirs(batch[0]).flatten(0, 1), batch[1].flatten())
        loss.backward()
        adam.step()
        expected.append(loss.item())
    assert losses == pytest.approx(expected, abs=1e-5)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(p, q, atol=1e-5)


def test_fit_takes_any_model_and_stops_with_its_batches():
    torch.manual_seed(0)
    model = torch.nn.Linear(C, V)
    batches = [(draw(B, C, seed=i), torch.tensor([1, 4, 9])) for i in range(3)]
    assert len(fit(model, batches, steps=10)) == 3
    assert len(fit(model, iter(batches), steps=2)) == 2


def test_fit_learns_which_word_follows():
    torch.manual_seed(0)
    cycle = torch.arange(V).repeat(20)  # each word has one successor
    batches = next_word_batches(cycle, B, T, torch.Generator().manual_seed(1))
    losses = fit(LastWordModel(V, C), batches, steps=150)
    assert losses[0] > 1.5
    assert losses[-1] < 0.05
