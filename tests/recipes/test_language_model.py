"""The language model's recipe, with tiny numbers, and how a text is judged."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from course_utils.checkpoints import load_checkpoint
from course_utils.positions import sinusoid_table
from course_utils.recipes import RECIPES
from course_utils.recipes import language_model as recipe
from course_utils.recipes.language_model import Windows, nats_per_token
from course_utils.training import TrainingSettings
from course_utils.transformer import LanguageModel
from tests.faster.test_cache import LEARNED, ids, model_of

SIZES = recipe.SIZES | {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 12}
TINY = TrainingSettings(steps=3, batch_size=2, warmup=1, smoothing=0.0)


def test_it_trains_judges_and_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "SIZES", SIZES)
    monkeypatch.setattr(recipe, "SETTINGS", TINY)
    monkeypatch.setattr(recipe, "FAR", replace(TINY, steps=2))
    monkeypatch.setattr(recipe, "NEAR", 2)
    monkeypatch.setattr(recipe, "TOKENS", 512)
    monkeypatch.setattr(recipe, "LENGTHS", ((0, 32), (1, 512)))
    text = recipe.read_text
    monkeypatch.setattr(
        recipe, "read_text", lambda split: (text(split)[0][:2000], "few")
    )
    record = RECIPES["language-model"](tmp_path)
    model, vocabulary, _ = load_checkpoint(tmp_path / "language_model")
    assert record["data"]["fingerprint"] == "few"
    assert record["metrics"]["test_nats_per_character"] < 6
    assert len(vocabulary) == model.config.vocab_size
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_stopped_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "SIZES", SIZES)
    monkeypatch.setattr(recipe, "NEAR", 2)
    text, state = recipe.read_text("train")[0][:2000], tmp_path / "near.state"

    def run(steps):
        windows = Windows(text, ((0, 32),))
        model = recipe._new_model(recipe.CharacterVocabulary(), 0)
        return recipe.Trainer(model, windows, replace(TINY, steps=steps), recipe._loss)

    whole = run(3)
    recipe._read_near(whole, tmp_path / "other.state", resume=False)
    half = run(3)
    half.run(until=1, save_to=state)
    again = run(3)
    recipe._read_near(again, state, resume=True)
    assert again.history == whole.history


def test_windows_are_the_text_and_what_follows():
    text = torch.arange(5000)
    windows = Windows(text, ((0, 64), (7, 256)))
    for step, T in ((0, 64), (6, 64), (7, 256), (99, 256)):
        inputs, targets = windows[step]
        assert inputs.shape == (recipe.TOKENS // T, T)
        assert torch.equal(targets, inputs + 1)
    assert torch.equal(windows[3][0], Windows(text, ((0, 64),))[3][0])
    assert not torch.equal(windows[3][0], windows[4][0])


def test_loss_of_a_text_by_hand():
    model = model_of(LanguageModel, LEARNED)
    text = ids(1, 4 * 5 + 3)[0]
    expected = []
    for start in range(0, 20, 5):
        logits = model(text[None, start : start + 5])[0]
        expected += F.cross_entropy(
            logits, text[start + 1 : start + 6], reduction="none"
        ).tolist()
    found = nats_per_token(model, text, T=5)
    assert found == pytest.approx(sum(expected) / 20, abs=1e-5)


def test_a_short_text_is_refused():
    model = LanguageModel(replace(LEARNED, max_len=30))
    with pytest.raises(ValueError, match="has 12 tokens; a window needs T"):
        nats_per_token(model, ids(1, 12)[0])


def test_a_mixture_extends_the_rows_that_it_knows():
    waves = sinusoid_table(40, 16)
    drawn = torch.randn(16, 16, generator=torch.Generator().manual_seed(0))
    table = waves @ (torch.eye(16) / 4 + 0.01 * drawn)
    mixture = recipe._Mixture(table, known=30)
    assert (mixture.table[:30] - table[:30]).abs().max() < 0.02
    assert (mixture.table[30:] - table[30:]).abs().max() < 0.05
    x = torch.randn(2, 7, 16)
    assert torch.equal(mixture(x), x + mixture.table[:7])
