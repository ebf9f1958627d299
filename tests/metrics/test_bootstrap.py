"""The bootstrap: coverage where the truth is known, pairs, seeds, messages."""

import pytest
import torch

from course_utils.metrics import (
    bleu_counts,
    bleu_from_counts,
    bootstrap_interval,
    bootstrap_scores,
    corpus_bleu,
    paired_bootstrap,
)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(20)


def test_the_interval_covers_a_known_mean_about_as_often_as_it_says(generator):
    truth, trials, covered = 3.0, 100, 0
    for _ in range(trials):
        items = truth + torch.randn(60, generator=generator, dtype=torch.float64)
        low, high = bootstrap_interval(
            items, torch.mean, generator, resamples=150, confidence=0.9
        )
        covered += low <= truth <= high
    assert 0.82 <= covered / trials <= 0.96


def test_the_width_is_that_of_the_normal_formula(generator):
    items = torch.randn(400, generator=generator, dtype=torch.float64)
    low, high = bootstrap_interval(items, torch.mean, generator, resamples=1000)
    assert (high - low) / 2 == pytest.approx(1.96 * items.std().item() / 20, rel=0.1)
    assert low < items.mean() < high


def test_scores_of_a_two_item_set_are_the_three_possible_means(generator):
    items = torch.tensor([0.0, 1.0])
    scores = bootstrap_scores(items, torch.mean, generator, resamples=800)
    values, counts = scores.unique(return_counts=True)
    assert scores.shape == (800,)
    assert values.tolist() == [0.0, 0.5, 1.0]
    assert (counts / 800).tolist() == pytest.approx([0.25, 0.5, 0.25], abs=0.06)


def test_one_item_has_no_spread(generator):
    assert bootstrap_interval(torch.tensor([0.4]), torch.mean, generator) == (
        pytest.approx((0.4, 0.4))
    )


def test_the_same_seed_gives_the_same_interval():
    items = torch.arange(13.0)
    first, again, other = (
        bootstrap_interval(items, torch.mean, torch.Generator().manual_seed(seed), 50)
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_more_confidence_is_a_wider_interval():
    items = torch.arange(13.0)
    widths = []
    for confidence in (0.5, 0.8, 0.99):
        seeded = torch.Generator().manual_seed(4)
        low, high = bootstrap_interval(items, torch.mean, seeded, 300, confidence)
        widths.append(high - low)
    assert widths == sorted(widths)
    assert widths[0] < widths[2]


REFERENCES = [f"the {word} sleeps on the red mat" for word in "abcdefghijklmnop"]
GOOD = [text.replace("red", "old") if i % 4 == 0 else text
        for i, text in enumerate(REFERENCES)]  # fmt: skip
POOR = [text.replace("red", "old") if i % 4 else text
        for i, text in enumerate(REFERENCES)]  # fmt: skip


def counts_of(hypotheses):
    pairs = zip(hypotheses, REFERENCES, strict=True)
    return torch.stack([bleu_counts(h.split(), r.split()) for h, r in pairs])


def test_an_interval_around_corpus_bleu(generator):
    counts = counts_of(GOOD)
    low, high = bootstrap_interval(counts, bleu_from_counts, generator, 300)
    assert 0 < low < corpus_bleu(GOOD, REFERENCES) < high <= 100 + 1e-9


def test_resampled_counts_equal_resampled_texts():
    counts = counts_of(POOR)
    fast = bootstrap_scores(
        counts, bleu_from_counts, torch.Generator().manual_seed(6), resamples=7
    )

    def slowly(indices):
        chosen = indices.tolist()
        return corpus_bleu([POOR[i] for i in chosen], [REFERENCES[i] for i in chosen])

    slow = bootstrap_scores(
        torch.arange(16), slowly, torch.Generator().manual_seed(6), resamples=7
    )
    assert fast.tolist() == pytest.approx(slow.tolist(), abs=1e-9)


def test_the_paired_difference_has_the_sign_of_the_better_system(generator):
    good, poor = counts_of(GOOD), counts_of(POOR)
    low, high = paired_bootstrap(good, poor, bleu_from_counts, generator, 300)
    assert 0 < low < high
    low, high = paired_bootstrap(poor, good, bleu_from_counts, generator, 300)
    assert low < high < 0
    same = paired_bootstrap(good, good, bleu_from_counts, generator, 50)
    assert same == (0.0, 0.0)


def test_pairs_see_a_difference_that_two_intervals_hide(generator):
    # Every sentence is a little better, but sentences differ much more than systems.
    poor = torch.linspace(0, 1, 40, dtype=torch.float64)
    good = poor + 0.02 + 0.01 * torch.rand(40, generator=generator)
    low_good, _ = bootstrap_interval(good, torch.mean, generator, 300)
    _, high_poor = bootstrap_interval(poor, torch.mean, generator, 300)
    assert low_good < high_poor
    low, high = paired_bootstrap(good, poor, torch.mean, generator, 300)
    assert 0.02 < low < high < 0.03


@pytest.mark.no_typecheck
def test_messages(generator):
    items = torch.arange(5.0)
    with pytest.raises(ValueError, match="0 items") as caught:
        bootstrap_scores(items[:0], torch.mean, generator)
    assert str(caught.value) == "0 items and resamples=1000; both must be at least 1"
    with pytest.raises(ValueError, match="5 items and resamples=0"):
        bootstrap_interval(items, torch.mean, generator, resamples=0)
    for confidence in (0.0, 1.0, 95.0):
        with pytest.raises(ValueError, match="confidence") as caught:
            bootstrap_interval(items, torch.mean, generator, confidence=confidence)
        assert str(caught.value) == (
            f"confidence={confidence} is not between 0 and 1; choose for example 0.95"
        )
    with pytest.raises(ValueError, match="items_a") as caught:
        paired_bootstrap(items, items[:3], torch.mean, generator)
    assert str(caught.value) == (
        "items_a has shape (5,) but items_b (3,); score both systems on the same "
        "sentences"
    )
