"""The packed encoder equals the padded one, whatever the lengths."""

from dataclasses import replace

import pytest
import torch

from course_utils.config import ModelConfig
from course_utils.faster.packing import (
    PackedEncoder,
    Run,
    int8_encoder,
    micro_batches,
    padding_share,
    runs_of,
)
from course_utils.faster.routes import plain_linear
from course_utils.pretrained import Bert, mean_pool
from course_utils.text import pad_batch
from tests.tolerances import assert_same

CONFIG = ModelConfig(
    29,
    d_model=24,
    n_heads=3,
    n_layers=2,
    d_ff=40,
    max_len=16,
    activation="gelu",
    positions="learned",
    norm_first=False,
    norm_embeddings=True,
)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Bert(CONFIG).eval()


def texts(lengths=(5, 1, 9, 5, 16, 2, 5)):
    """Draw token ids of these lengths."""
    dice = torch.Generator().manual_seed(2)
    return [torch.randint(1, 29, (n,), generator=dice).tolist() for n in lengths]


@pytest.mark.parametrize("tokens", [1, 7, 20, 1000])
def test_packed_vectors_are_the_padded_ones(model, tokens):
    ids = texts()
    batch = pad_batch(ids)
    with torch.no_grad():
        expected = mean_pool(model(batch), batch != 0)
    assert_same(PackedEncoder(model)(ids, tokens), expected)


def test_fewer_layers_are_the_first_ones(model):
    ids = sorted(texts(), key=len)
    with torch.inference_mode():
        deep = list(PackedEncoder(model).by_layer(ids))
        shallow = PackedEncoder(model, plain_linear, n_layers=1).hidden(ids)
    assert len(deep) == 3
    assert_same(shallow[0], deep[1][0])


def test_int8_stays_close(model):
    ids = texts((3, 8, 8, 11, 4))
    exact = PackedEncoder(model, plain_linear)(ids)
    cosine = (int8_encoder(model, ids)(ids) * exact).sum(dim=-1)
    assert cosine.min() > 0.99


def test_micro_batches_hold_every_text_once_and_few_tokens():
    lengths = [5, 1, 9, 5, 16, 2, 5]
    batches = list(micro_batches(lengths, 10))
    assert sorted(i for batch in batches for i in batch) == list(range(7))
    assert all(sum(lengths[i] for i in b) <= 10 or len(b) == 1 for b in batches)
    with pytest.raises(ValueError, match="text 1 has no tokens"):
        list(micro_batches([3, 0]))


def test_runs_and_padding_are_counted():
    assert runs_of([3, 3, 5]) == [Run(0, 2, 3), Run(6, 1, 5)]
    assert padding_share([1, 3, 4, 4], 2) == pytest.approx(2 / 14)


@pytest.mark.parametrize("activation", ["relu", "gelu_tanh"])
def test_other_activations(activation):
    torch.manual_seed(1)
    model, ids = Bert(replace(CONFIG, activation=activation)).eval(), texts()
    batch = pad_batch(ids)
    with torch.inference_mode():
        assert_same(PackedEncoder(model)(ids), mean_pool(model(batch), batch != 0))


def test_what_the_packed_layer_cannot_drive_is_refused(model):
    with pytest.raises(ValueError, match="norm_first=True"):
        PackedEncoder(Bert(replace(CONFIG, norm_first=True)))
    with pytest.raises(ValueError, match="n_layers=3 but the model has 2"):
        PackedEncoder(model, n_layers=3)
    with pytest.raises(ValueError, match="17 tokens, but max_len=16"):
        PackedEncoder(model)(texts((17,)))
