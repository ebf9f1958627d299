"""The doctor's look at checkpoints: complete, undamaged, of this version."""

import hashlib
import json

import pytest

from course_utils.commands.doctor.weights import check_weights

FIELDS = ["d_model", "n_heads"]
DATA = b"weights"


@pytest.fixture
def folder(tmp_path):
    """A folder course_utils/weights with one sound checkpoint."""
    folder = tmp_path / "course_utils" / "weights"
    folder.mkdir(parents=True)
    (folder / "small.safetensors").write_bytes(DATA)
    write_record(folder)
    return folder


def write_record(folder, **changes):
    record = {
        "config": {"d_model": 30, "n_heads": 4},
        "recipe": "translator",
        "weights": {"sha256": hashlib.sha256(DATA).hexdigest()},
    }
    (folder / "small.json").write_text(json.dumps(record | changes))


def only(folder):
    [finding] = check_weights(folder, FIELDS)
    return finding


def test_a_sound_checkpoint(folder):
    assert only(folder).level == "fine"
    assert only(folder).message == "1 checkpoint is sound."


def test_no_checkpoints(tmp_path):
    assert only(tmp_path / "missing").message == "No checkpoints to check."


def test_damaged_weights(folder):
    (folder / "small.safetensors").write_bytes(b"weighty")
    assert only(folder).level == "error"
    assert "small: damaged or stale (hash" in only(folder).message
    assert "course train translator" in only(folder).fix
    assert "git checkout -- course_utils/weights" in only(folder).fix


def test_a_checkpoint_of_another_version(folder):
    write_record(folder, config={"d_model": 30, "n_layers": 2})
    message = "made by another version of the course (n_heads, n_layers)"
    assert message in only(folder).message


@pytest.mark.parametrize("lost", ["small.json", "small.safetensors"])
def test_half_a_checkpoint(folder, lost):
    (folder / lost).unlink()
    assert f"{lost} is missing" in only(folder).message
    assert only(folder).level == "error"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"weights": 3}'])
def test_a_damaged_record(folder, text):
    (folder / "small.json").write_text(text)
    assert "small.json is damaged" in only(folder).message


def test_one_bad_checkpoint_among_good_ones_is_named(folder):
    (folder / "other.safetensors").write_bytes(DATA)
    assert only(folder).message.startswith("Checkpoint other:")
