"""What the explorers of lessons 06 to 09 claim, checked on the data they draw."""

import itertools
from collections import Counter

import pytest
import torch

from course_utils.beam import beam_search
from course_utils.explorers import (
    beam_tree,
    cross_attention,
    metric_scalpel,
    recording,
    sampling_bench,
    training_scrubber,
)
from course_utils.multihead import MultiHeadAttention
from tests.explorers import cases

# --- Cross-attention


def test_recording_changes_nothing_and_leaves_nothing():
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(3, 5, 8, generator=generator)
    source = torch.randn(3, 7, 8, generator=generator)
    block = MultiHeadAttention(8, 4)
    function, plain = block.attention, block(x, source)
    with recording.recorded([block]) as weights:
        assert torch.equal(block(x, source), plain)
    assert block.attention is function
    assert [tuple(w.shape) for w in weights] == [(3, 4, 5, 7)]


@pytest.mark.no_typecheck
def test_recording_is_undone_after_an_error():
    block = MultiHeadAttention(8, 4)
    function = block.attention
    with pytest.raises(RuntimeError), recording.recorded([block]):
        block(torch.zeros(1, 2, 8), torch.zeros(1, 2, 9))
    assert block.attention is function


def test_a_reversing_translator_looks_along_the_other_diagonal():
    model, vocabulary = cases.reversal_translator()
    generator = torch.Generator().manual_seed(1)
    hits = total = 0
    for _ in range(30):
        ids = torch.randint(3, len(vocabulary), (6,), generator=generator).tolist()
        source = " ".join(vocabulary.words[i] for i in ids)
        done = cross_attention.translate(model, vocabulary, source)
        looks = done["weights"][0].mean(0).argmax(-1)[:6].tolist()
        hits += sum(a == b for a, b in zip(looks, range(5, -1, -1), strict=False))
        total += 6
    assert hits / total >= 0.95


def test_teacher_forcing_feeds_the_given_words():
    model, vocabulary = cases.reversal_translator()
    free = cross_attention.translate(model, vocabulary, "ant bee cat dog eel fox")
    given = cross_attention.translate(
        model, vocabulary, "ant bee cat dog eel fox", "ant ant ant"
    )
    assert free["fed"][1:] == free["written"][: len(free["fed"]) - 1]
    assert given["fed"] == ["<start>", "ant", "ant", "ant"]
    assert given["weights"].shape == (1, 2, 4, 6)


def test_a_language_tag_stands_in_front_of_the_source():
    model, vocabulary = cases.reversal_translator()
    done = cross_attention.translate(model, vocabulary, "ant bee", "bee", ["fox"])
    assert done["source"] == ["fox", "ant", "bee"]
    assert done["weights"].shape == (1, 2, 2, 3)


def test_steps_beyond_the_end_show_the_end():
    explorer = cases.cross_attention_case()
    assert explorer.data(step=15)["step"] == 6
    assert "writes “<end>”" in explorer.picture(step=15).caption


# --- Training scrubber


def test_steepest_fall_and_rise_are_found():
    steps = list(range(0, 100, 10))
    loss = [3.5, 3.5, 3.4, 3.3, 1.2, 0.5, 0.4, 0.4, 0.3, 0.3]
    score = [0.0, 0.0, 0.1, 0.1, 0.2, 0.8, 0.9, 0.9, 0.9, 0.9]
    fall = training_scrubber.steepest(steps, loss, rising=False)
    rise = training_scrubber.steepest(steps, score, rising=True)
    assert fall == 35
    assert rise == 45


def test_slider_reads_the_log_and_long_logs_are_thinned():
    runs = {"a": cases.training_log(1e-3, 1000)}
    data = training_scrubber.compute(runs, "a", share=50)
    assert len(data["steps"]) == 120
    assert (data["steps"][0], data["steps"][-1]) == (1, 1000)
    assert data["here"]["loss"] == runs["a"][data["step"] - 1]["loss"]
    assert abs(data["fastest"] - 500) < 25


def test_own_steps_are_used_and_short_logs_refused():
    log = [{"step": 50, "loss": 2.0}, {"step": 100, "loss": 1.0}]
    assert training_scrubber.compute({"a": log}, "a", share=0)["step"] == 50
    with pytest.raises(ValueError, match="'this run' has fewer than 2 entries"):
        training_scrubber.show_training_scrubber(log[:1])


# --- Sampling bench


def test_cold_sampling_takes_the_best_and_does_not_overflow():
    logits = torch.tensor([900.0, 899.0, -800.0, 3.0])
    data = sampling_bench.compute(logits, temperature=0.01)
    assert data["counts"].tolist() == [sampling_bench.DRAWS, 0, 0, 0]
    assert data["after"].isfinite().all()


@pytest.mark.parametrize("p", [0.1, 0.35, 0.6, 0.8, 0.95])
def test_the_kept_set_is_the_smallest_that_holds_p(p):
    logits, _ = sampling_bench.example()
    data = sampling_bench.compute(logits, top_p=p)
    probabilities = logits.softmax(-1)
    kept = probabilities[data["kept"]]
    assert data["mass"] == pytest.approx(kept.sum().item())
    assert kept.sum() >= p
    assert kept.sum() - kept.min() < p
    assert kept.min() >= probabilities[~data["kept"]].max()


def test_draws_follow_the_probabilities():
    logits, _ = sampling_bench.example()
    n = sampling_bench.DRAWS
    counts = sum(sampling_bench.compute(logits, seed=s)["counts"] for s in range(20))
    p = logits.softmax(-1)
    sigma = (20 * n * p * (1 - p)).sqrt()
    assert ((counts - 20 * n * p).abs() <= 3 * sigma + 1).all()


def test_seed_is_the_only_luck():
    logits, _ = sampling_bench.example()
    one, two, other = (sampling_bench.compute(logits, seed=s) for s in (4, 4, 5))
    assert torch.equal(one["counts"], two["counts"])
    assert not torch.equal(one["counts"], other["counts"])


# --- Beam tree


def test_greedy_is_led_down_the_garden_path_and_a_beam_of_two_is_not():
    greedy = beam_tree.compute(beam_tree.garden_path, [1], width=1)
    two = beam_tree.compute(beam_tree.garden_path, [1], width=2)
    assert greedy["probability"] == pytest.approx(0.20, abs=1e-4)
    assert two["probability"] == pytest.approx(0.36, abs=1e-4)
    tokens = range(len(beam_tree.GARDEN))
    best = max(_probability([1, a, b]) for a, b in itertools.product(tokens, tokens))
    assert two["probability"] == pytest.approx(best, abs=1e-4)


def _probability(ids):
    total = 1.0
    for stop in range(1, len(ids)):
        log_p = beam_tree.garden_path(torch.tensor([ids[:stop]])).log_softmax(-1)
        total *= log_p[0, ids[stop]].exp().item()
    return total


def random_language(seed, V=7):
    """Score the next token by the last two alone, at random; token 2 ends a text."""
    table = torch.randn(V, V, V, generator=torch.Generator().manual_seed(seed)) * 2

    def next_logits(ids):
        before = ids[:, -2] if ids.shape[1] > 1 else ids[:, -1]
        return table[before, ids[:, -1]]

    return next_logits


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_the_tree_ends_where_the_course_s_beam_search_does(seed, width, penalty):
    language = random_language(seed)
    data = beam_tree.compute(language, [1], width, penalty, max_new=4)
    texts, scores = beam_search(language, torch.tensor([[1]]), 4, width, penalty)
    found = [t for t in texts[0, 0].tolist() if t != 0]
    assert [t for t in data["tokens"] if t != 0] == found
    node = data["nodes"][data["best"]]
    assert node.score == pytest.approx(scores[0, 0].item(), abs=1e-5)


def test_no_two_boxes_share_a_place():
    language = random_language(3)
    data = beam_tree.compute(language, [1], 4, step=4, max_new=4)
    shown = beam_tree._shown(data["nodes"], 5)
    heights = beam_tree._heights(data["nodes"], shown)
    places = [(len(data["nodes"][i].tokens), heights[i]) for i in shown]
    assert max(Counter(places).values()) == 1


def test_the_picture_has_room_for_four_steps():
    with pytest.raises(ValueError, match="max_new=9; the picture has room for 1 to 4"):
        beam_tree.show_beam_tree(max_new=9)


# --- Metric scalpel


def test_values_worked_out_by_hand():
    scores = metric_scalpel.compute("a b c d", "a b c d")["scores"]
    assert list(scores.values()) == pytest.approx([100.0] * 4)
    data = metric_scalpel.compute("the cat sat on mats", "the cat on mats")
    # ROUGE-L: 4 of 4 words in order, 4 of 5 recalled: F = 2·1·0.8 / 1.8
    assert data["scores"]["ROUGE-L"] == pytest.approx(100 * 8 / 9)
    assert data["matched"].tolist() == [
        [True] * 4,
        [True] * 4,
        [False] * 4,
        [False] * 4,
    ]


def test_one_inserted_not_beats_a_right_paraphrase_everywhere():
    explorer = metric_scalpel.show_metric_scalpel()
    negated = explorer.data(edit="negated")
    assert all(negated["scores"][n] > negated["rival"][n] for n in negated["rival"])


def test_reordering_leaves_the_words_and_costs_the_runs():
    data = metric_scalpel.show_metric_scalpel().data(edit="reordered")
    assert data["scores"]["word F1"] == pytest.approx(100)
    assert data["scores"]["BLEU"] < 90


def test_own_text_counts_and_an_empty_one_is_refused():
    explorer = metric_scalpel.show_metric_scalpel()
    own = explorer.data(edit=metric_scalpel.OWN, own="the small dog")
    assert own["words"] == ["the", "small", "dog"]
    with pytest.raises(ValueError, match="candidate is empty"):
        explorer.data(edit=metric_scalpel.OWN, own="  ")
    with pytest.raises(ValueError, match="rival='best' is not among the edits"):
        metric_scalpel.show_metric_scalpel(rival="best")
