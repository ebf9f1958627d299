"""Perplexity against torch's cross-entropy, bits per byte by hand."""

import math

import pytest
import torch
import torch.nn.functional as F

from course_utils.metrics.likelihood import bits_per_byte, perplexity


def test_perplexity_equals_torch_cross_entropy():
    generator = torch.Generator().manual_seed(9)
    logits = torch.randn(3, 5, 11, generator=generator, dtype=torch.float64)
    targets = torch.randint(11, (3, 5), generator=generator)
    rows, wanted = logits.reshape(15, 11), targets.reshape(15)
    total = F.cross_entropy(rows, wanted, reduction="sum").item()
    expected = F.cross_entropy(rows, wanted).exp().item()
    assert perplexity(total, 15) == pytest.approx(expected, rel=1e-12)
    by_loop = math.prod(rows.softmax(-1)[range(15), wanted].tolist()) ** (-1 / 15)
    assert perplexity(total, 15) == pytest.approx(by_loop, rel=1e-12)


def test_a_uniform_guess_hesitates_among_all_words():
    assert perplexity(7 * math.log(50), 7) == pytest.approx(50)
    assert perplexity(0.0, 7) == 1.0


def test_a_hopeless_model_is_infinitely_perplexed():
    assert perplexity(1e6, 3) == math.inf
    assert math.isnan(perplexity(math.nan, 3))


def test_bits_per_byte_by_hand():
    text = "été"  # five bytes in UTF-8
    assert len(text.encode()) == 5
    # One bit a letter: three bits on five bytes.
    assert bits_per_byte(3 * math.log(2), len(text.encode())) == pytest.approx(0.6)


def test_bits_per_byte_of_a_uniform_byte_model_is_eight():
    data = bytes(range(17))
    logits = torch.zeros(17, 256, dtype=torch.float64)
    total = F.cross_entropy(logits, torch.tensor(list(data)), reduction="sum").item()
    assert bits_per_byte(total, len(data)) == pytest.approx(8)


@pytest.mark.no_typecheck
@pytest.mark.parametrize(
    ("function", "unit"), [(perplexity, "tokens"), (bits_per_byte, "bytes")]
)
def test_messages(function, unit):
    with pytest.raises(ValueError, match="at least 1") as caught:
        function(2.5, 0)
    assert str(caught.value) == f"n_{unit}=0; pass the number of {unit}, at least 1"
    with pytest.raises(ValueError, match="negative") as caught:
        function(-2.5, 4)
    assert str(caught.value) == (
        "total_nats=-2.5 is negative; pass the summed cross-entropy, which is minus "
        "the log-likelihood"
    )
