"""Hugging Face, with the same weights, writes the tokens of the lean loop."""

from dataclasses import replace

import pytest

from benchmarks._rivals import gpt2_like, gpt2_writes, pegasus_like, pegasus_writes
from course_utils.config import ModelConfig
from course_utils.faster.lean import LeanText
from course_utils.faster.lean_translator import LeanTranslator
from course_utils.transformer import LanguageModel
from course_utils.translator import load_translator
from tests.faster.test_cache import model_of

CONFIG = ModelConfig(11, d_model=20, n_heads=4, n_layers=2, d_ff=33, max_len=30)


@pytest.mark.parametrize("activation", ["gelu_tanh", "relu"])
def test_gpt2_writes_the_same_text(activation):
    config = replace(CONFIG, activation=activation, positions="learned")
    model = model_of(LanguageModel, config)
    rival, lean = gpt2_like(model), LeanText(model)
    assert gpt2_writes(rival, [5, 9, 3], 20) == lean([5, 9, 3], 20, end_id=-1)


def test_pegasus_writes_the_same_translation():
    translator = load_translator("fr")
    rival, lean = pegasus_like(translator.model), LeanTranslator(translator.model)
    for source in translator.encode(["the cat sleeps.", "the old teacher reads."]):
        assert pegasus_writes(rival, source) == lean(source)
