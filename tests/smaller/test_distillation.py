"""The losses equal torch's own; the student learns, and the teacher is left alone."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.config import ModelConfig
from course_utils.generation import greedy, translation_steps
from course_utils.smaller.distillation import (
    Matched,
    distillation_loss,
    distilling,
    hidden_state_loss,
    inherit_embedding,
    kl_divergence,
    matching,
    teacher_writes,
)
from course_utils.training import Trainer, TrainingSettings, translation_loss
from course_utils.transformer import Transformer
from tests.oracles import draw, randomize
from tests.tolerances import assert_same

CONFIG = ModelConfig(13, d_model=12, n_heads=3, n_layers=1, d_ff=10, max_len=9)
SMALL = ModelConfig(13, d_model=6, n_heads=2, n_layers=1, d_ff=7, max_len=9)
SOURCE = torch.tensor([[5, 6, 7, 8, 2], [9, 4, 2, 0, 0]])
TARGET = torch.tensor([[4, 8, 2], [7, 2, 0]])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


@pytest.fixture
def teacher():
    torch.manual_seed(1)
    return randomize(Transformer(CONFIG)).eval()


@pytest.fixture
def student():
    torch.manual_seed(2)
    return Transformer(SMALL)


@DTYPES
@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_kl_is_torchs(dtype, temperature):
    p, q = (3 * draw(2, 5, 7, seed=seed, dtype=dtype) for seed in (0, 1))
    q.requires_grad_()
    ours = kl_divergence(p, q, temperature)
    logs = [(x / temperature).log_softmax(-1) for x in (q, p)]
    torchs = F.kl_div(*logs, reduction="none", log_target=True).sum(-1)
    assert_same(ours.detach(), torchs.detach())
    grads = [torch.autograd.grad(x.sum(), q)[0] for x in (ours, torchs)]
    assert_same(*grads)


def test_kl_by_hand_and_its_laws():
    p, q = torch.tensor([0.5, 0.5]).log(), torch.tensor([0.75, 0.25]).log()
    by_hand = 0.5 * torch.log(torch.tensor(4 / 3))
    assert_same(kl_divergence(p, q), by_hand.float())
    assert kl_divergence(p, p + 5) == pytest.approx(0, abs=1e-7)
    assert kl_divergence(q, p) != pytest.approx(kl_divergence(p, q).item(), abs=1e-3)
    assert (kl_divergence(draw(9, 4), draw(9, 4, seed=1)) > 0).all()


def test_kl_survives_certainty():
    sure = torch.tensor([1000.0, 0, 0])
    unsure = torch.zeros(3, requires_grad=True)
    value = kl_divergence(sure, unsure)
    value.backward()
    assert_same(value.detach(), torch.tensor(3.0).log())
    assert unsure.grad.isfinite().all()


@pytest.mark.parametrize("temperature", [0.0, -1.0])
def test_impossible_temperatures_are_refused(temperature):
    with pytest.raises(ValueError, match=f"temperature={temperature} must be above 0"):
        kl_divergence(draw(2, 3), draw(2, 3), temperature)


@pytest.mark.no_typecheck
def test_other_shapes_are_refused():
    with pytest.raises(
        ValueError, match=r"\(2, 3\) and student logits \(2, 4\) differ"
    ):
        kl_divergence(draw(2, 3), draw(2, 4))


@DTYPES
def test_the_loss_is_torchs_mixture_without_padding(dtype):
    got, wanted = draw(2, 3, 13, dtype=dtype), draw(2, 3, 13, seed=1, dtype=dtype)
    loss = distillation_loss(got, wanted, TARGET, temperature=3.0, mix=0.7)
    real = TARGET != 0
    hard = F.cross_entropy(got[real], TARGET[real])
    soft = F.kl_div(
        (got[real] / 3).log_softmax(-1),
        (wanted[real] / 3).softmax(-1),
        reduction="batchmean",
    )
    assert_same(loss, 0.3 * hard + 0.7 * 9 * soft)
    got[1, 2], wanted[1, 2] = 99.0, -99.0
    assert distillation_loss(got, wanted, TARGET, 3.0, 0.7) == loss


def test_the_factor_keeps_the_gradient_of_one_size():
    sizes = []
    for temperature in (1.0, 10.0):
        got = draw(2, 3, 13).requires_grad_()
        wanted = draw(2, 3, 13, seed=1)
        distillation_loss(got, wanted, TARGET, temperature, mix=1.0).backward()
        sizes.append(got.grad.norm().item())
    assert 0.3 < sizes[1] / sizes[0] < 3


@pytest.mark.parametrize("mix", [-0.1, 1.1])
def test_impossible_mixtures_are_refused(mix):
    with pytest.raises(ValueError, match=rf"mix={mix} must lie in \[0, 1\]"):
        distillation_loss(draw(2, 3, 4), draw(2, 3, 4), TARGET, mix=mix)


def test_without_the_teachers_share_it_is_the_usual_loss(teacher, student):
    loss = distilling(teacher, mix=0.0)(student, (SOURCE, TARGET))
    assert_same(loss, translation_loss(student, (SOURCE, TARGET)))


def test_a_student_approaches_its_teacher(teacher, student):
    batch = (SOURCE, TARGET)
    before = copy.deepcopy(teacher.state_dict())
    loss = distilling(teacher, temperature=2.0, mix=1.0)
    first = loss(student, batch).item()
    settings = TrainingSettings(steps=25, warmup=3, learning_rate=2e-2)
    Trainer(student, [batch] * 25, settings, loss).run()
    assert loss(student, batch).item() < first / 3
    assert_same(teacher.state_dict(), before)


def test_the_teacher_writes_what_greedy_writes(teacher):
    sources = [[5, 6, 7, 2], [9, 2], [4, 4, 8, 3, 2]]
    written = teacher_writes(teacher, sources, batch_size=2)
    for source, target in zip(sources, written, strict=True):
        steps = translation_steps(teacher, torch.tensor([source]))
        alone = greedy(steps, torch.tensor([[1]]), CONFIG.max_len - 1)
        assert [token for token in alone[0, 1:].tolist() if token] == target


def test_hidden_states_count_where_the_mask_says():
    small, large = draw(2, 5, 6), draw(2, 5, 12)
    mask = SOURCE != 0
    projection = nn.Linear(6, 12, bias=False)
    loss = hidden_state_loss(small, large, projection, mask)
    each = F.mse_loss(projection(small), large, reduction="none").mean(-1)
    assert_same(loss.detach(), each[mask].mean().detach())
    small[1, 3] = 99
    assert hidden_state_loss(small, large, projection, mask) == loss


def test_matching_trains_the_projection_too(teacher, student):
    model = Matched(student, teacher)
    both = matching(teacher, translation_loss, weight=0.5)
    both(model, (SOURCE, TARGET)).backward()
    assert model.projection.weight.grad.norm() > 0
    inside = hidden_state_loss(
        student.encode(SOURCE), teacher.encode(SOURCE), model.projection, SOURCE != 0
    )
    usual = translation_loss(student, (SOURCE, TARGET))
    assert_same(both(model, (SOURCE, TARGET)), usual + 0.5 * inside)


def test_inherited_vectors_keep_their_geometry(teacher, student):
    size = student.embedding.token.weight.std().item()
    inherit_embedding(student, teacher)
    old, new = teacher.embedding.token.weight, student.embedding.token.weight
    assert new.std().item() == pytest.approx(size, rel=1e-4)
    _, _, directions = torch.linalg.svd(old - old.mean(0), full_matrices=False)
    best = old @ directions[:6].T
    assert_same(
        torch.cdist(new, new) / torch.cdist(new, new).max(),
        torch.cdist(best, best) / torch.cdist(best, best).max(),
    )


def test_a_wider_student_cannot_inherit(teacher, student):
    with pytest.raises(ValueError, match=r"is \(13, 12\), the teacher's \(13, 6\)"):
        inherit_embedding(teacher, student)
