"""The probe and tf-idf against scikit-learn."""

import pytest
import torch

from course_utils.probing import TfIdf, best_probe, fit_probe, held_out_hits
from tests.tolerances import assert_same

TEXTS = ["the cat sat on the mat", "the dog ran", "a cat ran and ran", "dogs on mats"]


def drawn(n=60, width=7, kinds=3):
    """Draw vectors around one center for each kind."""
    dice = torch.Generator().manual_seed(1)
    labels = torch.arange(n) % kinds
    centers = torch.randn(kinds, width, generator=dice)
    return centers[labels] + torch.randn(n, width, generator=dice), labels


def test_the_probe_is_the_minimum_that_scikit_learn_finds():
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    x, labels = drawn()
    scaler = StandardScaler().fit(x)
    judge = LogisticRegression(C=1 / (0.1 * len(x)), tol=1e-8, max_iter=2000)
    judge.fit(scaler.transform(x), labels)
    expected = judge.predict_proba(scaler.transform(x))
    ours = fit_probe(x, labels, 0.1).logits(x).softmax(dim=-1)
    assert (ours - torch.tensor(expected)).abs().max() < 5e-3


def test_the_counts_are_those_of_scikit_learn():
    from sklearn.feature_extraction.text import TfidfVectorizer

    theirs = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit(TEXTS)
    ours = TfIdf(TEXTS)
    assert list(ours.terms) == sorted(theirs.vocabulary_)
    new = ["a dog sat on a cat", "nothing known"]
    for texts in (TEXTS, new):
        expected = torch.tensor(theirs.transform(texts).toarray(), dtype=torch.float32)
        assert_same(ours(texts), expected)


def test_folds_keep_what_is_judged_out_of_the_training():
    x, labels = drawn(n=40)
    folds = torch.arange(40) % 4
    hits = held_out_hits(x, labels, folds, 0.1)
    one = fit_probe(x[folds != 2], labels[folds != 2], 0.1)
    assert torch.equal(hits[folds == 2], one.hits(x[folds == 2], labels[folds == 2]))


def test_the_best_penalty_beats_a_silly_one():
    x, labels = drawn(n=80)
    folds = torch.arange(80) % 4
    probe = best_probe(x, labels, folds, (0.1, 1e4))
    assert probe.hits(x, labels).float().mean() > 0.8


def test_one_kind_of_label_is_refused():
    with pytest.raises(ValueError, match=r"5 vectors with 5 labels of 1 kinds"):
        fit_probe(torch.randn(5, 3), torch.zeros(5, dtype=torch.long))
