"""Every class has its own transfer exercises; answers to another's do not pass."""

import inspect
import itertools
import math
import sys

import pytest
import torch
from torch import nn

from course_utils.answers.execute import execute
from course_utils.checks import check, variants
from course_utils.checks.judge import judge
from course_utils.checks.spec import OTHER_CLASS, load_check
from course_utils.checks.variants import drawn, kept_seed, seed_path, seed_text
from course_utils.syllabus import LESSONS, find_exercise

TRANSFER = [
    one.id for each in LESSONS for one in each.exercises if one.kind == "transfer"
]
SEEDS = range(2026, 2032)
# In some classes of 07-own, these heads are to stay.
LEFT_TO_THE_COURSE = ("encoder-heads-left", "decoder-heads-left", "heads-left")


def verdict_on(exercise, answer, class_seed, seed=5):
    rules = load_check(exercise, class_seed)
    calls = rules.calls(seed)
    return judge(rules, find_exercise(exercise), calls, execute(calls, answer))


@pytest.mark.parametrize("exercise", TRANSFER)
def test_a_transfer_exercise_varies_from_class_to_class(exercise):
    texts = {load_check(exercise).vary(seed).text for seed in SEEDS}
    assert len(texts) >= 5  # of six classes in a row; 06 and 07 have six versions


@pytest.mark.parametrize("exercise", TRANSFER)
@pytest.mark.parametrize("class_seed", SEEDS[:3])
def test_answers_of_the_course_and_of_last_year_do_not_pass(exercise, class_seed):
    plain = verdict_on(exercise, load_check(exercise).answer, class_seed)
    assert (plain.status, plain.slip) == ("failed", OTHER_CLASS), plain.text
    last = load_check(exercise, class_seed - 1).answer
    found = verdict_on(exercise, last, class_seed)
    assert (found.status, found.slip) == ("failed", OTHER_CLASS), found.text
    own = load_check(exercise, class_seed).answer
    assert verdict_on(exercise, own, class_seed).passed


@pytest.mark.parametrize("exercise", TRANSFER)
def test_slips_keep_their_names(exercise):
    rules = load_check(exercise, 2026)
    named = 0
    own = [one for one in rules.slips if one.name != OTHER_CLASS]
    for slip in own:
        found = verdict_on(exercise, slip.answer, 2026)
        if slip.name in LEFT_TO_THE_COURSE:
            continue
        assert found.status == "failed", slip.name
        named += found.slip == slip.name
    assert named >= 0.7 * len(own)


@pytest.mark.parametrize(
    "exercise", ["00-share", "02-scores", "05-layer", "09-mixed-2"]
)
def test_other_exercises_are_the_same_in_every_class(exercise):
    assert load_check(exercise, 7) is load_check(exercise)


def test_a_seed_and_the_next_draw_differently():
    for exercise in TRANSFER:
        picks = [drawn(exercise, seed, "abcdef") for seed in range(30)]
        assert all(a != b for a, b in itertools.pairwise(picks))
        assert set(picks) == set("abcdef")


# --- answers as a learner of that class writes them --------------------------------


def number_in(exercise, class_seed):
    """Return the first number that a card of the class names."""
    text = load_check(exercise).vary(class_seed).text
    return float(next(w for w in text.replace(",", " ").split() if w[0].isdigit()))


@pytest.mark.parametrize("class_seed", SEEDS)
def test_a_bias_as_the_card_asks(class_seed):
    weight = number_in("02-bias", class_seed)

    def attention_with_bias(q, k, v, mask=None, bias=None):
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        if bias is not None:
            scores = scores + weight * bias
        if mask is None:
            return scores.softmax(dim=-1) @ v
        scores = torch.where(mask, scores, torch.finfo(scores.dtype).min)
        return (scores.softmax(dim=-1) * mask) @ v

    answer = {"attention_with_bias": attention_with_bias}
    assert verdict_on("02-bias", answer, class_seed).passed
    assert not verdict_on("02-bias", answer, class_seed + 1).passed


@pytest.mark.parametrize("class_seed", SEEDS)
def test_positions_as_the_card_asks(class_seed):
    text = load_check("04-rotate").vary(class_seed).text
    stretch = float(text.partition("position by ")[2].split()[0])

    def rotate(x, positions, turned=None):
        turned = x.shape[-1] if turned is None else turned
        speeds = 10000.0 ** (-2 * torch.arange(turned // 2) / turned)
        theta = (positions / stretch)[:, None] * speeds
        cos, sin = theta.cos().to(x), theta.sin().to(x)
        a, b = x[..., 0:turned:2], x[..., 1:turned:2]
        pairs = torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1)
        return torch.cat([pairs.flatten(-2), x[..., turned:]], dim=-1)

    found = verdict_on("04-rotate", {"rotate": rotate}, class_seed)
    assert found.passed, found.text


@pytest.mark.parametrize("class_seed", SEEDS)
def test_a_window_as_the_card_asks(class_seed):
    text = load_check("06-prefix").vary(class_seed).text
    window = int(text.partition("the last ")[2].split()[0])
    more = {"the word behind it": 1, "the 2 words behind it": 2}
    more = next((n for words, n in more.items() if words in text), 0)

    def prefix_mask(T, lengths=None):
        if lengths is None:
            return torch.ones(T, T, dtype=torch.bool).tril()
        rows = torch.zeros(len(lengths), 1, T, T, dtype=torch.bool)
        for b, n in enumerate(lengths.tolist()):
            for t in range(T):
                for s in range(T):
                    rows[b, 0, t, s] = s < n + more or t - window < s <= t
        return rows

    found = verdict_on("06-prefix", {"prefix_mask": prefix_mask}, class_seed)
    assert found.passed, found.text


def test_a_residual_as_the_card_asks():
    text = load_check("05-think").vary(2026).text
    weight = float(text.partition("return ")[2].split()[0])

    def think(x, norm, up, down, activation="relu", drop=None):
        drop = drop or nn.Identity()
        bend = nn.functional.gelu if activation == "gelu" else torch.relu
        return weight * x + drop(down(drop(bend(up(norm(x))))))

    assert verdict_on("05-think", {"think": think}, 2026).passed
    assert f"({3 * weight + 3:g}, {weight + 3:g})" in text


# --- where a copy keeps its seed ---------------------------------------------------


def test_a_copy_made_for_a_class_checks_by_its_seed(tmp_path, monkeypatch):
    path = seed_path(tmp_path)
    path.parent.mkdir()
    assert kept_seed(path) is None
    kept_seed.cache_clear()
    path.write_text(seed_text(2026))
    assert kept_seed(path) == 2026
    module = sys.modules[check.__module__]
    monkeypatch.setattr(module, "kept_seed", lambda: kept_seed(path))
    plain = load_check("02-bias").answer
    assert check("02-bias", plain, seed=1).slip == OTHER_CLASS


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"class_seed": "x"}'])
def test_a_damaged_seed_is_told(tmp_path, text):
    path = tmp_path / "class.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="is damaged"):
        kept_seed(path)


def test_the_course_itself_is_of_no_class():
    assert not variants.seed_path().exists()
    assert kept_seed() is None
    assert "class_seed" in inspect.signature(load_check).parameters
