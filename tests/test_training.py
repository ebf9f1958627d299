"""Lesson 07's pieces against torch's own, and training runs against each other."""

import math
import os
import signal

import pytest
import torch
import torch.nn.functional as F

from course_utils.config import ModelConfig
from course_utils.training import (
    Batches,
    Trainer,
    TrainingSettings,
    add_gradients,
    initial_loss,
    label_smoothing_loss,
    overfit_one_batch,
    shift_right,
    translation_loss,
    trim,
    warmup_cosine,
)
from course_utils.transformer import Transformer

V = 23
CONFIG = ModelConfig(V, d_model=16, n_heads=2, n_layers=1, d_ff=24, max_len=12)


def small_model(config=CONFIG, seed=0) -> Transformer:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Transformer(config)


def reversed_pairs(n=40, seed=0):
    """Return sentences of 1 to 6 tokens and, as targets, the same backwards."""
    dice = torch.Generator().manual_seed(seed)
    sources = [
        torch.randint(3, V, (1 + i % 6,), generator=dice).tolist() for i in range(n)
    ]
    return sources, [[*ids[::-1], 2] for ids in sources]


def small_trainer(config=CONFIG, **settings) -> Trainer:
    settings = TrainingSettings(
        **{"steps": 12, "batch_size": 8, "warmup": 3, **settings}
    )
    batches = Batches(*reversed_pairs(), config, settings.batch_size, settings.seed)
    return Trainer(small_model(config), batches, settings)


def weights_of(trainer) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in trainer.model.parameters()])


class TestShiftRight:
    def test_puts_the_start_in_front_and_drops_the_last(self):
        target = torch.tensor([[5, 6, 2], [7, 2, 0]])
        assert shift_right(target).tolist() == [[1, 5, 6], [1, 7, 2]]

    def test_takes_another_start(self):
        assert shift_right(torch.tensor([[5, 6]]), start_id=9).tolist() == [[9, 5]]

    def test_position_t_never_sees_its_own_target(self):
        target = torch.arange(1, 11).view(2, 5)
        assert torch.equal(shift_right(target)[:, 1:], target[:, :-1])


class TestLabelSmoothing:
    @pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
    @pytest.mark.parametrize(
        ("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)]
    )
    def test_equals_torch_in_value_and_gradient(self, smoothing, dtype, tolerance):
        dice = torch.Generator().manual_seed(1)
        logits = (3 * torch.randn(3, 5, 11, generator=dice)).to(dtype)
        targets = torch.randint(0, 11, (3, 5), generator=dice)
        targets[1, 2:] = 0
        ours, theirs = (logits.clone().requires_grad_() for _ in range(2))
        loss = label_smoothing_loss(ours, targets, smoothing)
        oracle = F.cross_entropy(
            theirs.transpose(1, 2), targets, ignore_index=0, label_smoothing=smoothing
        )
        loss.backward()
        oracle.backward()
        torch.testing.assert_close(loss, oracle, rtol=0, atol=tolerance)
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=0, atol=tolerance)

    def test_padding_does_not_count(self):
        logits, targets = torch.randn(1, 4, 7), torch.tensor([[3, 4, 0, 0]])
        changed = logits.clone()
        changed[0, 2:] = 1000.0
        before, after = (label_smoothing_loss(x, targets) for x in (logits, changed))
        assert torch.equal(before, after)

    def test_uniform_guess_costs_ln_v(self):
        loss = label_smoothing_loss(torch.zeros(2, 3, V), torch.ones(2, 3).long(), 0.0)
        assert loss.item() == pytest.approx(math.log(V), abs=1e-6)

    def test_another_padding_token(self):
        targets = torch.tensor([[3, 9]])
        logits = torch.randn(1, 2, 10)
        only_first = label_smoothing_loss(logits[:, :1], targets[:, :1])
        assert torch.equal(label_smoothing_loss(logits, targets, pad_id=9), only_first)


class TestWarmupCosine:
    def test_climbs_then_falls(self):
        shares = [warmup_cosine(s, warmup=4, total=12) for s in range(13)]
        assert shares[:4] == [0.25, 0.5, 0.75, 1.0]
        assert shares[4] == 1.0
        assert shares[8] == pytest.approx(0.5)
        assert shares[12] == pytest.approx(0.0)
        assert shares[4:] == sorted(shares[4:], reverse=True)

    def test_equals_torch_schedulers(self):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        oracle = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
        for step in range(20):
            expected = optimizer.param_groups[0]["lr"]
            assert warmup_cosine(step, 0, 20) == pytest.approx(expected, abs=1e-12)
            optimizer.step()
            oracle.step()

    def test_stays_at_zero_beyond_the_end(self):
        assert warmup_cosine(30, 4, 12) == pytest.approx(0.0)


class TestSettings:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"steps": 0, "warmup": 0}, "steps=0 must be above 0"),
            ({"learning_rate": -1.0}, "learning_rate=-1.0 must be above 0"),
            (
                {"steps": 50, "warmup": 50},
                "warmup=50 must be at least 0 and below steps=50",
            ),
            ({"smoothing": 1.0}, r"smoothing=1.0 must lie in \[0, 1\)"),
            (
                {"batch_size": 10, "accumulate": 4},
                "batch_size=10 is not divisible by accumulate=4; choose a multiple",
            ),
        ],
    )
    def test_refuses_the_impossible(self, change, message):
        with pytest.raises(ValueError, match=message):
            TrainingSettings(**change)


class TestBatches:
    def test_one_reading_shows_every_pair_once(self):
        sources, targets = reversed_pairs(40)
        batches = Batches(sources, targets, CONFIG, batch_size=8, seed=3)
        assert len(batches) == 5
        assert sorted(batches.order(0).flatten().tolist()) == list(range(40))

    def test_an_incomplete_batch_waits_for_another_reading(self):
        batches = Batches(*reversed_pairs(43), CONFIG, batch_size=8, seed=3)
        left = [
            set(range(43)) - set(batches.order(r).flatten().tolist()) for r in (0, 1)
        ]
        assert [len(rows) for rows in left] == [3, 3]
        assert left[0] != left[1]

    def test_order_depends_on_seed_and_reading_alone(self):
        pairs = reversed_pairs(40)
        one, same, other = (Batches(*pairs, CONFIG, 8, seed) for seed in (1, 1, 2))
        assert torch.equal(one.order(4), same.order(4))
        assert not torch.equal(one.order(4), one.order(5))
        assert not torch.equal(one.order(4), other.order(4))

    def test_any_step_can_be_asked_for_first(self):
        pairs = reversed_pairs(40)
        read, jump = (Batches(*pairs, CONFIG, 8, 1) for _ in range(2))
        straight = [read[step] for step in range(8)]
        assert torch.equal(straight[7][0], jump[7][0])
        assert torch.equal(straight[7][1], jump[7][1])

    def test_pairs_stay_together(self):
        source, target = Batches(*reversed_pairs(), CONFIG, 8, 1)[2]
        for ids, answer in zip(source.tolist(), target.tolist(), strict=True):
            words = [i for i in ids if i]
            assert [i for i in answer if i] == [*words[::-1], 2]

    def test_similar_lengths_share_a_batch(self):
        batches = Batches(*reversed_pairs(240), CONFIG, batch_size=8, seed=1)
        padding = sum((batches[s][0] == 0).sum() for s in range(len(batches)))
        total = sum(batches[s][0].numel() for s in range(len(batches)))
        unsorted = (batches.sources == 0).float().mean()
        assert padding / total < 0.5 * unsorted

    @pytest.mark.parametrize(
        ("sources", "targets", "message"),
        [
            ([], [], "0 sources and 0 targets"),
            ([[3]], [[4], [5]], "1 sources and 2 targets; give one target for each"),
            (
                [[3], []],
                [[4], [5]],
                "the source of pair 1 is empty; leave the pair out",
            ),
            ([[3]], [[]], "the target of pair 0 is empty"),
            (
                [[3] * 13],
                [[4]],
                "the source of pair 0 has 13 tokens, but max_len=12; leave the pair "
                "out or build the model with max_len=13 or more",
            ),
            (
                [[3]],
                [[23]],
                "the target of pair 0 contains token 23, but vocab_size=23; encode the "
                "pairs with the vocabulary",
            ),
            ([[3]], [[4]], "batch_size=8 but there are only 1 pairs; choose a smaller"),
        ],
    )
    def test_refuses_what_the_model_cannot_read(self, sources, targets, message):
        with pytest.raises(ValueError, match=message):
            Batches(sources, targets, CONFIG, batch_size=8)

    def test_trim_cuts_only_shared_padding(self):
        assert trim(torch.tensor([[5, 0, 0], [6, 7, 0]])).tolist() == [[5, 0], [6, 7]]


class TestAccumulation:
    @pytest.mark.parametrize("parts", [2, 4, 8])
    def test_parts_equal_the_whole_batch(self, parts):
        """Rows of very different length: a mean of means would be wrong here."""
        source = torch.randint(3, V, (8, 6), generator=torch.Generator().manual_seed(0))
        target = torch.randint(3, V, (8, 9), generator=torch.Generator().manual_seed(1))
        for row in range(8):
            target[row, 1 + row :] = 0
        gradients, losses = [], []
        for accumulate in (1, parts):
            model = small_model().double()
            settings = TrainingSettings(batch_size=8, accumulate=accumulate)
            losses += [
                add_gradients(model, (source, target), settings, translation_loss)
            ]
            gradients += [torch.cat([p.grad.flatten() for p in model.parameters()])]
        assert losses[0] == pytest.approx(losses[1], abs=1e-12)
        torch.testing.assert_close(*gradients, rtol=0, atol=1e-12)

    def test_a_whole_run_agrees(self):
        runs = [small_trainer(accumulate=n) for n in (1, 4)]
        losses = [[entry["loss"] for entry in run.run()] for run in runs]
        assert losses[0] == pytest.approx(losses[1], abs=1e-4)


class TestTrainer:
    def test_one_step_equals_torch_by_hand(self):
        trainer, twin = small_trainer(), small_model().double()
        trainer.model.double()
        batch = trainer.batches[0]
        optimizer = torch.optim.AdamW(
            twin.parameters(), lr=3e-3 / 3, betas=(0.9, 0.98), weight_decay=0.01
        )
        F.cross_entropy(
            twin(batch[0], shift_right(batch[1])).flatten(0, 1),
            batch[1].flatten(),
            ignore_index=0,
            label_smoothing=0.1,
        ).backward()
        norm = torch.nn.utils.clip_grad_norm_(twin.parameters(), 1.0)
        optimizer.step()
        trainer.train_step()
        assert trainer.history[0]["norm"] == pytest.approx(norm.item(), rel=1e-9)
        for ours, theirs in zip(
            trainer.model.parameters(), twin.parameters(), strict=True
        ):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)

    def test_same_seed_same_run_with_dropout(self):
        config = ModelConfig(V, 16, 2, 1, 24, 12, dropout=0.2)
        one, same, other = (small_trainer(config, seed=s) for s in (1, 1, 2))
        histories = [trainer.run() for trainer in (one, same, other)]
        assert histories[0] == histories[1]
        assert histories[0] != histories[2]
        assert torch.equal(weights_of(one), weights_of(same))

    def test_leaves_the_callers_random_numbers_alone(self):
        torch.manual_seed(5)
        undisturbed = torch.rand(3)
        torch.manual_seed(5)
        small_trainer().run(until=2)
        assert torch.equal(torch.rand(3), undisturbed)

    def test_learns(self):
        history = small_trainer(steps=200, learning_rate=0.02, smoothing=0.0).run()
        assert history[-1]["loss"] < history[0]["loss"] / 4

    def test_reports_each_step(self):
        seen, trainer = [], small_trainer()
        trainer.run(until=3, on_step=lambda t: seen.append((t.step, len(t.history))))
        assert seen == [(1, 1), (2, 2), (3, 3)]
        assert set(trainer.history[0]) == {"loss", "learning_rate", "norm"}

    def test_clips_the_gradient(self):
        trainer = small_trainer(clip=1e-3)
        trainer.train_step()
        after = torch.cat([p.grad.flatten() for p in trainer.model.parameters()]).norm()
        assert trainer.history[0]["norm"] > 1e-3
        assert after.item() == pytest.approx(1e-3, rel=1e-2)

    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    def test_a_loss_that_is_no_number_is_explained_before_it_does_harm(self, bad):
        def broken(model, batch, smoothing):
            loss = translation_loss(model, batch, smoothing)
            return loss * bad if trainer.step == 2 else loss

        trainer = small_trainer()
        trainer.loss = broken
        trainer.run(until=2)
        before = weights_of(trainer)
        with pytest.raises(FloatingPointError) as error:
            trainer.run()
        message = str(error.value)
        assert message.startswith(f"at step 2 the loss is {bad}")
        assert "the weights are still those before this step" in message
        assert "Lower learning_rate (try 0.0003)" in message
        assert torch.equal(weights_of(trainer), before)
        assert trainer.step == len(trainer.history) == 2

    def test_targets_of_padding_alone_are_named_as_a_cause(self):
        batch = torch.tensor([[5, 6]]), torch.tensor([[0, 0]])
        trainer = Trainer(small_model(), [batch], TrainingSettings(steps=1, warmup=0))
        with pytest.raises(FloatingPointError, match="padding"):
            trainer.run()


@pytest.fixture
def usual_interrupt():
    """Start from Python's own handler: a shell's background job ignores interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("usual_interrupt")
class TestInterrupt:
    def test_finishes_the_step_saves_and_returns(self, tmp_path):
        trainer = small_trainer()

        def press_stop(trainer):
            if trainer.step == 4:
                os.kill(os.getpid(), signal.SIGINT)

        history = trainer.run(on_step=press_stop, save_to=tmp_path / "run")
        resumed = small_trainer()
        resumed.resume(tmp_path / "run")
        assert len(history) == trainer.step == resumed.step == 4

    def test_can_go_on_in_the_same_session(self):
        stopped, straight = small_trainer(), small_trainer()
        stopped.run(
            on_step=lambda t: t.step == 4 and os.kill(os.getpid(), signal.SIGINT)
        )
        stopped.run()
        straight.run()
        assert torch.equal(weights_of(stopped), weights_of(straight))

    def test_a_second_press_interrupts_at_once(self):
        def press_twice(trainer):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            small_trainer().run(on_step=press_twice)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


class TestSanity:
    def test_an_untrained_model_guesses_evenly_but_for_repetition(self):
        config = ModelConfig(200, d_model=32, n_heads=4, n_layers=1, d_ff=64)
        dice = torch.Generator().manual_seed(2)
        batch = tuple(torch.randint(3, 200, (6, n), generator=dice) for n in (5, 7))
        model = small_model(config)
        read = shift_right(batch[1])
        with torch.no_grad():
            no_bet = model(batch[0], read).scatter(-1, read[..., None], -1e9)
        evenly = label_smoothing_loss(no_bet, batch[1], 0.0).item()
        assert evenly == pytest.approx(math.log(200), rel=0.1)
        assert initial_loss(model, batch) > evenly

    def test_a_sound_model_learns_one_batch_by_heart(self):
        model = small_model()
        before = model.embedding.token.weight.clone()
        losses = overfit_one_batch(
            model,
            Batches(*reversed_pairs(8), CONFIG, 8)[0],
            steps=150,
            learning_rate=0.02,
        )
        assert losses[-1] < 0.05 < losses[0]
        assert torch.equal(model.embedding.token.weight, before)
