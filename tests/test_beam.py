"""Beam search against exhaustive search, greedy search and Hugging Face's."""

import math
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.beam import beam_search, grow_beam, keep_best
from course_utils.config import ModelConfig
from course_utils.generation import greedy, translation_steps
from course_utils.transformer import Transformer

END, A, B_, X = 2, 3, 4, 5
START = torch.tensor([[1]])


def toy(seed, V, scale=1.5):
    """Return a model whose next token depends on all tokens so far, at random."""

    def next_logits(ids):
        rows = []
        for row in ids.tolist():
            code = sum((token + 1) * (V + 1) ** i for i, token in enumerate(row))
            generator = torch.Generator().manual_seed(seed * 1_000_003 + code)
            rows.append(torch.randn(V, generator=generator) * scale)
        return torch.stack(rows)

    return next_logits


def every_text(next_logits, prefix, max_new, V, alpha=0.0):
    """Return all (score, tokens) by brute force, best first."""
    found = []

    def walk(ids, total, length):
        if length and (ids[-1] == END or length == max_new):
            found.append((total / length**alpha, ids))
            return
        log_p = next_logits(torch.tensor([ids])).log_softmax(dim=-1)[0].tolist()
        for token in range(V):
            walk([*ids, token], total + log_p[token], length + 1)

    walk(prefix, 0.0, 0)
    return sorted(found, reverse=True)


def without_padding(hypothesis, start):
    """Cut a hypothesis behind its end."""
    tokens = hypothesis.tolist()
    ends = [i for i in range(start, len(tokens)) if tokens[i] == END]
    return tokens[: ends[0] + 1] if ends else tokens


def path(ids):
    """Score a garden path: A looks best, but only B leads anywhere."""
    after = {
        (1,): {A: 0.5, B_: 0.4, X: 0.1},
        (1, A): {A: 0.3, X: 0.3, END: 0.4},
        (1, B_): {X: 0.1, END: 0.9},
    }
    rows = torch.full((len(ids), 6), -torch.inf)
    for row, tokens in zip(rows, ids.tolist(), strict=True):
        for token, p in after.get(tuple(tokens), {END: 1.0}).items():
            row[token] = math.log(p)
    return rows


def test_garden_path_beam_2_beats_greedy():
    alone, score = beam_search(path, START, max_new=4, beam=1)
    assert torch.equal(alone[:, 0], greedy(path, START, 4))
    assert score.exp().item() == pytest.approx(0.20)
    two, scores = beam_search(path, START, max_new=4, beam=2)
    assert two[0].tolist() == [[1, B_, END], [1, A, END]]
    assert scores[0].exp().tolist() == pytest.approx([0.36, 0.20])
    best = every_text(path, [1], 4, 6)[0]
    assert math.exp(best[0]) == pytest.approx(0.36)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    V=st.integers(3, 5),
    max_new=st.integers(1, 4),
    alpha=st.sampled_from([0.0, 0.6, 1.0, 2.0]),
)
def test_unlimited_beam_is_exhaustive_search(seed, V, max_new, alpha):
    model = toy(seed, V)
    expected = every_text(model, [1], max_new, V, alpha)
    found, scores = beam_search(model, START, max_new, len(expected), alpha)
    assert scores[0].tolist() == pytest.approx([s for s, _ in expected], abs=1e-5)
    assert without_padding(found[0, 0], 1) == expected[0][1]
    texts = [tuple(without_padding(h, 1)) for h in found[0]]
    assert set(texts) == {tuple(ids) for _, ids in expected}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), V=st.integers(3, 5), beam=st.integers(1, 4))
def test_scores_are_true_and_sorted_and_hypotheses_differ(seed, V, beam):
    model = toy(seed, V)
    found, scores = beam_search(model, START, 5, beam, length_penalty=0.7)
    known = {tuple(ids): score for score, ids in every_text(model, [1], 5, V, 0.7)}
    texts = [tuple(without_padding(h, 1)) for h in found[0]]
    assert len(set(texts)) == beam
    assert scores[0].tolist() == pytest.approx([known[t] for t in texts], abs=1e-5)
    assert scores[0].tolist() == sorted(scores[0].tolist(), reverse=True)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), V=st.integers(3, 7))
def test_beam_1_is_greedy(seed, V):
    prefix = torch.tensor([[1, 3 % V], [1, 0], [0, 2]])
    found, _ = beam_search(toy(seed, V), prefix, 6, beam=1)
    assert torch.equal(found[:, 0], greedy(toy(seed, V), prefix, 6))


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_batch_equals_its_rows_alone(alpha):
    model, V, beam = toy(5, 6), 6, 3
    prefix = torch.tensor([[1, 3], [1, 4], [5, 5], [3, 1]])
    together, scores = beam_search(model, prefix, 7, beam, alpha)
    assert V > beam
    for row in range(len(prefix)):
        alone, score = beam_search(model, prefix[row : row + 1], 7, beam, alpha)
        assert torch.allclose(scores[row], score[0])
        for a, b in zip(together[row], alone[0], strict=True):
            assert without_padding(a, 2) == without_padding(b, 2)


def test_after_the_end_there_is_only_padding():
    found, _ = beam_search(toy(3, 6), torch.tensor([[1], [3]]), 8, beam=4)
    ended = 0
    for hypothesis in found.flatten(0, 1).tolist():
        if END in hypothesis:
            ended += 1
            assert set(hypothesis[hypothesis.index(END) + 1 :]) <= {0}
    assert ended >= 4


def test_the_search_stops_when_nothing_can_overtake():
    calls = []

    def counted(ids):
        calls.append(len(ids))
        return path(ids)

    beam_search(counted, START, max_new=50, beam=2)
    assert calls == [2, 2]


def test_the_search_goes_on_while_a_longer_text_may_win():
    """The short text ends first; with a length penalty the long one overtakes."""

    def model(ids):
        rows = torch.full((len(ids), 4), -torch.inf)
        rows[:, 3] = 0.0
        if ids.shape[1] == 1:
            rows[:, END], rows[:, 3] = math.log(0.6), math.log(0.4)
        if ids.shape[1] == 4:
            rows[:, END], rows[:, 3] = 0.0, -torch.inf
        return rows

    plain, _ = beam_search(model, START, 6, beam=1)
    longer, score = beam_search(model, START, 6, beam=2, length_penalty=1.0)
    assert without_padding(plain[0, 0], 1) == [1, END]
    assert longer[0, 0].tolist() == [1, 3, 3, 3, END]
    assert score[0, 0].item() == pytest.approx(math.log(0.4) / 4)


def test_places_that_no_hypothesis_fills_have_no_score():
    found, scores = beam_search(path, START, max_new=1, beam=5)
    assert found.shape == (1, 5, 2)
    assert scores[0].isfinite().tolist() == [True, True, True, False, False]
    assert not scores.isnan().any()


def test_keep_best_and_grow_beam_by_hand():
    rows = torch.tensor([[[1], [2], [3]]])
    best, scores = keep_best(rows, torch.tensor([[0.1, 0.9, 0.5]]), 2)
    assert best.tolist() == [[[2], [3]]]
    assert scores[0].tolist() == pytest.approx([0.9, 0.5])
    live = torch.tensor([[[1, A], [1, B_]]])
    grown, totals = grow_beam(path, live, torch.tensor([[0.5, 0.4]]).log())
    assert grown[0, 0].tolist() == [1, B_, END]
    assert grown[0, 1].tolist() == [1, A, END]
    assert {tuple(h) for h in grown[0, 2:].tolist()} == {(1, A, A), (1, A, X)}
    assert totals[0].exp().tolist() == pytest.approx([0.36, 0.20, 0.15, 0.15])


def test_impossible_settings_are_refused_in_words():
    message = "beam=0 must be 1 or more, length_penalty=-0.5 0 or more"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        beam_search(path, START, 4, beam=0, length_penalty=-0.5)
    with pytest.raises(ValueError, match="must be 1 or more"):
        beam_search(path, START, 4, beam=2, length_penalty=-1.5)


def test_a_translator_searches_for_each_source_with_its_own_memory():
    torch.manual_seed(0)
    config = ModelConfig(vocab_size=9, d_model=8, n_heads=2, n_layers=1, d_ff=16)
    model = Transformer(config).eval()
    source = torch.tensor([[3, 4, 5, 2], [8, 7, 2, 0], [6, 2, 0, 0]])
    start, beam = torch.ones(3, 1, dtype=torch.long), 4
    steps = translation_steps(model, source.repeat_interleave(beam, dim=0))
    together, scores = beam_search(steps, start, 6, beam)
    for row in range(3):
        one = translation_steps(model, source[row : row + 1].repeat(beam, 1))
        alone, score = beam_search(one, start[:1], 6, beam)
        assert torch.allclose(scores[row], score[0], atol=1e-5)
        assert without_padding(together[row, 0], 1) == without_padding(alone[0, 0], 1)
    single = beam_search(translation_steps(model, source), start, 6, beam=1)[0]
    assert torch.equal(single[:, 0], greedy(translation_steps(model, source), start, 6))


def search_twice(model, steps, prefix, inputs, beam, alpha, max_new=8):
    """Return hypotheses and scores of our search and of Hugging Face's.

    What stands behind an end is cut off: theirs is the end token, ours padding.
    """
    theirs = model.generate(
        **inputs,
        num_beams=beam,
        num_return_sequences=beam,
        max_new_tokens=max_new,
        length_penalty=alpha,
        early_stopping="never",
        do_sample=False,
        return_dict_in_generate=True,
        output_scores=True,
    )
    ours, scores = beam_search(steps, prefix, max_new, beam, alpha)
    T = prefix.shape[1]
    a = [without_padding(h, T) for h in ours.flatten(0, 1)]
    b = [without_padding(h, T) for h in theirs.sequences]
    return a, b, scores.flatten(), theirs.sequences_scores


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("seed", range(4))
def test_equals_hugging_face_on_gpt2(seed, alpha):
    hf = pytest.importorskip("transformers")
    torch.manual_seed(seed)
    config = hf.GPT2Config(
        vocab_size=11,
        n_positions=16,
        n_embd=16,
        n_layer=1,
        n_head=2,
        initializer_range=0.6,
        bos_token_id=1,
        eos_token_id=END,
        pad_token_id=0,
    )
    model = hf.GPT2LMHeadModel(config).eval()
    prefix = torch.randint(3, 11, (3, 4))
    inputs = {"input_ids": prefix, "attention_mask": torch.ones_like(prefix)}
    for beam in (2, 5):
        ours, theirs, scores, expected = search_twice(
            model, lambda ids: model(ids).logits[:, -1], prefix, inputs, beam, alpha
        )
        assert ours == theirs
        assert torch.allclose(scores, expected, atol=1e-5)
        assert len({tuple(h) for h in ours}) > len(prefix), (
            "one text a row is no search"
        )


@pytest.mark.parametrize("seed", range(3))
def test_equals_hugging_face_on_bart(seed):
    hf = pytest.importorskip("transformers")
    torch.manual_seed(seed)
    config = hf.BartConfig(
        vocab_size=11,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=32,
        init_std=0.6,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=END,
        decoder_start_token_id=1,
        forced_eos_token_id=None,
    )
    model = hf.BartForConditionalGeneration(config).eval()
    model.final_logits_bias[0, END] = 2.5  # so that many hypotheses end
    source, beam = torch.randint(3, 11, (3, 6)), 3
    repeated = source.repeat_interleave(beam, dim=0)
    ours, theirs, scores, expected = search_twice(
        model,
        lambda ids: model(repeated, decoder_input_ids=ids).logits[:, -1],
        torch.ones(3, 1, dtype=torch.long),
        {"input_ids": source, "attention_mask": torch.ones_like(source)},
        beam,
        alpha=1.0,
    )
    assert ours == theirs
    assert torch.allclose(scores, expected, atol=1e-5)
    assert sum(END in h for h in ours) >= 3


def test_a_wider_beam_seldom_finds_worse():
    """On 40 toy models a beam of 4 is never far below greedy, and often above."""
    gains = []
    for seed in range(40):
        narrow = beam_search(toy(seed, 6), START, 5, beam=1)[1][0, 0]
        wide = beam_search(toy(seed, 6), START, 5, beam=4)[1][0, 0]
        gains.append((wide - narrow).item())
    better = sum(g > 1e-6 for g in gains)
    worse = sum(g < -1e-6 for g in gains)
    assert better >= 10
    assert worse <= 2
