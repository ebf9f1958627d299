"""The translator: refusals by name, order kept, and the committed weights' promises."""

import json

import pytest
import torch

from course_utils.checkpoints import (
    MAX_BYTES,
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
)
from course_utils.config import ModelConfig
from course_utils.data.phrasebook import phrasebook
from course_utils.text import Vocabulary
from course_utils.training import Batches, Trainer, TrainingSettings
from course_utils.transformer import Transformer
from course_utils.translator import WEIGHTS, Translator, load_translator
from course_utils.words import UnknownWordError

PAIRS = [
    ("the dog sleeps .", "le chien dort."),
    ("the cat sleeps .", "le chat dort."),
    ("the cat eats the fish .", "le chat mange le poisson."),
    ("who eats ?", "qui mange?"),
]
WORDS = Vocabulary.build([text for pair in PAIRS for text in pair]).words
VOCABULARY = Vocabulary([*WORDS[:3], "<fr>", *WORDS[3:]])


@pytest.fixture(scope="module")
def translator() -> Translator:
    """Learn four sentences by heart."""
    config = ModelConfig(len(VOCABULARY), 24, 3, 1, 32, 12)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Transformer(config)
    sources = [[3, *VOCABULARY.encode(source)] for source, _ in PAIRS]
    targets = [[*VOCABULARY.encode(target), 2] for _, target in PAIRS]
    settings = TrainingSettings(
        70, batch_size=4, learning_rate=0.015, warmup=10, smoothing=0.0
    )
    Trainer(model, Batches(sources, targets, config, 4), settings).run()
    return Translator(model, VOCABULARY, "fr")


class TestTranslate:
    def test_texts_come_back_in_order(self, translator):
        texts = [source for source, _ in PAIRS]
        expected = [target for _, target in PAIRS]
        assert translator.translate(texts) == expected
        assert translator.translate(texts[::-1]) == expected[::-1]
        assert translator.translate(texts, batch_size=3) == expected

    def test_one_text_or_none(self, translator):
        assert translator.translate("The dog sleeps.") == ["le chien dort."]
        assert translator.translate([]) == []

    def test_unknown_words_are_named_with_near_ones(self, translator):
        with pytest.raises(UnknownWordError, match=r"'dogs'.*nearest known: dog") as e:
            translator.translate("the dogs sleeps .")
        assert e.value.suggestions["dogs"] == ["dog"]

    @pytest.mark.parametrize("text", ["", "  \n"])
    def test_empty(self, translator, text):
        with pytest.raises(
            ValueError, match=r"text 1 is .*, without a word; write a sen"
        ):
            translator.translate(["the dog sleeps .", text])

    def test_too_long(self, translator):
        with pytest.raises(ValueError, match="text 0") as error:
            translator.translate(["the dog " * 6])
        assert str(error.value) == (
            "text 0 has 12 words, but the model reads at most 11; split it into "
            "sentences"
        )

    def test_the_longest_text_fits(self, translator):
        assert len(translator.translate("the " * 11)) == 1


class TestRead:
    def test_weights_say_where_each_word_was_read(self, translator):
        source, target, weights = translator.read("the cat eats the fish .")
        assert source == ["<fr>", "the", "cat", "eats", "the", "fish", "."]
        assert target == ["le", "chat", "mange", "le", "poisson", ".", "<end>"]
        assert weights.shape == (1, 3, 7, 7)
        torch.testing.assert_close(weights.sum(-1), torch.ones(1, 3, 7))

    def test_leaves_the_model_as_it_was(self, translator):
        layer = translator.model.decoder.layers[0].cross_attention
        before = layer.attention
        translator.read("who eats ?")
        assert layer.attention is before


class TestForeign:
    def test_a_vocabulary_of_another_size(self, translator):
        with pytest.raises(
            CheckpointError, match=r"has 3 words but the model has vocab"
        ):
            Translator(translator.model, Vocabulary(["<pad>", "<start>", "<end>"]))

    def test_a_language_it_never_learned(self, translator):
        with pytest.raises(
            CheckpointError, match=r"'de' is not one of \['fr'\]; choose"
        ):
            Translator(translator.model, VOCABULARY, "de")

    def test_from_a_file(self, translator, tmp_path):
        record = dict.fromkeys(("recipe", "settings", "data", "metrics"), "test")
        save_checkpoint(tmp_path / "mine", translator.model, VOCABULARY, record)
        mine = load_translator("fr", tmp_path / "mine")
        assert mine.translate("the dog sleeps .") == ["le chien dort."]


@pytest.mark.parametrize("language", ["fr", "zh"])
class TestCommitted:
    """The weights in the package keep what their record says."""

    def test_translates_combinations_it_never_saw(self, language):
        pairs = phrasebook(language, 150, "test")
        answers = load_translator(language).translate([p.source for p in pairs])
        right = [a == p.target for a, p in zip(answers, pairs, strict=True)]
        assert sum(right) / len(right) >= 0.95

    def test_its_record(self, language):
        _, vocabulary, record = load_checkpoint(WEIGHTS / "translator")
        assert record["recipe"] == "translator"
        assert record["metrics"][language]["exact"] >= 0.97
        assert record["weights"]["bytes"] <= MAX_BYTES
        assert f"<{language}>" in vocabulary.ids
        assert record["limits"]

    def test_it_is_the_smallest_size_that_suffices(self, language):
        from course_utils.recipes.scan import smallest_enough

        scan = json.loads((WEIGHTS / "logs" / "translator_scan.json").read_text())
        sizes = scan["sizes"]
        chosen = smallest_enough(sizes)
        _, _, record = load_checkpoint(WEIGHTS / "translator")
        assert scan["chosen"] == chosen
        assert sizes[chosen]["parameters"] == record["weights"]["parameters"]
        assert sizes[chosen][language]["exact"] >= 0.97
