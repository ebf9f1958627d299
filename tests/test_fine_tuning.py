"""Fine-tuning on a tiny BERT: it learns, it leaves the original, it can be repeated."""

import pytest
import torch

from course_utils.fine_tuning import BertWithHead, fine_tune, shuffled_batches
from course_utils.pretrained import stand_in
from course_utils.probing import Probe, fit_probe
from course_utils.training import TrainingSettings

TEXTS = [
    "draw a red line", "draw a blue curve", "draw the grid", "draw two axes",
    "sum the rows", "sum every column", "sum of all squares", "sum a long list",
    "open the page", "open one socket", "open this window", "open no door",
]  # fmt: skip
LABELS = torch.arange(3).repeat_interleave(4)
SETTINGS = TrainingSettings(
    steps=12, batch_size=6, learning_rate=1e-3, warmup=2, smoothing=0.0, seed=3
)


@pytest.fixture(scope="module")
def encoder():
    return stand_in(seed=4)


@pytest.fixture(scope="module")
def tuned(encoder):
    return fine_tune(encoder, TEXTS, LABELS, SETTINGS)


def loss_of(encoder, head):
    logits = head.logits(encoder(TEXTS))
    return torch.nn.functional.cross_entropy(logits, LABELS).item()


def test_it_starts_at_the_probe_and_lowers_its_loss(encoder, tuned):
    before = loss_of(encoder, fit_probe(encoder(TEXTS), LABELS))
    assert loss_of(tuned.encoder, tuned.head) < before
    first_two = sum(tuned.losses[:2]) / 2  # two batches of six: every text once
    assert first_two == pytest.approx(before, rel=0.3)
    assert len(tuned.losses) == SETTINGS.steps


def test_the_untrained_copy_scores_what_the_probe_scores(encoder):
    vectors = encoder(TEXTS)
    probe = fit_probe(vectors, LABELS)
    model = BertWithHead(encoder.model, probe).eval()
    ids = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(row) for row in encoder.tokenizer(TEXTS)], batch_first=True
    )
    torch.testing.assert_close(model(ids), probe.logits(vectors), rtol=0, atol=1e-4)


def test_the_original_keeps_its_weights_and_its_switches():
    encoder, fresh = stand_in(seed=4), stand_in(seed=4)
    after = fine_tune(encoder, TEXTS, LABELS, SETTINGS).encoder
    for name, weight in fresh.model.state_dict().items():
        assert torch.equal(encoder.model.state_dict()[name], weight), name
    assert all(p.requires_grad for p in encoder.model.parameters())
    assert not encoder.model.training
    assert not after.model.training


def test_every_part_of_the_copy_learns(encoder, tuned):
    before, after = encoder.model.state_dict(), tuned.encoder.model.state_dict()
    for part in ("embedding.token", "encoder.layers.0", "encoder.layers.1"):
        names = [name for name in before if name.startswith(part)]
        assert any(not torch.equal(before[name], after[name]) for name in names), part


def test_only_the_last_layers_learn_when_asked(encoder):
    after = fine_tune(encoder, TEXTS, LABELS, SETTINGS, n_layers=1).encoder.model
    changed = {
        name.split(".feed")[0].split(".attention")[0].split(".norm")[0]
        for name, weight in encoder.model.state_dict().items()
        if not torch.equal(weight, after.state_dict()[name])
    }
    assert changed == {"encoder.layers.1"}


def test_with_no_layer_only_the_head_learns(encoder):
    tuned = fine_tune(encoder, TEXTS, LABELS, SETTINGS, n_layers=0)
    assert torch.equal(tuned.encoder(TEXTS), encoder(TEXTS))
    probe = fit_probe(encoder(TEXTS), LABELS)
    assert not torch.equal(tuned.head.weight, probe.weight)


def test_a_seed_decides_whatever_was_drawn_before(encoder, tuned):
    torch.manual_seed(77)
    state = torch.random.get_rng_state()
    again = fine_tune(encoder, TEXTS, LABELS, SETTINGS)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert again.losses == tuned.losses
    assert torch.equal(again.encoder(TEXTS), tuned.encoder(TEXTS))


def test_batches_read_every_text_before_any_comes_again():
    ids, targets = [[i + 1] for i in range(10)], torch.eye(10)
    batches = shuffled_batches(ids, targets, 5, 4, seed=2)
    seen = torch.cat([batch[:, 0] for batch, _ in batches])
    assert sorted(seen[:10].tolist()) == sorted(seen[10:].tolist()) == [*range(1, 11)]
    for batch, wanted in batches:
        assert torch.equal(batch[:, 0] - 1, wanted.argmax(dim=1))


def test_texts_of_like_length_share_a_batch_and_every_batch_is_full():
    ids, targets = [[7] * n for n in (2, 9, 1, 9, 2, 9, 1, 9)], torch.eye(8)
    batches = shuffled_batches(ids, targets, 4, 3)
    assert {tuple(batch.shape) for batch, _ in batches} == {(4, 2), (4, 9)}
    assert len(batches) == 3
    seven = shuffled_batches(ids[:7], targets, 4, 5)
    assert all(len(batch) == 4 for batch, _ in seven)


@pytest.mark.parametrize("n", [-1, 3])
def test_layers_that_are_not_there_are_refused(encoder, n):
    probe = Probe(torch.zeros(3, 96), torch.zeros(3))
    with pytest.raises(ValueError, match=f"n_layers={n} but the encoder has 2 layers"):
        BertWithHead(encoder.model, probe, n)


def test_a_label_for_each_text_is_asked_for(encoder):
    with pytest.raises(ValueError, match="12 texts with 11 labels; give one label"):
        fine_tune(encoder, TEXTS, LABELS[:-1], SETTINGS)


def test_a_batch_larger_than_the_texts_is_refused(encoder):
    few = [0, 4, 8]
    with pytest.raises(ValueError, match="batch_size=6 but there are only 3 texts"):
        fine_tune(encoder, [TEXTS[i] for i in few], LABELS[few], SETTINGS)
