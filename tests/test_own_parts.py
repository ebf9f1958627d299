"""The pieces of the exercise notebooks plug together, train and translate."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from course_utils.answers.heads import for_heads
from course_utils.answers.own import PIECES, assemble, own_answers
from course_utils.attention import scaled_dot_product_attention
from course_utils.config import ModelConfig
from course_utils.recipes.own import LossAsScores, OwnRun
from course_utils.syllabus import lesson
from course_utils.training import Batches, translation_loss
from course_utils.transformer import Transformer

ROOT = Path(__file__).parents[1]
SIZES = {"d_model": 16, "n_heads": 2, "n_layers": 2, "d_ff": 32, "max_len": 12}
pytestmark = [pytest.mark.no_typecheck]


@pytest.fixture(scope="module")
def own():
    return own_answers(ROOT, folder="solutions")


@pytest.fixture
def shelf(tmp_path):
    """Return a course folder with a copy of one notebook, and how to change it."""
    (tmp_path / "exercises").mkdir()

    def put(number, **changes):
        name = f"{lesson(number).name}.ipynb"
        path = tmp_path / "exercises" / name
        shutil.copy(ROOT / "solutions" / name, path)
        data = json.loads(path.read_text(encoding="utf-8"))
        for cell in data["cells"]:
            if cell["id"] in changes:
                cell["source"] = changes[cell["id"]]
        path.write_text(json.dumps(data), encoding="utf-8")
        return tmp_path

    put.root = tmp_path
    return put


def batches():
    dice = torch.Generator().manual_seed(0)
    rows = torch.randint(3, 20, (40, 7), generator=dice).tolist()
    sources = [row[: 3 + i % 4] for i, row in enumerate(rows)]
    targets = [[*row[::-1], 2] for row in sources]
    return Batches(sources, targets, ModelConfig(20, **SIZES), batch_size=8)


@pytest.mark.parametrize("name", PIECES)
def test_every_piece_of_the_solutions_is_the_notebooks_own(own, name):
    assert own.is_mine(name), own.pieces[name].why
    assert getattr(own, name) is own.pieces[name].value
    assert getattr(own, name).__module__ == "__main__"


def test_own_parts_give_the_scores_and_gradients_of_the_package(own):
    config = ModelConfig(20, **SIZES)
    torch.manual_seed(1)
    ours, theirs = own.own_translator(config, own), Transformer(config)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    batch = batches()[0]
    loss = own.label_smoothing_loss(
        ours(batch[0], own.shift_right(batch[1])), batch[1], 0.1
    )
    expected = translation_loss(theirs, batch, 0.1)
    assert torch.allclose(loss, expected, rtol=1e-5)
    loss.backward()
    expected.backward()
    for (name, a), b in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a.grad, b.grad, rtol=1e-4, atol=1e-6), name


def test_own_parts_learn_with_the_own_loop(own):
    torch.manual_seed(2)
    model = own.own_translator(ModelConfig(20, **SIZES), own)
    run, seen = OwnRun(own, model, batches()), []
    losses = run(40, on_step=lambda trainer: seen.append(trainer.step))
    assert seen == list(range(1, 41))
    assert run.step == len(losses) == 40
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])


@pytest.mark.parametrize("value", [1e-3, 0.5, 7.0, 120.0])
def test_a_loss_shown_as_scores_is_the_same_loss_with_the_same_gradient(value):
    x = torch.tensor(value, requires_grad=True)
    scores = LossAsScores(torch.nn.Identity(), lambda step: 2 * x)(torch.tensor(0))
    loss = torch.nn.functional.cross_entropy(scores.view(1, 2), torch.tensor([0]))
    loss.backward()
    assert loss.item() == pytest.approx(2 * value, rel=1e-4)
    assert x.grad.item() == pytest.approx(2.0, rel=1e-3)


def test_without_notebooks_every_piece_is_the_courses(tmp_path):
    own = own_answers(tmp_path)
    assert not any(own.is_mine(name) for name in PIECES)
    assert "exercises/05_encoder.ipynb is missing" in repr(own)
    assert "0 of 9 pieces are yours" in own._repr_html_()
    assert own.own_translator is assemble


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "def fit(model, batches, steps, lr=1e-2):\n    raise NotImplementedError()",
            "not attempted yet",
        ),
        (
            "def fit(model, batches, steps, lr=1e-2):\n    return []",
            "not right yet: run",
        ),
        ("def fit(model:\n    pass", "stops with SyntaxError"),
        ("raise SystemExit(3)", "stops with SystemExit"),
        ("print('x' * 10**7)\nfit = 3", "not right yet"),
    ],
)
def test_an_answer_that_does_not_pass_is_replaced_and_said_why(
    shelf, source, why, capsys
):
    own = own_answers(shelf("01", **{"answer-fit": source}))
    assert not own.is_mine("fit")
    assert why in own.pieces["fit"].why
    assert capsys.readouterr() == ("", "")


def test_a_damaged_notebook_is_said_to_be_so(shelf):
    root = shelf("05")
    (root / "exercises" / "05_encoder.ipynb").write_text('{"cells": [3]}')
    own = own_answers(root)
    assert "cannot be read" in own.pieces["EncoderLayer"].why


def test_the_open_notebook_counts_as_it_is_now(shelf, own):
    def shift_right(target_ids, start_id=1):
        start = torch.full_like(target_ids[:, :1], start_id)
        return torch.cat([start, target_ids[:, :-1]], dim=1)

    found = own_answers(shelf.root, here={"shift_right": shift_right})
    assert found.is_mine("shift_right")
    assert found.shift_right is shift_right
    assert "not attempted" in found.pieces["label_smoothing_loss"].why


def test_reading_the_answers_leaves_the_random_numbers_alone(shelf):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    own_answers(shelf("02"))
    assert torch.equal(torch.rand(3), expected)


def flat(q, k, v, mask=None):
    """Attend in a way that knows matrices only, without a loop."""
    scores = torch.mm(q, k.t()) / q.shape[1] ** 0.5
    if mask is None:
        return torch.mm(scores.softmax(1), v)
    return torch.mm(scores.masked_fill(~mask, -1e30).softmax(1) * mask, v)


def rows(q, k, v, mask=None):
    """Attend row by row."""
    out = []
    for t in range(len(q)):
        seen = [s for s in range(len(k)) if mask is None or mask[t, s]]
        weights = (k[seen] @ q[t] / q.shape[1] ** 0.5).softmax(0)
        out.append(weights @ v[seen] if seen else 0 * q[t].sum() + 0 * v[0])
    return torch.stack(out)


def only_two_axes(q, k, v, mask=None):
    if q.shape != (4, 5):
        raise ValueError("two axes, please")
    return q


@pytest.mark.parametrize(
    ("attention", "how"),
    [
        (scaled_dot_product_attention, "passed"),
        (flat, "passed, mapped"),
        (rows, "passed, one by one"),
        (only_two_axes, "heads"),
    ],
)
def test_an_attention_for_matrices_works_on_heads(attention, how):
    found, way = for_heads(attention, scaled_dot_product_attention)
    assert way == how
    assert (found is None) == (how == "heads")
