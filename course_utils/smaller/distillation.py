"""Distillation: a small model learns from a large one (lesson 33).

The teacher does not only say which word is right, it says how probable every word is.
The student learns from those probabilities, from the teacher's own sentences, or from
what the teacher computes inside.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course_utils.generation import greedy, translation_steps
from course_utils.text import pad_batch
from course_utils.training import label_smoothing_loss, shift_right
from course_utils.transformer import Transformer

__all__ = [
    "Matched",
    "distillation_loss",
    "distilling",
    "hidden_state_loss",
    "inherit_embedding",
    "kl_divergence",
    "matching",
    "teacher_writes",
]


def kl_divergence(
    teacher_logits: Float[Tensor, "*batch V"],
    student_logits: Float[Tensor, "*batch V"],
    temperature: float = 1.0,
) -> Float[Tensor, "*batch"]:
    """Return how far the student's probabilities are from the teacher's, in nats.

    Both are softened first: logits divided by `temperature`. 0 if they are equal,
    never negative: Σ p (ln p - ln q) with p the teacher's, q the student's.

    Source: Hinton et al. 2015, arXiv 1503.02531, equation 1 (the softening).

    Raises:
        ValueError: the temperature is not above 0, or the two differ in shape.
    """
    if not temperature > 0:
        raise ValueError(
            f"temperature={temperature} must be above 0; 1 changes nothing"
        )
    if teacher_logits.shape != student_logits.shape:
        raise ValueError(
            f"teacher logits {tuple(teacher_logits.shape)} and student logits "
            f"{tuple(student_logits.shape)} differ; both need the same batch and the "
            f"same vocabulary"
        )
    log_p = (teacher_logits / temperature).log_softmax(dim=-1)
    log_q = (student_logits / temperature).log_softmax(dim=-1)
    return (log_p.exp() * (log_p - log_q)).sum(dim=-1)


def distillation_loss(
    student_logits: Float[Tensor, "*batch V"],
    teacher_logits: Float[Tensor, "*batch V"],
    targets: Int[Tensor, "*batch"],
    temperature: float = 1.0,
    mix: float = 0.5,
    pad_id: int = 0,
) -> Float[Tensor, ""]:
    """Mix what the text says with what the teacher says; the mean, in nats.

    (1 - mix) · cross-entropy + mix · τ² · KL, over the targets that are no padding. The
    gradient of the KL shrinks like 1/τ²; the factor τ² keeps the mixture as it was set.

    Source: Hinton et al. 2015, arXiv 1503.02531, section 2.

    Raises:
        ValueError: `mix` lies outside [0, 1]; otherwise as `kl_divergence`.
    """
    if not 0 <= mix <= 1:
        raise ValueError(f"mix={mix} must lie in [0, 1]; 0 ignores the teacher")
    hard = label_smoothing_loss(student_logits, targets, 0.0, pad_id)
    soft = kl_divergence(teacher_logits, student_logits, temperature)
    soft = soft[targets != pad_id].mean() * temperature**2
    return (1 - mix) * hard + mix * soft


def distilling(
    teacher: Transformer, temperature: float = 1.0, mix: float = 0.5
) -> Callable:
    """Return a loss for `Trainer`: the teacher reads every batch beside the student.

    The teacher is put in evaluation mode and is never changed. Cost: one forward pass
    of the teacher more a step.
    """
    teacher.eval()

    def loss(student: nn.Module, batch: tuple, _smoothing: float = 0.0) -> Tensor:
        source, target = batch
        seen = shift_right(target)
        with torch.no_grad():
            wanted = teacher(source, seen)
        got = student(source, seen)
        return distillation_loss(got, wanted, target, temperature, mix)

    return loss


@torch.no_grad()
def teacher_writes(
    teacher: Transformer, sources: Sequence[list[int]], batch_size: int = 64
) -> list[list[int]]:
    """Return the teacher's own translations, with end tokens, as new targets.

    A student that learns from these (sequence-level distillation) copies what the
    teacher *does*, mistakes included, rather than what it finds probable.

    Source: Kim & Rush 2016, arXiv 1606.07947, section 3.2.
    """
    teacher.eval()
    device, room = next(teacher.parameters()).device, teacher.config.max_len - 1
    order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
    written: list[list[int]] = [[] for _ in sources]
    for first in range(0, len(order), batch_size):
        rows = order[first : first + batch_size]
        source = pad_batch([sources[i] for i in rows]).to(device)
        start = torch.ones_like(source[:, :1])
        ids = greedy(translation_steps(teacher, source), start, room)[:, 1:]
        for i, row in zip(rows, ids.tolist(), strict=True):
            written[i] = [token for token in row if token]
    return written


def hidden_state_loss(
    student: Float[Tensor, "B T K"],
    teacher: Float[Tensor, "B T C"],
    projection: nn.Module,
    mask: Bool[Tensor, "B T"],
) -> Float[Tensor, ""]:
    """Return the mean squared distance of projected student and teacher vectors.

    `projection` maps the student's width K to the teacher's C and is learned too;
    only the positions where `mask` is True count.

    Source: Jiao et al. 2020, arXiv 1909.10351, equation 8 (hidden states).
    """
    return (projection(student) - teacher)[mask].square().mean()


class Matched(nn.Module):
    """A student and the projection that compares its insides with the teacher's."""

    def __init__(self, student: Transformer, teacher: Transformer):
        super().__init__()
        self.student = student
        width, wanted = student.config.d_model, teacher.config.d_model
        self.projection = nn.Linear(width, wanted, bias=False)

    def forward(
        self, source: Int[Tensor, "B S"], target: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T V"]:
        return self.student(source, target)


def matching(teacher: Transformer, loss: Callable, weight: float = 1.0) -> Callable:
    """Return `loss` plus `weight` times the distance of what the two encoders read.

    The model that is trained must be a `Matched` student.
    """
    teacher.eval()

    def both(model: Matched, batch: tuple, smoothing: float = 0.0) -> Tensor:
        source, _ = batch
        with torch.no_grad():
            wanted = teacher.encode(source)
        got = model.student.encode(source)
        inside = hidden_state_loss(got, wanted, model.projection, source != 0)
        return loss(model, batch, smoothing) + weight * inside

    return both


@torch.no_grad()
def inherit_embedding(student: Transformer, teacher: Transformer, seed: int = 0):
    """Start the student's word vectors from the best view of the teacher's.

    The V vectors of width C are projected on the K directions in which they differ
    most (principal components), turned at random so that every channel gets its
    share, and scaled to the size that fresh vectors of width K have.

    Raises:
        ValueError: the student is wider than the teacher or has another vocabulary.
    """
    old, new = teacher.embedding.token.weight, student.embedding.token.weight
    if len(old) != len(new) or new.shape[1] > old.shape[1]:
        raise ValueError(
            f"the student's embedding is {tuple(new.shape)}, the teacher's "
            f"{tuple(old.shape)}; the same vocabulary and at most the teacher's width "
            f"are needed"
        )
    _, _, directions = torch.linalg.svd(old - old.mean(dim=0), full_matrices=False)
    best = directions[: new.shape[1]]
    dice = torch.Generator().manual_seed(seed)
    turn, _ = torch.linalg.qr(torch.randn(len(best), len(best), generator=dice))
    vectors = old @ (turn.to(best) @ best).T
    new.copy_(vectors * (new.std() / vectors.std()))
