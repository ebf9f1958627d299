"""One file: what is written is read, to the last bit, and every byte is accounted."""

import json
import lzma
import struct

import pytest
import torch

from course_utils.checkpoints import CheckpointError, read_tensors, write_tensors
from course_utils.config import ModelConfig
from course_utils.smaller.few_bits import rounded
from course_utils.smaller.int8 import dequantize, quantize, symmetric_scale
from course_utils.smaller.small_file import (
    FILTERS,
    load_small,
    load_small_translator,
    save_small,
)
from course_utils.smaller.trained import trained_levels, with_rounding, without_rounding
from course_utils.text import Vocabulary
from course_utils.transformer import LanguageModel, Transformer
from course_utils.translator import WEIGHTS, load_translator

WORDS = ["<pad>", "<start>", "<end>", "<fr>", *"abcdefghij", "être", "你好"]
SHAPE = ModelConfig(len(WORDS), d_model=16, n_heads=4, n_layers=2, d_ff=24, max_len=9)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Transformer(SHAPE).eval()


def in_bits(model, bits):
    state = model.state_dict()
    return {name: rounded(w, bits, 8) for name, w in state.items() if w.dim() == 2}


def in_8(model, name):
    """Return a weight as the file keeps the few that are no matrices."""
    weight = model.state_dict()[name]
    scale = symmetric_scale(weight).half().float()
    return dequantize(quantize(weight, scale), scale)


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_what_was_written_is_read(model, bits, tmp_path):
    matrices, path = in_bits(model, bits), tmp_path / "one.small"
    size = save_small(path, model, matrices, Vocabulary(WORDS), {"bleu": 98.5})
    again, vocabulary, record = load_small(path)
    assert size == path.stat().st_size
    assert vocabulary.words == WORDS
    assert record == {"bleu": 98.5}
    assert again.config == SHAPE
    for name, tensor in again.state_dict().items():
        kept = matrices[name].dense() if name in matrices else in_8(model, name)
        assert torch.equal(tensor, kept), name


def test_every_byte_is_accounted_for(model, tmp_path):
    bits, matrices, path = 3, in_bits(model, 3), tmp_path / "one.small"
    size = save_small(path, model, matrices, Vocabulary(WORDS), {})
    weights = [one.levels.numel() for one in matrices.values()]
    scales = sum(one.scale.numel() for one in matrices.values())
    others = [p for p in model.parameters() if p.dim() == 1]
    rest = sum(p.numel() for p in others) + 2 * len(others)  # and a scale for each
    data = path.read_bytes()
    [header] = struct.unpack("<Q", data[:8])
    parts = json.loads(data[8 : 8 + header])
    notes = parts["notes"]["data_offsets"]
    expected = sum(n * bits // 8 for n in weights) + 2 * scales + rest
    assert size == 8 + header + expected + notes[1] - notes[0]


def test_trained_levels_take_as_few_bytes_as_they_must(model, tmp_path):
    rounding = with_rounding(model, 1.5)
    matrices, plain = trained_levels(rounding), without_rounding(rounding)
    path = tmp_path / "one.small"
    save_small(path, plain, matrices, Vocabulary(WORDS), {})
    again, _, _ = load_small(path)
    state = again.state_dict()
    assert all(torch.equal(state[n], plain.state_dict()[n]) for n in matrices)


def test_a_language_model_and_a_mixture_of_bits(tmp_path):
    torch.manual_seed(1)
    model, path = LanguageModel(SHAPE).eval(), tmp_path / "one.small"
    state = model.state_dict()
    matrices = {n: rounded(w, 4, 8) for n, w in state.items() if w.dim() == 2}
    matrices["embedding.token.weight"] = rounded(state["embedding.token.weight"], 8, 16)
    save_small(path, model, matrices, Vocabulary(WORDS), {})
    again, _, _ = load_small(path)
    ids = torch.tensor([[4, 5, 6]])
    gap = (again(ids) - model(ids)).norm() / model(ids).norm()
    assert gap < 0.2
    assert torch.equal(
        again.embedding.token.weight, matrices["embedding.token.weight"].dense()
    )


def test_the_translator_comes_back_whole(model, tmp_path):
    path = tmp_path / "one.small"
    save_small(path, model, in_bits(model, 4), Vocabulary(WORDS), {})
    translator = load_small_translator("fr", path)
    assert isinstance(translator.translate("a b c")[0], str)
    with pytest.raises(CheckpointError, match="language='de' is not one of"):
        load_small_translator("de", path)


def test_what_does_not_belong_together_is_refused(model, tmp_path):
    matrices, path = in_bits(model, 4), tmp_path / "one.small"
    with pytest.raises(CheckpointError, match="3 words but the model has vocab_size"):
        save_small(path, model, matrices, Vocabulary(WORDS[:3]), {})
    wrong = {"nowhere.weight": matrices["embedding.token.weight"]}
    with pytest.raises(
        CheckpointError, match=r"nowhere.weight \(16, 16\) is no weight"
    ):
        save_small(path, model, wrong, Vocabulary(WORDS), {})
    assert not path.exists()


def test_a_damaged_or_foreign_file_is_refused(model, tmp_path):
    path = tmp_path / "one.small"
    with pytest.raises(CheckpointError, match="there is no file"):
        load_small(path)
    write_tensors(path, {"x": torch.zeros(2)}, {})
    with pytest.raises(CheckpointError, match="not written by save_small"):
        load_small(path)
    save_small(path, model, in_bits(model, 4), Vocabulary(WORDS), {})
    data = bytearray(path.read_bytes())
    data[-3] ^= 255
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged"):
        load_small(path)


@pytest.mark.parametrize(
    "lie", [{"vocab_size": 10**9}, {"d_ff": 10**10}, {"n_layers": 10**7}]
)
def test_a_file_that_asks_for_more_memory_than_it_holds_is_refused(
    model, tmp_path, lie
):
    path = tmp_path / "bomb.small"
    save_small(path, model, in_bits(model, 4), Vocabulary(WORDS), {})
    with_notes(path, lambda notes: notes["config"].update(lie))
    with pytest.raises(CheckpointError, match="weights"):
        load_small(path)


def with_notes(path, change):
    """Change the notes of a file, as somebody could who means no good."""
    tensors, _ = read_tensors(path)
    packed = tensors["notes"].numpy().tobytes()
    notes = json.loads(lzma.decompress(packed, lzma.FORMAT_RAW, filters=FILTERS))
    change(notes)
    text = lzma.compress(json.dumps(notes).encode(), lzma.FORMAT_RAW, filters=FILTERS)
    tensors["notes"] = torch.tensor(list(text), dtype=torch.uint8)
    write_tensors(path, tensors, {"kind": "small"})


CHANGES = {
    "no counts": lambda n: n["how"].update(counts=[[0]]),
    "huge counts": lambda n: n["how"].update(counts=[[10**9]]),
    "no offsets": lambda n: n["how"].update(offsets=[]),
    "few bits": lambda n: n["how"].update(bits=n["how"]["bits"][:2]),
    "wide bits": lambda n: n["how"].update(bits=[10**9 for _ in n["how"]["bits"]]),
    "no scales": lambda n: n["how"].update(scales=[]),
    "words are a number": lambda n: n.update(words=3),
    "too few words": lambda n: n.update(words="a\nb"),
    "no record": lambda n: n.pop("record"),
    "unknown kind": lambda n: n.update(kind="Oven"),
    "no layers": lambda n: n["config"].update(n_layers=-1),
    "six million layers": lambda n: n["config"].update(
        vocab_size=16, d_model=1, n_heads=1, d_ff=1, n_layers=6_000_000
    ),
    "endless positions": lambda n: n["config"].update(max_len=10**9),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed_notes_are_refused_with_a_sentence(model, tmp_path, name):
    path, matrices = tmp_path / "one.small", in_bits(model, 4)
    first = "embedding.token.weight"
    matrices[first] = matrices[first]._replace(bits=0)
    save_small(path, model, matrices, Vocabulary(WORDS), {})
    assert load_small(path)
    with_notes(path, CHANGES[name])
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_small(path)


def test_notes_that_expand_without_end_are_not_read(model, tmp_path):
    path = tmp_path / "bomb.small"
    save_small(path, model, in_bits(model, 4), Vocabulary(WORDS), {})
    tensors, _ = read_tensors(path)
    bomb = lzma.compress(b" " * 2**25, lzma.FORMAT_RAW, filters=FILTERS)
    tensors["notes"] = torch.tensor(list(bomb), dtype=torch.uint8)
    write_tensors(path, tensors, {"kind": "small"})
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_small(path)


def test_the_committed_file_is_small_works_and_says_how_good_it_is():
    path, whole = WEIGHTS / "translator.small", WEIGHTS / "translator.safetensors"
    assert 12 * path.stat().st_size <= whole.stat().st_size
    _, vocabulary, record = load_small(path)
    original = load_translator("fr")
    assert vocabulary.words == original.vocabulary.words
    known = json.loads((WEIGHTS / "translator.json").read_text())["metrics"]
    for language, metrics in record["metrics"].items():
        assert metrics["bleu"] >= known[language]["bleu"] - 1
    texts = ["the small cat sees the black dog.", "where is my book?"]
    small = load_small_translator("fr", path)
    assert small.translate(texts) == original.translate(texts)
