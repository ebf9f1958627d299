"""A run that was killed goes on as if nothing had happened, bit for bit."""

import hashlib
import os
import random
import signal
import subprocess
import sys

import pytest
import torch

from course_utils.checkpoints import CheckpointError
from course_utils.config import ModelConfig
from course_utils.training import Batches, Trainer, TrainingSettings
from course_utils.transformer import Transformer

STEPS = 30

CHILD = """
import os, sys, time
import torch
from tests.test_resume import make_trainer, summary, STEPS

path, slow_write = sys.argv[1], sys.argv[2]
torch.set_num_threads(1)
trainer = make_trainer()
if os.path.exists(path):
    trainer.resume(path)
print("from", trainer.step, flush=True)
sync = os.fsync

def slow_sync(file):
    if slow_write == "write" and trainer.step == 21:
        print("writing", flush=True)
        time.sleep(60)
    sync(file)

os.fsync = slow_sync
trainer.run(
    on_step=lambda t: print("step", t.step, flush=True), save_to=path, save_every=3
)
print("done", summary(trainer), flush=True)
"""


def make_trainer(**changes) -> Trainer:
    """Return a run with everything that could go astray: dropout, parts, readings."""
    config = ModelConfig(19, 16, 4, 2, 24, 9, dropout=0.3)
    dice = torch.Generator().manual_seed(0)
    sources = [
        torch.randint(3, 19, (1 + i % 7,), generator=dice).tolist() for i in range(40)
    ]
    settings = TrainingSettings(
        **{"steps": STEPS, "batch_size": 8, "accumulate": 2, "warmup": 4, **changes}
    )
    torch.manual_seed(0)
    batches = Batches(
        sources, sources[::-1], config, settings.batch_size, settings.seed
    )
    return Trainer(Transformer(config), batches, settings)


def summary(trainer: Trainer) -> str:
    """Hash all that a run leaves behind."""
    state = hashlib.sha256(repr((trainer.step, trainer.history)).encode())
    for tensor in trainer.model.state_dict().values():
        state.update(tensor.numpy().tobytes())
    for _, moments in sorted(trainer.optimizer.state_dict()["state"].items()):
        for name in sorted(moments):
            state.update(moments[name].numpy().tobytes())
    return state.hexdigest()


@pytest.fixture(scope="module")
def uninterrupted() -> str:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    trainer = make_trainer()
    trainer.run()
    torch.set_num_threads(threads)
    return summary(trainer)


def start(path, slow_write="no") -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), slow_write],
        stdout=subprocess.PIPE,
        text=True,
        cwd=os.path.dirname(os.path.dirname(__file__)),
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def kill_at(child: subprocess.Popen, line: str) -> None:
    """Send SIGKILL as soon as the child has said `line`."""
    for said in child.stdout:
        if said.strip() == line:
            break
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert child.returncode == -signal.SIGKILL


def finish(path) -> tuple[int, str]:
    """Let a new child go on to the end; return where it started and what it left."""
    out, _ = start(path).communicate(timeout=100)
    lines = out.split("\n")
    return int(lines[0].split()[1]), lines[-2].split()[1]


def test_killed_at_a_random_step(tmp_path, uninterrupted):
    """Two kills, the first one perhaps before anything was saved."""
    path, dice = tmp_path / "run", random.Random()
    first, second = dice.randrange(1, 10), dice.randrange(14, STEPS - 2)
    kill_at(start(path), f"step {first}")
    kill_at(start(path), f"step {second}")
    step, left = finish(path)
    assert second - 3 < step < STEPS, f"killed at steps {first} and {second}"
    assert left == uninterrupted, f"killed at steps {first} and {second}"


def test_killed_while_the_checkpoint_is_written(tmp_path, uninterrupted):
    path = tmp_path / "run"
    kill_at(start(path, slow_write="write"), "writing")
    assert (tmp_path / ".run.tmp").exists()
    step, left = finish(path)
    assert step == 18
    assert left == uninterrupted
    assert not (tmp_path / ".run.tmp").exists()


def test_resuming_a_finished_run_changes_nothing(tmp_path, uninterrupted):
    torch.set_num_threads(1)
    trainer = make_trainer()
    trainer.run(save_to=tmp_path / "run")
    again = make_trainer()
    again.resume(tmp_path / "run")
    assert summary(again) == summary(trainer)
    assert len(again.run()) == STEPS


class TestForeign:
    """A file from another run is refused; both values are named."""

    @pytest.fixture
    def path(self, tmp_path):
        trainer = make_trainer()
        trainer.run(until=2, save_to=tmp_path / "run")
        return tmp_path / "run"

    def refusal(self, trainer, path) -> str:
        before = summary(trainer)
        with pytest.raises(CheckpointError) as error:
            trainer.resume(path)
        assert summary(trainer) == before
        return str(error.value)

    def test_another_model(self, path):
        trainer = make_trainer()
        config = ModelConfig(19, 24, 4, 1, 24, 9, dropout=0.3)
        trainer.model = Transformer(config)
        assert self.refusal(trainer, path) == (
            f"{path} cannot be resumed here: its model has d_model=16, n_layers=2, but "
            f"this trainer has d_model=24, n_layers=1; build the model with the file's "
            f"sizes, or start anew with another file"
        )

    def test_other_data_or_vocabulary(self, path):
        trainer = make_trainer()
        theirs, pairs = trainer.batches.fingerprint, [[3], [4]] * 8
        trainer.batches = Batches(pairs, pairs, trainer.model.config, 8)
        message = self.refusal(trainer, path)
        assert f"its data has fingerprint={theirs}, but" in message
        assert f"has fingerprint={trainer.batches.fingerprint}; use the sam" in message

    def test_other_settings(self, path):
        message = self.refusal(make_trainer(steps=60, learning_rate=0.1), path)
        assert "its settings has steps=30, learning_rate=0.003, but" in message
        assert "trainer has steps=60, learning_rate=0.1; use the same" in message

    def test_a_damaged_file(self, path):
        path.write_bytes(path.read_bytes()[:-100])
        assert "is cut short or damaged" in self.refusal(make_trainer(), path)

    def test_no_file(self, tmp_path):
        message = self.refusal(make_trainer(), tmp_path / "run")
        assert message == f"there is no file {tmp_path / 'run'}; train first"
