"""A configuration is frozen, tells GPT-2 from BERT, and refuses impossible sizes."""

from dataclasses import FrozenInstanceError, replace

import pytest

from course_utils.config import ModelConfig

pytestmark = pytest.mark.no_typecheck


def test_head_width_divides_the_model_width():
    assert ModelConfig(100, d_model=96, n_heads=6).d_head == 16


def test_a_configuration_cannot_be_changed_but_varied():
    config = ModelConfig(100)
    with pytest.raises(FrozenInstanceError):
        config.d_model = 64
    assert replace(config, n_layers=6).n_layers == 6
    assert config.n_layers == 2


def test_equal_sizes_are_equal_configurations():
    assert ModelConfig(100) == ModelConfig(vocab_size=100)
    assert hash(ModelConfig(100)) == hash(ModelConfig(vocab_size=100))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vocab_size": 0}, "vocab_size=0 must be at least 1"),
        ({"n_layers": -2}, "n_layers=-2 must be at least 1"),
        ({"n_heads": 0}, "n_heads=0 must be at least 1"),
        ({"d_ff": 0}, "d_ff=0 must be at least 1"),
        ({"max_len": 0}, "max_len=0 must be at least 1"),
        (
            {"d_model": 30},
            "d_model=30 is not divisible by n_heads=4; choose a multiple, for "
            "example 32",
        ),
        ({"dropout": 1.0}, "dropout=1.0 must lie in [0, 1)"),
        ({"dropout": -0.1}, "dropout=-0.1 must lie in [0, 1)"),
        (
            {"activation": "swish"},
            "activation='swish' is not one of ('relu', 'gelu', 'gelu_tanh')",
        ),
        (
            {"positions": "rope"},
            "positions='rope' is not one of ('sinusoidal', 'learned')",
        ),
    ],
    ids=str,
)
def test_what_is_impossible_is_refused_with_a_sentence(change, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared
        ModelConfig(**{"vocab_size": 100} | change)
    assert str(caught.value) == message
