"""The course's language model: Python's documentation, character by character.

It is trained well past the point where a short run stops, because a half-trained model
makes every compression look harmless.
"""

import math
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_utils.characters import CharacterVocabulary
from course_utils.checkpoints import save_checkpoint
from course_utils.config import ModelConfig
from course_utils.data.python_docs import documentation
from course_utils.positions import sinusoid_table
from course_utils.recipes.common import finish, progress_bar
from course_utils.training import Trainer, TrainingSettings, label_smoothing_loss
from course_utils.training_state import fingerprint
from course_utils.transformer import LanguageModel
from course_utils.translator import WEIGHTS

SIZES = {
    "d_model": 256,
    "n_heads": 4,
    "n_layers": 3,
    "d_ff": 1024,
    "max_len": 512,
    "activation": "gelu_tanh",
    "positions": "learned",
}
TOKENS = 1024  # in a batch
# Two runs. The first reads short windows: attention costs less, and near characters,
# which tell most, are learned from more places of the text. It is left at step `NEAR`,
# before its rate has sunk; the second teaches far positions at a fresh rate.
RUNS = "near", "far"
LENGTHS = ((0, 128), (1500, 512))
NEAR = 1600
SETTINGS = TrainingSettings(
    steps=2200,
    batch_size=2,
    learning_rate=1.5e-3,
    warmup=100,
    weight_decay=0.1,
    smoothing=0.0,
)
FAR = replace(SETTINGS, steps=320, warmup=20, seed=1)

__all__ = [
    "SETTINGS",
    "SIZES",
    "Windows",
    "nats_per_token",
    "read_text",
    "train_language_model",
]


class Windows:
    """Serve batch number `step` of random windows of a text.

    `windows[step]` is (inputs, targets), both `(B, T)`; the target of each character
    is the one that follows it. `T` may change: `lengths` lists (first step, T), and a
    batch has as many windows as fill `TOKENS`.
    """

    def __init__(self, ids: Int[Tensor, " N"], lengths=LENGTHS, seed: int = 0):
        self.ids, self.lengths, self.seed = ids, lengths, seed
        self.fingerprint = fingerprint(ids)

    def __getitem__(self, step: int) -> tuple[Int[Tensor, "B T"], Int[Tensor, "B T"]]:
        T = next(T for first, T in reversed(self.lengths) if step >= first)
        dice = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        starts = torch.randint(len(self.ids) - T, (TOKENS // T, 1), generator=dice)
        windows = self.ids[starts + torch.arange(T + 1)]
        return windows[:, :-1], windows[:, 1:]


def _causal_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def _new_model(vocabulary: CharacterVocabulary, seed: int) -> LanguageModel:
    """Draw the weights; the learned positions start as sinusoids, of the tokens' size.

    From noise, the model takes thousands of steps to find out which position is the
    one before. Fused attention saves a quarter of the training time.
    """
    config = ModelConfig(vocab_size=len(vocabulary), **SIZES)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LanguageModel(config, _causal_attention)
    table = sinusoid_table(config.max_len, config.d_model) / math.sqrt(config.d_model)
    with torch.no_grad():
        model.embedding.positions.table.copy_(table)
    return model


class _Mixture(nn.Module):
    """Positions as a linear mixture of sinusoids, the same mixture for all.

    Fitted to the first `known` rows of a table (ridge regression), it extends them.
    What a step teaches about one position it then teaches about all.
    """

    def __init__(self, table: Float[Tensor, "T C"], known: int):
        super().__init__()
        T, C = table.shape
        self.register_buffer("waves", sinusoid_table(T, C))
        near, start = self.waves[:known], torch.eye(C) / math.sqrt(C)
        squares = near.T @ near + 0.3 * torch.eye(C)
        gap = torch.linalg.solve(squares, near.T @ (table[:known] - near @ start))
        self.mix = nn.Parameter(gap + start)

    @property
    def table(self) -> Float[Tensor, "T C"]:
        return self.waves @ self.mix

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        return x + self.waves[: x.shape[1]] @ self.mix


def _loss(model: LanguageModel, batch: tuple, smoothing: float) -> Float[Tensor, ""]:
    inputs, targets = batch
    return label_smoothing_loss(model(inputs), targets, smoothing)


@torch.no_grad()
def nats_per_token(
    model: LanguageModel, ids: Int[Tensor, " N"], T: int | None = None
) -> float:
    """Return the mean loss over a text, read in windows of T that do not overlap.

    Characters left over at the end are not counted. T is `max_len` unless given.

    Raises:
        ValueError: the text is shorter than one window.
    """
    T = T or model.config.max_len
    if len(ids) <= T:
        raise ValueError(
            f"the text has {len(ids)} tokens; a window needs T + 1 = {T + 1}"
        )
    n = (len(ids) - 1) // T
    inputs, targets = ids[: n * T].view(n, T), ids[1 : n * T + 1].view(n, T)
    losses = [
        F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        for x, y in zip(inputs.split(8), targets.split(8), strict=True)
    ]
    sizes = torch.tensor([len(x) for x in inputs.split(8)], dtype=torch.float32)
    return float(torch.stack(losses) @ sizes / sizes.sum())


def read_text(split: str) -> tuple[Int[Tensor, " N"], str]:
    """Return the documentation's topics of one split as tokens, and a fingerprint."""
    corpus = documentation(split)
    ids = CharacterVocabulary().encode(corpus.text)
    return torch.tensor(ids), corpus.fingerprint[:16]


def train_language_model(out: Path | None = None, resume: bool = False) -> dict:
    """Train the language model (about a quarter of an hour of one core)."""
    folder = Path(out or WEIGHTS)
    ids, found = read_text("train")
    model = _new_model(CharacterVocabulary(), SETTINGS.seed)
    near, far = (folder / "runs" / f"language_model_{name}.state" for name in RUNS)
    if not (resume and far.exists()):
        first = Trainer(model, Windows(ids, LENGTHS, SETTINGS.seed), SETTINGS, _loss)
        _read_near(first, near, resume)
    learned = model.embedding.positions.table.detach()
    model.embedding.positions = _Mixture(learned, known=LENGTHS[0][1])
    second = Trainer(
        model, Windows(ids, ((0, SIZES["max_len"]),), FAR.seed), FAR, _loss
    )
    finish(second, far, resume, "far characters")
    near.unlink(missing_ok=True)
    return keep(second, found, folder)


def _read_near(trainer: Trainer, state: Path, resume: bool) -> None:
    """Take the first run to step `NEAR`, as `finish` takes one to its end."""
    if resume and state.exists():
        trainer.resume(state)
    with progress_bar("near characters", NEAR) as show:
        trainer.run(until=NEAR, on_step=show, save_to=state)
    if trainer.step < NEAR:
        raise KeyboardInterrupt


def keep(trainer: Trainer, data: str, folder: Path) -> dict:
    """Judge the trained model on topics that it has not read; write its checkpoint."""
    vocabulary = CharacterVocabulary()
    plain = LanguageModel(trainer.model.config).eval()
    state = trainer.model.state_dict()
    mixture, place = trainer.model.embedding.positions, "embedding.positions."
    state = {k: v for k, v in state.items() if not k.startswith(place)}
    plain.load_state_dict(state | {f"{place}table": mixture.table.detach()})
    nats = nats_per_token(plain, read_text("test")[0])
    recent = [entry["loss"] for entry in trainer.history[-100:]]
    record = {
        "recipe": "language-model",
        "settings": {"near": vars(SETTINGS) | {"until": NEAR}, "far": vars(FAR)},
        "data": {
            "name": "Python's documentation, topics for training, characters",
            "fingerprint": data,
        },
        "metrics": {
            "test_nats_per_character": round(nats, 4),
            "test_perplexity": round(math.exp(nats), 3),
            "train_nats_per_character": round(sum(recent) / len(recent), 4),
        },
    }
    return save_checkpoint(folder / "language_model", plain, vocabulary, record)
