"""The recipe of the reader of subjects, with tiny numbers and a teacher by chance."""

import pytest
import torch

from course_utils.data.labeled import LabeledText, LabeledTexts
from course_utils.pretrained import stand_in
from course_utils.recipes import common, subjects
from course_utils.recipes.subjects import train_subjects
from course_utils.smaller.subjects import load_subjects
from course_utils.training import TrainingSettings

SIZES = {"vocab_size": 20, "d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 12}
SENTENCES = ("to plot a line", "to serve a page", "to draw a plot", "a page of lines")


@pytest.fixture
def tiny(monkeypatch):
    data = LabeledTexts(
        tuple(
            LabeledText(f"{SENTENCES[i % 2]} {i}", "ab"[i % 2], f"file {i}")
            for i in range(60)
        ),
        "made up",
    )
    settings = TrainingSettings(steps=6, batch_size=8, warmup=2, smoothing=0.0)
    texts = tuple(f"{SENTENCES[i % 4]} of {i}" for i in range(30))
    reads = []

    def teacher():
        reads.append("a pass over the texts")
        model = stand_in()
        monkeypatch.setattr(subjects, "PackedEncoder", lambda bert: Encode(model))
        return model

    class Encode:
        def __init__(self, model):
            self.model = model

        def __call__(self, ids):
            reads.append(len(ids))
            words = [" ".join(map(str, row)) for row in ids]
            return self.model(words)

    for name, value in {
        "SETTINGS": settings,
        "SIZES": subjects.SIZES | SIZES,
        "PER_LABEL": 12,
        "docstring_sentences": lambda: data,
        "unlabeled_sentences": lambda: texts,
        "load_minilm": teacher,
    }.items():
        monkeypatch.setattr(subjects, name, value)
    return reads


def test_the_recipe_writes_a_reader_and_how_the_others_did(tiny, tmp_path):
    record = train_subjects(tmp_path)
    scores = {"teacher", "taught", "taught_without_layers", "alone"}
    assert set(record["metrics"]) == scores
    assert all(0 <= share <= 1 for share in record["metrics"].values())
    assert record["data"]["unlabeled"] == 30
    assert record["settings"]["per_label"] == 12
    reader = load_subjects(tmp_path / "subjects")
    assert set(reader(["to plot a line", "something else"])) <= {"a", "b"}
    left = {path.name for path in (tmp_path / "runs").iterdir()}
    assert left == {"subjects_teacher.safetensors"}


def test_a_stopped_run_goes_on_and_the_teacher_reads_once(tiny, tmp_path, monkeypatch):
    whole = train_subjects(tmp_path / "whole")
    run, stops = common.Trainer.run, iter([2, 3])

    def stopped(trainer, until=None, **options):
        return run(trainer, next(stops, None) or until, **options)

    monkeypatch.setattr(subjects.Trainer, "run", stopped)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train_subjects(tmp_path / "parts", resume=True)
    tiny.clear()
    again = train_subjects(tmp_path / "parts", resume=True)
    assert 30 not in tiny  # the teacher's answers were kept
    assert again["weights"]["sha256"] == whole["weights"]["sha256"]
    assert again["metrics"] == whole["metrics"]


def test_other_texts_are_read_anew(tiny, tmp_path, monkeypatch):
    train_subjects(tmp_path)
    tiny.clear()
    monkeypatch.setattr(
        subjects, "unlabeled_sentences", lambda: SENTENCES * 3, raising=True
    )
    train_subjects(tmp_path, resume=True)
    assert 12 in tiny


def test_students_start_from_the_seed_alone(tiny, tmp_path):
    torch.manual_seed(5)
    first = train_subjects(tmp_path / "a")
    torch.manual_seed(6)
    second = train_subjects(tmp_path / "b")
    assert first["weights"] == second["weights"]
