"""The recipe of the small translator, with tiny numbers."""

import pytest
import torch

from course_utils.config import ModelConfig
from course_utils.data.phrasebook import phrasebook
from course_utils.recipes import small_translator
from course_utils.recipes.common import Corpus
from course_utils.recipes.small_translator import small_loss, train_small_translator
from course_utils.smaller.small_file import load_small, load_small_translator
from course_utils.smaller.trained import with_rounding
from course_utils.training import TrainingSettings, shift_right
from course_utils.transformer import Transformer
from course_utils.translator import Translator

SIZES = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 12, "max_len": 40}


@pytest.fixture
def corpus():
    return Corpus.build({"<fr>": phrasebook("fr", 40, level="core")})


@pytest.fixture
def tiny(monkeypatch, corpus):
    torch.manual_seed(0)
    model = Transformer(ModelConfig(len(corpus.vocabulary), **SIZES))
    settings = TrainingSettings(steps=4, batch_size=8, warmup=1, smoothing=0.0)
    for name, value in {
        "SETTINGS": settings,
        "read_corpus": lambda: (corpus, "fingerprint"),
        "load_translator": lambda language: Translator(model, corpus.vocabulary, "fr"),
        "judge_both": lambda model, corpus, split, n: {"fr": {"bleu": 1.0}},
    }.items():
        monkeypatch.setattr(small_translator, name, value)
    return model


def test_the_recipe_writes_one_file_that_translates(tiny, corpus, tmp_path):
    record = train_small_translator(tmp_path)
    path = tmp_path / "translator.small"
    assert record["bytes"] == path.stat().st_size
    model, vocabulary, kept = load_small(path)
    assert vocabulary.words == corpus.vocabulary.words
    assert kept["metrics"] == {"fr": {"bleu": 1.0}}
    assert kept["settings"]["steps"] == 4
    assert any(
        not torch.equal(a, b)
        for a, b in zip(model.parameters(), tiny.parameters(), strict=True)
    )
    sentence = phrasebook("fr", 40, level="core")[0].source
    [text] = load_small_translator("fr", path).translate([sentence])
    assert isinstance(text, str)


def test_the_loss_is_lowest_for_the_teacher_itself(tiny, corpus):
    source, target = (
        torch.tensor([row[:5] for row in rows[:3]])
        for rows in (corpus.sources, corpus.targets)
    )
    target[1, 3:] = 0
    loss = small_loss(tiny)
    learner = with_rounding(tiny, 1.0)
    p = tiny(source, shift_right(target)).softmax(-1)
    entropy = -(p * p.log()).sum(-1)[target != 0].mean()
    assert torch.isclose(loss(tiny, (source, target)), entropy)
    mine = loss(learner, (source, target))
    assert mine > entropy
    mine.backward()
    assert all(weight.grad is not None for weight in learner.parameters())
    assert all(weight.grad is None for weight in tiny.parameters())
