"""The lean loop writes the same tokens as the modules, and refuses other models."""

from dataclasses import replace

import pytest
import torch

from course_utils.config import ModelConfig
from course_utils.faster.lean import LeanText, plain_product
from course_utils.faster.lean_translator import LeanTranslator
from course_utils.generation import greedy, text_steps
from course_utils.smaller.pruning import prune
from course_utils.transformer import LanguageModel, Transformer
from course_utils.translator import load_translator
from tests.faster.test_cache import ids, model_of
from tests.tolerances import assert_same

CONFIG = ModelConfig(11, d_model=20, n_heads=4, n_layers=2, d_ff=33, max_len=13)
KINDS = [
    CONFIG,
    replace(CONFIG, activation="gelu", n_heads=5),
    replace(CONFIG, activation="gelu_tanh", positions="learned", n_layers=1),
]


@pytest.mark.parametrize("config", KINDS, ids=lambda config: config.activation)
def test_a_text_goes_on_with_the_same_tokens(config):
    model = model_of(LanguageModel, config, torch.float64)
    lean = LeanText(model)
    for prefix in (ids(1, 1), ids(1, 5, seed=4)):  # the cache is used again
        expected = greedy(text_steps(model), prefix, 8, end_id=-1)[0].tolist()
        assert lean(prefix[0].tolist(), 8, end_id=-1) == expected


def test_the_end_token_ends_a_text():
    model = model_of(LanguageModel, CONFIG)
    free = LeanText(model)([5], 6, end_id=-1)
    end = free[3]
    assert LeanText(model)([5], 6, end_id=end) == free[: free.index(end, 1) + 1]


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_sentences_are_translated_alike(language):
    translator = load_translator(language)
    texts = ["the cat sleeps.", "does the old teacher read a book?", "the dog runs."]
    lean, encoded = LeanTranslator(translator.model), translator.encode(texts)
    assert [lean(source) for source in encoded] == translator.write(encoded)


@pytest.mark.parametrize("config", KINDS, ids=lambda config: config.activation)
def test_random_translators_write_the_same(config):
    model = model_of(Transformer, config, torch.float64)
    source = ids(1, 7, seed=2)
    steps = lambda ids: model(source, ids)[:, -1]  # noqa: E731
    start = torch.ones(1, 1, dtype=torch.long)
    expected = greedy(steps, start, 9, end_id=-1)[0, 1:].tolist()
    assert LeanTranslator(model)(source[0].tolist(), 9, end_id=-1) == expected


def test_a_product_may_write_into_a_place():
    weight, bias, x = torch.randn(7, 5), torch.randn(7), torch.randn(1, 5)
    product, place = plain_product(weight, bias), torch.zeros(1, 7)
    product(x, out=place)
    assert_same(place, torch.nn.functional.linear(x, weight, bias))
    assert_same(product(x), place)


def test_parts_may_have_other_widths_than_the_config_says():
    """A pruned model keeps its config; the loop reads the sizes of the weights."""
    model = model_of(LanguageModel, CONFIG, torch.float64)
    kept = {
        "blocks.layers.0.feed_forward": torch.arange(9),
        "blocks.layers.1.attention": torch.tensor([0, 2]),
    }
    model = prune(model, kept)
    expected = greedy(text_steps(model), ids(1, 3), 8, end_id=-1)[0].tolist()
    assert LeanText(model)(ids(1, 3)[0].tolist(), 8, end_id=-1) == expected


def test_a_text_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="the text has 14 tokens, but max_len=13"):
        LeanText(model_of(LanguageModel, CONFIG))([5], 14)
    with pytest.raises(ValueError, match="the text has 14 tokens, but max_len=13"):
        LeanTranslator(model_of(Transformer, CONFIG))([5] * 14)


@pytest.mark.parametrize("change", [{"norm_first": False}, {"norm_embeddings": True}])
def test_other_models_are_sent_to_the_cache(change):
    config = replace(CONFIG, **change)
    for kind, loop in ((LanguageModel, LeanText), (Transformer, LeanTranslator)):
        with pytest.raises(
            ValueError, match=r"pre-norm.*use course_utils.faster.cache"
        ):
            loop(kind(config))
