"""A classifier in one file: smaller, as good, and usable from the file alone."""

from dataclasses import replace

import pytest
import torch

from course_utils.checkpoints import CheckpointError
from course_utils.data.labeled import LabeledText, LabeledTexts
from course_utils.faster.packing import PackedEncoder
from course_utils.pretrained import Bert, MeanEncoder, WordPieces
from course_utils.smaller import pocket
from course_utils.smaller.few_bits import input_products
from course_utils.smaller.pocket import (
    layer_vectors,
    load_pocket,
    make_pocket,
    pruned,
    shallowest,
)
from course_utils.smaller.small_file import save_small
from course_utils.text import Vocabulary
from course_utils.transformer import LanguageModel
from tests.faster.test_packing import CONFIG as BERT
from tests.tolerances import assert_same

SPECIALS = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = [*SPECIALS, *"good bad nice sad a the film was plot ##s very un".split()]
CONFIG = replace(
    BERT, vocab_size=len(PIECES), d_model=32, n_heads=4, n_layers=3, d_ff=48, max_len=20
)


@pytest.fixture(scope="module")
def teacher():
    torch.manual_seed(5)
    return MeanEncoder(Bert(CONFIG).eval(), WordPieces.of(PIECES, 20))


@pytest.fixture(scope="module")
def data():
    items = []
    for i in range(40):
        word, label = (("good", "plus"), ("bad", "minus"))[i % 2]
        text = f"the {('film', 'plot', 'plots')[i % 3]} was {'very ' * (i % 4)}{word}"
        items.append(LabeledText(text, label, f"document {i // 2}"))
    return LabeledTexts(tuple(items), "made up")


def test_one_file_holds_all_it_needs(teacher, data, tmp_path):
    path, steps = tmp_path / "pocket.safetensors", []
    size = make_pocket(teacher, data, path, keep=18, progress=steps.append)
    assert size == path.stat().st_size
    assert len(steps) == 4
    answers = load_pocket(path)(data.texts)
    right = sum(a == item.label for a, item in zip(answers, data.items, strict=True))
    assert right >= 36
    assert set(answers) == {"plus", "minus"}


def test_the_pruned_model_says_the_same_of_texts_that_it_knows(teacher, data):
    used = {i for ids in teacher.tokenizer(data.texts) for i in ids}
    small, pieces = pruned(teacher.model, PIECES, used, 0, 3)
    assert pieces[0] == "[PAD]"
    assert "sad" not in pieces
    assert "[unused0]" not in pieces
    mine = MeanEncoder(small, WordPieces.of(pieces, 20))
    assert_same(mine(data.texts), teacher(data.texts))


def test_layer_vectors_end_in_the_encoders_own(teacher, data):
    encoder = PackedEncoder(teacher.model)
    ids = teacher.tokenizer(data.texts)
    vectors = layer_vectors(encoder, ids)
    assert vectors.shape == (4, 40, 32)
    assert_same(vectors[-1], encoder(ids))


def test_as_many_layers_as_needed():
    labels, folds = torch.arange(40) % 2, torch.arange(40) // 2 % 4
    noise = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    clear = noise + 9 * labels[:, None]
    assert shallowest(torch.stack([noise, clear, clear]), labels, folds) == 1


def test_one_label_is_refused(teacher, tmp_path):
    data = LabeledTexts((LabeledText("the film", "plus", "a"),), "made up")
    with pytest.raises(ValueError, match=r"only labels are \['plus'\]"):
        make_pocket(teacher, data, tmp_path / "x.safetensors")


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CheckpointError, match="no file"):
        load_pocket(tmp_path / "none.safetensors")


def test_a_file_of_another_kind_is_refused(teacher, tmp_path):
    path, words = tmp_path / "other.safetensors", Vocabulary(PIECES)
    save_small(path, teacher.model, {}, words, {"names": ["plus"], "bias": [0.0]})
    with pytest.raises(CheckpointError, match=r"notes \['bias', 'names'\]"):
        load_pocket(path)
    record = {"names": ["a"], "weight": [[0.0]], "bias": [0.0], "examples": [[2]]}
    config = replace(CONFIG, positions="sinusoidal")
    save_small(path, LanguageModel(config), {}, words, record)
    with pytest.raises(CheckpointError, match=r"holds a LanguageModel .* has a Bert"):
        load_pocket(path)


def test_few_texts_are_enough_to_see_which_inputs_move_together(teacher, monkeypatch):
    seen = []
    monkeypatch.setattr(pocket, "TEXTS", 4)
    monkeypatch.setattr(
        pocket,
        "input_products",
        lambda model, batches: seen.extend(batches) or input_products(model, batches),
    )
    pocket._levels(teacher.model, [[2, 6, 3]] * 7, 4)
    assert sum(len(batch) for (batch,) in seen) == 4
