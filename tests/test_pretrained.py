"""A BERT by Hugging Face inside our classes: same numbers, clear refusals."""

import json
import os
from pathlib import Path

import pytest
import torch

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from tokenizers import BertWordPieceTokenizer
from transformers import AutoModel, BertConfig, BertModel

from course_utils.data import minilm
from course_utils.data.corpus import MissingDataError
from course_utils.data.minilm import has_minilm, minilm_folder
from course_utils.pretrained import (
    WordPieces,
    bert_config,
    bert_weights,
    load_minilm,
    mean_pool,
    stand_in,
)
from course_utils.text import pad_batch
from tests.tolerances import assert_same

PIECES = "[PAD] [UNK] [CLS] [SEP] [MASK] a cat dog run ##s ##ning the on s".split()
TEXTS = ["a cat runs", "the dog", "running on the cat a dog runs on"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder as Hugging Face writes it, with a tiny random BERT."""
    path = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(3)
    sizes = {"hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4}
    config = BertConfig(
        vocab_size=len(PIECES),
        intermediate_size=37,
        max_position_embeddings=19,
        **sizes,
    )
    BertModel(config).save_pretrained(path)
    tokenizer = BertWordPieceTokenizer({piece: i for i, piece in enumerate(PIECES)})
    tokenizer.save(str(path / "tokenizer.json"))
    return path


def test_a_tiny_bert_returns_hugging_faces_numbers(folder):
    ours, theirs = load_minilm(folder), AutoModel.from_pretrained(folder).eval()
    ids = pad_batch(ours.tokenizer(TEXTS))
    with torch.no_grad():
        expected = theirs(ids, attention_mask=(ids != 0).long()).last_hidden_state
        assert_same(ours.model(ids)[ids != 0], expected[ids != 0])


def test_minilm_returns_hugging_faces_numbers_on_a_ragged_batch():
    encode, theirs = load_minilm(), AutoModel.from_pretrained(minilm_folder()).eval()
    ids = pad_batch(
        encode.tokenizer(["Hi.", "A rather longer sentence, in pieces: zyx"])
    )
    with torch.no_grad():
        expected = theirs(ids, attention_mask=(ids != 0).long()).last_hidden_state
        assert_same(encode.model(ids)[ids != 0], expected[ids != 0])
    vectors = encode(["The cat sleeps.", "A kitten naps.", "Shares fell."])
    near, far = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert near > far + 0.3


def test_sentence_vectors_do_not_depend_on_their_neighbors(folder):
    encode = load_minilm(folder)
    together, apart = encode(TEXTS), torch.cat([encode([text]) for text in TEXTS])
    assert_same(together, apart)
    assert_same(together.norm(dim=-1), torch.ones(3))


def test_mean_pool_averages_real_tokens_only():
    hidden = torch.tensor([[[3.0, 0.0], [0.0, 4.0], [9.0, 9.0]]])
    real = torch.tensor([[True, True, False]])
    assert_same(mean_pool(hidden, real), torch.tensor([[0.6, 0.8]]))


def test_pieces_read_and_built_are_the_same(folder):
    read, built = WordPieces.read(folder), WordPieces.of(PIECES, max_len=6)
    assert read.vocabulary == PIECES
    assert read.pieces("running") == ["[CLS]", "run", "##ning", "[SEP]"]
    assert [len(one) for one in built(TEXTS)] == [6, 4, 6]
    assert built(TEXTS)[1] == read(TEXTS)[1]


def test_another_family_is_refused():
    settings = json.loads('{"model_type": "gpt2", "hidden_act": "gelu"}')
    with pytest.raises(ValueError, match=r"model_type is 'gpt2'.*'bert'"):
        bert_config(settings)
    with pytest.raises(ValueError, match="'swish' is not one of gelu"):
        bert_config({"hidden_act": "swish"})


def test_tensors_of_another_model_are_refused():
    with pytest.raises(ValueError, match="not those of a BERT"):
        bert_weights({"wte.weight": torch.zeros(2, 3)})


def test_a_missing_package_is_said_with_what_to_type(monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no-such-package-here")
    assert not has_minilm()
    with pytest.raises(MissingDataError, match=r"not installed.*\[hf\]"):
        minilm_folder()


def test_another_file_is_refused_with_both_hashes(monkeypatch, tmp_path):
    other = tmp_path / "model.safetensors"
    other.write_bytes(b"not the weights")
    monkeypatch.setattr(minilm, "_weights", lambda: Path(other))
    with pytest.raises(
        MissingDataError, match=r"(?s)53aa5117.*28d9db.*--force-reinstall"
    ):
        minilm_folder()


def test_the_stand_in_needs_nothing_and_is_the_same_each_time():
    one, two = stand_in()(["a b", "c"]), stand_in()(["a b", "c"])
    assert one.shape == (2, 96)
    assert torch.equal(one, two)
