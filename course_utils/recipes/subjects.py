"""A small reader of sentences that MiniLM has taught, beside the same one alone.

The teacher, MiniLM with a probe on a few labeled sentences, reads many that nobody has
labeled; the student imitates its probabilities. Two controls train for as many steps:
the same student on the labels alone, and one without layers on what the teacher says
(what do counted words make of the same lessons?). Needs the extra `hf`.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course_utils.checkpoints import read_tensors, save_checkpoint, write_tensors
from course_utils.config import ModelConfig
from course_utils.data.corpus import fingerprint
from course_utils.data.docstrings import docstring_sentences, unlabeled_sentences
from course_utils.data.labeled import LabeledTexts
from course_utils.faster.packing import PackedEncoder
from course_utils.fine_tuning import label_loss
from course_utils.pretrained import MeanEncoder, load_minilm
from course_utils.probing import Probe, best_probe
from course_utils.recipes.common import finish
from course_utils.smaller.subjects import (
    FrequentWords,
    SubjectStudent,
    TaughtBatches,
)
from course_utils.training import Trainer, TrainingSettings
from course_utils.translator import WEIGHTS

SIZES = {
    "vocab_size": 8000,
    "d_model": 128,
    "n_heads": 4,
    "n_layers": 2,
    "d_ff": 512,
    "max_len": 64,
    "dropout": 0.1,
    "activation": "gelu",
    "positions": "learned",
    "norm_first": False,
    "norm_embeddings": True,
}
SETTINGS = TrainingSettings(
    steps=2000, batch_size=64, learning_rate=1.5e-3, warmup=100, smoothing=0.0
)
PER_LABEL = 80  # labeled sentences that the teacher's probe learns from
AT_ONCE = 512  # sentences that the teacher reads between two looks at the bar

__all__ = [
    "PER_LABEL",
    "SETTINGS",
    "SIZES",
    "share_right",
    "train_alone",
    "train_subjects",
]


def train_subjects(out: Path | None = None, resume: bool = False) -> dict:
    """Train the reader of subjects (about 12 minutes, half of them its teacher's)."""
    folder = Path(out or WEIGHTS)
    few, test = docstring_sentences().halves()
    few, texts = few.first(PER_LABEL), unlabeled_sentences()
    teacher = load_minilm()
    probe = best_probe(
        teacher(few.texts), torch.tensor(few.labels), torch.tensor(few.folds())
    )
    tokenizer = FrequentWords.build(texts, SIZES["vocab_size"], SIZES["max_len"])
    wanted = _taught(teacher, probe, texts, folder / "runs", resume)
    y = torch.tensor(test.labels)
    metrics = {"teacher": probe.hits(teacher(test.texts), y).float().mean().item()}
    students = {}
    for name, layers in (("taught", SIZES["n_layers"]), ("taught_without_layers", 0)):
        trainer = _trainer(tokenizer, texts, wanted, layers)
        finish(trainer, folder / "runs" / f"subjects_{name}.state", resume, name)
        students[name] = trainer.model
    students["alone"] = train_alone(few, tokenizer, folder / "runs", resume)
    for name, student in students.items():
        metrics[name] = share_right(student, tokenizer, test)
    student, probe = students["taught"], students["taught"].probe()
    record = {
        "recipe": "subjects",
        "settings": vars(SETTINGS) | {"per_label": PER_LABEL},
        "data": {
            "name": few.source,
            "unlabeled": len(texts),
            "fingerprint": fingerprint([*few.texts, *texts]),
            "test": len(test),
        },
        "metrics": {name: round(share, 4) for name, share in metrics.items()},
        "names": few.names,
        "probe": {name: part.tolist() for name, part in probe._asdict().items()},
    }
    words = tokenizer.vocabulary
    return save_checkpoint(folder / "subjects", student.bert, words, record)


def train_alone(
    few: LabeledTexts, tokenizer: FrequentWords, runs: Path, resume: bool = False
) -> SubjectStudent:
    """Train the same student, for as many steps, on the labeled sentences alone."""
    labels = F.one_hot(torch.tensor(few.labels), len(few.names)).float()
    trainer = _trainer(tokenizer, few.texts, labels, SIZES["n_layers"])
    finish(trainer, runs / "subjects_alone.state", resume, "alone")
    return trainer.model


def _taught(
    teacher: MeanEncoder, probe: Probe, texts: tuple[str, ...], runs: Path, resume: bool
) -> Float[Tensor, "N K"]:
    """Return the teacher's probabilities for every text; keep them for `resume`."""
    from rich.progress import track

    path, read = runs / "subjects_teacher.safetensors", fingerprint(texts)
    if resume and path.exists():
        kept, record = read_tensors(path)
        if record["texts"] == read:
            return kept["wanted"]
    encode, parts = PackedEncoder(teacher.model), []
    for start in track(range(0, len(texts), AT_ONCE), "the teacher reads"):
        ids = teacher.tokenizer(texts[start : start + AT_ONCE])
        parts.append(probe.logits(encode(ids)).softmax(dim=-1))
    wanted = torch.cat(parts)
    write_tensors(path, {"wanted": wanted}, {"texts": read})
    return wanted


def _trainer(
    tokenizer: FrequentWords,
    texts: Sequence[str],
    wanted: Float[Tensor, "N K"],
    layers: int,
) -> Trainer:
    words = len(tokenizer.vocabulary)
    config = ModelConfig(**SIZES | {"vocab_size": words})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SETTINGS.seed)
        student = SubjectStudent(config, wanted.shape[1])
    del student.bert.encoder.layers[layers:]
    ids = tokenizer(texts)
    batches = TaughtBatches(ids, wanted, config, SETTINGS.batch_size, SETTINGS.seed)
    return Trainer(student, batches, SETTINGS, label_loss)


def share_right(
    student: SubjectStudent, tokenizer: FrequentWords, test: LabeledTexts
) -> float:
    """Return the share of the texts to whose subject the student gives most."""
    vectors = MeanEncoder(student.bert, tokenizer)(test.texts)
    hits = student.probe().hits(vectors, torch.tensor(test.labels))
    return hits.float().mean().item()
