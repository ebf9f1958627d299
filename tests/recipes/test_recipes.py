"""Every recipe, with tiny numbers: it trains, judges, writes, stops and goes on."""

import json
import os
import signal

import pytest
import torch

from course_utils.attention import attention_weights, scaled_dot_product_attention
from course_utils.checkpoints import CheckpointError, load_checkpoint
from course_utils.config import ModelConfig
from course_utils.data.phrasebook import Pair, phrasebook
from course_utils.metrics import corpus_bleu
from course_utils.recipes import (
    RECIPES,
    ablations,
    common,
    lesson07,
    scan,
    student,
    translator,
)
from course_utils.recipes.common import Corpus, corpus_fingerprint, judge
from course_utils.training import TrainingSettings
from course_utils.transformer import Transformer
from course_utils.translator import WEIGHTS
from course_utils.words import split_words

TINY = TrainingSettings(steps=6, batch_size=8, warmup=2, smoothing=0.0)
SIZES = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 12, "max_len": 40}
CONFIG = ModelConfig(11, **SIZES)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    for recipe in (lesson07, translator, scan, student, ablations):
        monkeypatch.setattr(recipe, "SETTINGS", TINY)
        monkeypatch.setattr(recipe, "SIZES", SIZES)
        monkeypatch.setattr(recipe, "PAIRS", 40, raising=False)
    monkeypatch.setattr(ablations, "EVERY", 3)
    draw = phrasebook

    def few(language="fr", n=10, split="train", seed=0, level="all"):
        """Draw few pairs; to judge, some of the same, so that no word is unknown."""
        n = 40 if split == "train" else 5
        return draw(language, n, "train", seed, level="core")

    for recipe in (lesson07, translator, ablations):
        monkeypatch.setattr(recipe, "phrasebook", few)
    monkeypatch.setattr(scan, "CANDIDATES", {"small": {}, "large": {"d_model": 20}})


def size(parameters, fr_bleu, zh_bleu, fr=0.99, zh=0.99):
    """Return what the scan logs of one size: BLEU, and the exact share, a language."""
    return {
        "parameters": parameters,
        "fr": {"bleu": fr_bleu, "exact": fr},
        "zh": {"bleu": zh_bleu, "exact": zh},
    }


def words_of(pairs):
    return {word for pair in pairs for text in pair[:2] for word in split_words(text)}


@pytest.fixture
def interrupt_at(monkeypatch):
    """Make the progress bar press the stop button at a step of the n-th run."""

    def arrange(step, run=1):
        runs, real = [], common.progress_bar

        def pressing(title, total):
            runs.append(title)
            return Pressing(real(title, total), step if len(runs) == run else None)

        monkeypatch.setattr(common, "progress_bar", pressing)
        monkeypatch.setattr(ablations, "progress_bar", pressing)

    return arrange


class Pressing:
    """A progress bar that sends an interrupt at a step."""

    def __init__(self, bar, step):
        self.bar, self.step = bar, step

    def __enter__(self):
        show = self.bar.__enter__()

        def show_and_press(trainer):
            show(trainer)
            if trainer.step == self.step:
                os.kill(os.getpid(), signal.SIGINT)

        return show_and_press

    def __exit__(self, *error):
        return self.bar.__exit__(*error)


class TestCommon:
    PAIRS = (Pair("a b .", "c .", ("plural",)), Pair("b .", "d e .", ("past",)))

    def test_corpus_numbers_words_and_tags(self):
        corpus = Corpus.build({"<fr>": self.PAIRS[:1], "<zh>": self.PAIRS[1:]})
        words = corpus.vocabulary.words
        assert words == [
            *("<pad>", "<start>", "<end>", "<fr>", "<zh>"),
            *(".", "a", "b", "c", "d", "e"),
        ]
        assert corpus.sources == [[3, 6, 7, 5], [4, 7, 5]]
        assert corpus.targets == [[8, 5, 2], [9, 10, 5, 2]]

    def test_no_tag(self):
        corpus = Corpus.build({"": self.PAIRS})
        assert corpus.sources[1] == corpus.vocabulary.encode("b .")

    def test_fingerprint_sees_texts_and_order(self):
        assert corpus_fingerprint(self.PAIRS) == corpus_fingerprint(list(self.PAIRS))
        assert corpus_fingerprint(self.PAIRS) != corpus_fingerprint(self.PAIRS[::-1])

    def test_judge_counts_exact_answers(self):
        class Parrot:
            def translate(self, texts):
                return ["c.", "d e f."]

        pairs = [Pair("a", "c.", ("plural",)), Pair("b", "d e.", ("past", "plural"))]
        found = judge(Parrot(), pairs)
        assert found["pairs"] == 2
        assert found["exact"] == 0.5
        assert found["exact_by_phenomenon"] == {"past": 0.0, "plural": 0.5}
        bleu = corpus_bleu(["c .", "d e f ."], ["c .", "d e ."])
        assert found["bleu"] == pytest.approx(bleu, abs=0.01)


class TestLesson07:
    def test_writes_a_checkpoint(self, tmp_path):
        lesson07.train_lesson07(tmp_path)
        model, vocabulary, record = load_checkpoint(tmp_path / "lesson07")
        assert model.config.d_model == 8
        assert len(vocabulary) == model.config.vocab_size
        assert record["settings"]["steps"] == 6
        assert 0 <= record["metrics"]["fr"]["exact"] <= 1
        assert [p.name for p in (tmp_path / "runs").iterdir()] == []

    def test_stopped_and_resumed_equals_uninterrupted(self, tmp_path, interrupt_at):
        straight = lesson07.train_lesson07(tmp_path / "a")
        interrupt_at(4)
        with pytest.raises(KeyboardInterrupt):
            lesson07.train_lesson07(tmp_path / "b")
        assert not (tmp_path / "b" / "lesson07.json").exists()
        resumed = lesson07.train_lesson07(tmp_path / "b", resume=True)
        assert resumed["weights"]["sha256"] == straight["weights"]["sha256"]

    def test_refuses_to_resume_another_run(self, tmp_path, interrupt_at, monkeypatch):
        interrupt_at(4)
        with pytest.raises(KeyboardInterrupt):
            lesson07.train_lesson07(tmp_path)
        longer = TrainingSettings(steps=9, batch_size=8, warmup=2, smoothing=0.0)
        monkeypatch.setattr(lesson07, "SETTINGS", longer)
        with pytest.raises(CheckpointError, match=r"its settings has steps=6, but"):
            lesson07.train_lesson07(tmp_path, resume=True)


class TestTranslator:
    def test_knows_both_languages(self, tmp_path):
        record = translator.train_translator(tmp_path)
        assert set(record["metrics"]) == {"fr", "zh"}
        assert record["vocabulary"][3:5] == ["<fr>", "<zh>"]
        assert any("lower case" in limit for limit in record["limits"])
        assert load_checkpoint(tmp_path / "translator")[2] == record


class TestStudent:
    @pytest.fixture
    def teacher(self, tmp_path, monkeypatch):
        """Let the student find a tiny teacher where it looks for the course's."""
        translator.train_translator(tmp_path)
        found = load_checkpoint(tmp_path / "translator")
        monkeypatch.setattr(student, "load_checkpoint", lambda path: found)
        return found

    def test_it_starts_from_its_teachers_words(self, tmp_path, teacher):
        record = student.train_student(tmp_path)
        assert record["teacher"] == "translator"
        assert set(record["metrics"]) == set(record["validation"]) == {"fr", "zh"}
        model, vocabulary, _ = load_checkpoint(tmp_path / "student")
        assert vocabulary.words == teacher[1].words
        assert model.config == teacher[0].config

    def test_another_vocabulary_is_refused(self, tmp_path, teacher):
        teacher[1].words[5] = "another"
        with pytest.raises(
            CheckpointError, match="word 5 is 'another' for the teacher"
        ):
            student.train_student(tmp_path)


class TestScan:
    def test_logs_every_size_and_goes_on_where_it_was(self, tmp_path, interrupt_at):
        interrupt_at(3, run=2)
        with pytest.raises(KeyboardInterrupt):
            scan.train_scan(tmp_path)
        log = tmp_path / "logs" / "translator_scan.json"
        first = json.loads(log.read_text())["sizes"]
        assert list(first) == ["small"]
        found = scan.train_scan(tmp_path, resume=True)
        assert list(found) == ["small", "large"]
        assert found["small"] == first["small"]
        assert json.loads(log.read_text())["sizes"] == found
        assert found["large"]["sizes"]["d_model"] == 20

    def test_a_size_that_the_course_has_is_not_trained_again(self, monkeypatch):
        _, _, record = load_checkpoint(WEIGHTS / "translator")
        monkeypatch.setattr(scan, "SETTINGS", TrainingSettings(**record["settings"]))
        sizes = {"d_model": record["config"]["d_model"]}
        data = record["data"]["fingerprint"]
        model = scan.committed(sizes, data)
        assert model.config.d_model == sizes["d_model"]
        assert scan.committed({"d_model": 12}, data) is None
        assert scan.committed(sizes, "another corpus") is None

    def test_smallest_enough_is_near_one_twice_as_large(self):
        found = {
            "d": size(800, 99.0, 99.0),
            "a": size(100, 90.0, 98.0),
            "c": size(400, 98.8, 98.5),
            "b": size(210, 98.0, 98.1),
        }
        assert scan.smallest_enough(found) == "b"
        assert scan.smallest_enough(found, margin=0.3) is None
        assert scan.smallest_enough(found, margin=0.5) == "c"
        assert scan.smallest_enough({"d": found["d"]}) is None

    @pytest.mark.parametrize("weak", ["fr", "zh"])
    def test_smallest_enough_is_exact_in_both_languages(self, weak):
        found = {
            "a": size(100, 98.0, 98.0, **{weak: 0.969}),
            "b": size(200, 98.5, 98.5, **{weak: 0.97}),
            "c": size(400, 99.0, 99.0),
        }
        assert scan.smallest_enough(found) == "b"
        assert scan.smallest_enough(found, exact=0.969) == "a"
        assert scan.smallest_enough(found, exact=0.975) is None

    def test_a_large_gain_rules_an_exact_size_out(self):
        found = {
            "a": size(100, 97.0, 99.0),
            "b": size(200, 98.1, 99.0),
            "c": size(400, 98.5, 99.0),
        }
        assert scan.smallest_enough(found) == "b"


class TestAblations:
    def test_logs_every_run_and_goes_on_where_it_was(self, tmp_path, interrupt_at):
        interrupt_at(2, run=4)
        with pytest.raises(KeyboardInterrupt):
            ablations.train_ablations(tmp_path)
        log = tmp_path / "logs" / "ablations.json"
        first = json.loads(log.read_text())["runs"]
        assert {name: len(runs) for name, runs in first.items()} == {
            "baseline": 2,
            "no warm-up": 1,
        }
        runs = ablations.train_ablations(tmp_path, resume=True)
        assert runs == json.loads(log.read_text())["runs"]
        assert {
            name: [run["seed"] for run in found] for name, found in runs.items()
        } == {name: [0, 1] for name in ablations.ABLATIONS}
        assert runs["baseline"] == first["baseline"]
        assert [entry["step"] for entry in runs["baseline"][0]["exact"]] == [3, 6]

    def test_unscaled_attention_undoes_the_division(self):
        dice = torch.Generator().manual_seed(0)
        q, k, v = (torch.randn(n, 4, generator=dice) for n in (3, 5, 5))
        expected = (q @ k.T).softmax(-1) @ v
        torch.testing.assert_close(ablations.unscaled_attention(q, k, v), expected)
        assert not torch.allclose(scaled_dot_product_attention(q, k, v), expected)
        assert attention_weights(q, k).shape == (3, 5)

    def test_without_residual_a_silent_layer_passes_nothing_on(self):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            models = Transformer(CONFIG), ablations.without_residual(CONFIG)
        for model, expected in zip(models, (False, True), strict=True):
            for name, weight in model.named_parameters():
                if "out_proj" in name or "down_proj" in name:
                    torch.nn.init.zeros_(weight)
            x = torch.ones(2, 3, 8)
            out = model.encoder.layers[0](x)
            written = model.decoder.layers[0](x, x)
            assert bool((out == 0).all()) is expected
            assert bool((written == 0).all()) is expected

    def test_ablated_models_load_the_same_weights(self):
        state = Transformer(CONFIG).state_dict()
        for build, _ in ablations.ABLATIONS.values():
            assert build(CONFIG).state_dict().keys() == state.keys()


def test_the_command_finds_every_recipe():
    assert list(RECIPES) == [
        *("lesson07", "translator", "translator-small", "translator-scan"),
        *("student", "subjects", "ablations", "language-model"),
    ]
    assert all(cook.__doc__ for cook in RECIPES.values())
