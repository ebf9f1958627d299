"""Checkpoints: what is written comes back, and nothing half written ever counts."""

import errno
import json
import os
import resource
import subprocess
import sys

import pytest
import torch

from course_utils import checkpoints
from course_utils.checkpoints import (
    CheckpointError,
    load_checkpoint,
    read_tensors,
    save_checkpoint,
    write_atomically,
    write_tensors,
)
from course_utils.config import ModelConfig
from course_utils.text import Vocabulary
from course_utils.transformer import LanguageModel, Transformer

VOCABULARY = Vocabulary.build(["the dog sleeps .", "le chien dort ."])
CONFIG = ModelConfig(len(VOCABULARY), 16, 2, 1, 24, 9)
RECORD = {
    "recipe": "translator",
    "settings": {"steps": 3},
    "data": {"name": "phrasebook", "fingerprint": "ab12"},
    "metrics": {"exact": 0.5},
}


def small_model(kind=Transformer, config=CONFIG):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return kind(config)


@pytest.fixture
def saved(tmp_path):
    save_checkpoint(tmp_path / "small", small_model(), VOCABULARY, RECORD)
    return tmp_path / "small"


class TestRoundTrip:
    @pytest.mark.parametrize("kind", [Transformer, LanguageModel])
    def test_model_vocabulary_and_record_come_back(self, tmp_path, kind):
        model = small_model(kind)
        save_checkpoint(tmp_path / "small", model, VOCABULARY, RECORD)
        loaded, vocabulary, record = load_checkpoint(tmp_path / "small")
        assert type(loaded) is kind
        assert loaded.config == CONFIG
        assert not loaded.training
        assert vocabulary.words == VOCABULARY.words
        assert record["metrics"] == {"exact": 0.5}
        for name, tensor in model.state_dict().items():
            assert torch.equal(tensor, loaded.state_dict()[name])

    def test_the_json_says_what_the_weights_are(self, saved):
        content = json.loads(saved.with_suffix(".json").read_text())
        weights = saved.with_suffix(".safetensors")
        assert content["recipe"] == "translator"
        assert content["data"]["fingerprint"] == "ab12"
        assert content["weights"]["bytes"] == weights.stat().st_size
        assert content["weights"]["parameters"] == sum(
            p.numel() for p in small_model().parameters()
        )
        assert content["versions"]["torch"] == torch.__version__

    @pytest.mark.parametrize("suffix", ["", ".json", ".safetensors"])
    def test_either_file_names_the_checkpoint(self, saved, suffix):
        assert load_checkpoint(f"{saved}{suffix}")[2]["recipe"] == "translator"

    def test_saving_again_replaces(self, saved):
        save_checkpoint(
            saved, small_model(), VOCABULARY, {**RECORD, "metrics": {"e": 1}}
        )
        assert load_checkpoint(saved)[2]["metrics"] == {"e": 1}
        assert sorted(p.name for p in saved.parent.iterdir()) == [
            "small.json",
            "small.safetensors",
        ]


class TestRefusals:
    def test_too_large(self, tmp_path, monkeypatch):
        monkeypatch.setattr(checkpoints, "MAX_BYTES", 1000)
        with pytest.raises(
            CheckpointError, match=r"MB, the limit is 0 MB; train a sma"
        ):
            save_checkpoint(tmp_path / "small", small_model(), VOCABULARY, RECORD)
        assert list(tmp_path.iterdir()) == []

    def test_the_limit_is_eleven_megabytes(self):
        assert checkpoints.MAX_BYTES == 11_000_000

    def test_a_record_that_hides_its_origin(self, tmp_path):
        with pytest.raises(CheckpointError, match=r"lacks \['data', 'metrics'\]"):
            save_checkpoint(
                tmp_path / "x", small_model(), VOCABULARY, {"recipe": 1, "settings": 2}
            )

    def test_a_vocabulary_of_another_model(self, tmp_path):
        with pytest.raises(
            CheckpointError, match="has 4 words but the model has vocab_size=10"
        ):
            save_checkpoint(
                tmp_path / "x", small_model(), Vocabulary(["a", "b", "c", "d"]), RECORD
            )

    def test_missing(self, tmp_path):
        with pytest.raises(CheckpointError, match=r"cannot read .*none.json: No such"):
            load_checkpoint(tmp_path / "none")

    def test_weights_missing(self, saved):
        saved.with_suffix(".safetensors").unlink()
        with pytest.raises(CheckpointError, match="course train translator"):
            load_checkpoint(saved)

    @pytest.mark.parametrize("keep", [0, 5, 500, -1])
    def test_truncated_weights(self, saved, keep):
        weights = saved.with_suffix(".safetensors")
        weights.write_bytes(weights.read_bytes()[:keep])
        with pytest.raises(
            CheckpointError, match=r"is damaged or does not belong to sm"
        ):
            load_checkpoint(saved)

    def test_one_flipped_bit(self, saved):
        weights = saved.with_suffix(".safetensors")
        data = bytearray(weights.read_bytes())
        data[-7] ^= 1
        weights.write_bytes(data)
        with pytest.raises(CheckpointError, match=r"hash [0-9a-f]{12}\) is damaged"):
            load_checkpoint(saved)

    def test_weights_of_another_run(self, saved):
        other = saved.with_name("other")
        with torch.random.fork_rng():
            torch.manual_seed(1)
            save_checkpoint(other, Transformer(CONFIG), VOCABULARY, RECORD)
        os.replace(other.with_suffix(".safetensors"), saved.with_suffix(".safetensors"))
        with pytest.raises(CheckpointError, match=r"does not belong to small.json"):
            load_checkpoint(saved)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("{", "is cut short or damaged"),
            ("[1, 2]", "is not a checkpoint of this course: it needs"),
            ('{"model_type": "bert"}', "is not a checkpoint of this course: it needs"),
        ],
    )
    def test_foreign_json(self, saved, text, message):
        saved.with_suffix(".json").write_text(text)
        with pytest.raises(CheckpointError, match=message):
            load_checkpoint(saved)

    def test_unknown_kind(self, saved):
        path = saved.with_suffix(".json")
        path.write_text(path.read_text().replace('"Transformer"', '"Recurrent"'))
        with pytest.raises(CheckpointError, match="holds a Recurrent, but only"):
            load_checkpoint(saved)

    def test_a_pickle_is_never_opened(self, tmp_path):
        path = tmp_path / "run"
        torch.save({"a": torch.ones(2)}, path)
        with pytest.raises(CheckpointError, match="is cut short or damaged"):
            read_tensors(path)


class TestAtomicWrites:
    def test_tensors_and_record_come_back(self, tmp_path):
        tensors = {"a": torch.arange(6).view(2, 3).t(), "b": torch.tensor(2.5)}
        write_tensors(tmp_path / "run", tensors, {"step": 7, "loss": 0.1})
        loaded, record = read_tensors(tmp_path / "run")
        assert record == {"step": 7, "loss": 0.1}
        assert loaded.keys() == tensors.keys()
        assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)

    def test_a_full_disk_keeps_the_old_file(self, tmp_path, monkeypatch):
        path = tmp_path / "run"
        write_atomically(path, b"old")

        def full(_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(CheckpointError) as error:
            write_atomically(path, b"new" * 1_000_000)
        assert str(error.value) == (
            f"cannot write {path} (3.00 MB): No space left on device; free some space "
            f"or choose another folder. The file that was there before, if any, is "
            f"unharmed"
        )
        assert path.read_bytes() == b"old"
        assert [p.name for p in tmp_path.iterdir()] == ["run"]

    def test_a_real_file_size_limit_keeps_the_old_file(self, tmp_path):
        """The system itself cuts the write short, in the middle of the file."""
        path = tmp_path / "run"
        write_atomically(path, b"old")
        program = (
            "import sys; from course_utils.checkpoints import *\n"
            "try: write_atomically(sys.argv[1], bytes(300_000))\n"
            "except CheckpointError as error: print(error)"
        )
        result = subprocess.run(
            [sys.executable, "-c", program, str(path)],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10**5,) * 2),
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout.startswith(
            f"cannot write {path} (0.30 MB): File too large"
        )
        assert path.read_bytes() == b"old"
        assert [p.name for p in tmp_path.iterdir()] == ["run"]

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(CheckpointError, match="choose another folder"):
            write_atomically(tmp_path / "file" / "run", b"new")

    @pytest.mark.parametrize("keep", [0, 7, 100, -1])
    def test_a_truncated_state_is_refused(self, tmp_path, keep):
        path = tmp_path / "run"
        write_tensors(path, {"a": torch.ones(50)}, {"step": 1})
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(
            CheckpointError, match=r"is cut short or damaged .*train agai"
        ):
            read_tensors(path)

    def test_a_flipped_bit_in_the_state_is_refused(self, tmp_path):
        path = tmp_path / "run"
        write_tensors(path, {"a": torch.ones(50)}, {"step": 1})
        data = bytearray(path.read_bytes())
        data[-3] ^= 4
        path.write_bytes(data)
        with pytest.raises(
            CheckpointError, match=r"is damaged: its hash is \w{12}, it"
        ):
            read_tensors(path)

    def test_tensors_of_another_program_are_refused(self, tmp_path):
        from safetensors.torch import save_file

        save_file({"a": torch.ones(2)}, tmp_path / "run")
        with pytest.raises(CheckpointError, match="was it written by another program"):
            read_tensors(tmp_path / "run")

    def test_missing(self, tmp_path):
        with pytest.raises(
            CheckpointError, match=r"there is no file .*run; train first"
        ):
            read_tensors(tmp_path / "run")
