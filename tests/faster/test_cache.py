"""With a cache a model scores and writes as without, and takes the promised bytes."""

from dataclasses import replace

import pytest
import torch

from course_utils.beam import beam_search
from course_utils.config import ModelConfig
from course_utils.costs import GPT3
from course_utils.faster.cache import (
    KVCache,
    cached_text_steps,
    cached_translation_steps,
    kv_bytes,
    new_caches,
)
from course_utils.generation import greedy, text_steps, translation_steps
from course_utils.transformer import LanguageModel, Transformer
from tests.oracles import DTYPES, both_norms, randomize
from tests.tolerances import assert_same

B, T, S, V = 3, 5, 7, 11
CONFIG = ModelConfig(V, d_model=20, n_heads=4, n_layers=2, d_ff=33, max_len=13)
LEARNED = replace(CONFIG, positions="learned", norm_embeddings=True)
KINDS = [*both_norms(CONFIG, activation="gelu"), pytest.param(LEARNED, id="learned")]


def ids(*shape, seed=0):
    dice = torch.Generator().manual_seed(seed)
    return torch.randint(3, V, shape, generator=dice)


def model_of(kind, config, dtype=torch.float32):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return randomize(kind(config)).to(dtype).eval()


def sources():
    source = ids(B, S, seed=1)
    source[0, 3:] = 0
    source[2, 6:] = 0
    return source


# --- the same scores ---------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("config", KINDS)
def test_a_text_is_scored_alike_token_by_token_and_in_pieces(config, dtype):
    model, text = model_of(LanguageModel, config, dtype), ids(B, 12)
    plain, cached = text_steps(model), cached_text_steps(model)
    for end in (T, T + 1, T + 2, T + 6):  # a beginning, two single tokens, a piece
        with torch.no_grad():
            assert_same(cached(text[:, :end]), plain(text[:, :end]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("config", KINDS)
def test_a_translation_is_scored_alike_with_padded_sources(config, dtype):
    model, source = model_of(Transformer, config, dtype), sources()
    plain = translation_steps(model, source)
    cached = cached_translation_steps(model, source)
    text = ids(B, 10)
    text[1, 4:] = 0  # a row that has ended
    for end in (1, 2, 3, 8):
        with torch.no_grad():
            assert_same(cached(text[:, :end]), plain(text[:, :end]))


def test_greedy_writes_the_same_tokens():
    model, source = model_of(Transformer, CONFIG), sources()
    start = torch.ones(B, 1, dtype=torch.long)
    expected = greedy(translation_steps(model, source), start, 12)
    assert torch.equal(
        greedy(cached_translation_steps(model, source), start, 12), expected
    )
    text = model_of(LanguageModel, CONFIG)
    expected = greedy(text_steps(text), ids(2, T), 8, end_id=-1)
    assert torch.equal(
        greedy(cached_text_steps(text), ids(2, T), 8, end_id=-1), expected
    )


def test_beam_search_which_swaps_rows_writes_the_same():
    model = model_of(LanguageModel, CONFIG)
    expected, got = (
        beam_search(steps(model), ids(1, 2), max_new=6, beam=3)
        for steps in (text_steps, cached_text_steps)
    )
    assert torch.equal(got[0], expected[0])
    assert_same(got[1], expected[1])


@pytest.mark.parametrize("change", ["another word", "shorter", "other rows", "again"])
def test_rows_that_do_not_go_on_are_read_again(change):
    model = model_of(LanguageModel, CONFIG)
    plain, cached = text_steps(model), cached_text_steps(model)
    text = ids(B, 8)
    cached(text)
    other = text.clone()
    if change == "another word":
        other[1, 3] = 3 + (other[1, 3] - 2) % (V - 3)
    other = {"shorter": other[:, :4], "other rows": other[:2]}.get(change, other)
    with torch.no_grad():
        assert_same(cached(other), plain(other))


def test_only_new_tokens_are_read():
    model, read = model_of(LanguageModel, CONFIG), []
    model.embedding.token.register_forward_hook(
        lambda module, inputs, out: read.append(inputs[0].shape[1])
    )
    greedy(cached_text_steps(model), ids(1, T), 4, end_id=-1)
    assert read == [T, 1, 1, 1]


def test_the_source_is_projected_once():
    model, read = model_of(Transformer, CONFIG), []
    for layer in model.decoder.layers:
        layer.cross_attention.k_proj.register_forward_hook(
            lambda module, inputs, out: read.append(inputs[0].shape[1])
        )
    steps = cached_translation_steps(model, ids(1, S))
    greedy(steps, torch.ones(1, 1, dtype=torch.long), 4, end_id=-1)
    assert read == [S, S]


# --- bytes -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_formula_gives_the_bytes_that_are_taken(dtype):
    caches = new_caches(CONFIG, B, torch.empty(0, dtype=dtype), max_len=9)
    taken = sum(part.untyped_storage().nbytes() for c in caches for part in (c.k, c.v))
    assert taken == kv_bytes(CONFIG, 9, B, dtype)
    assert all(part.dtype == dtype for c in caches for part in (c.k, c.v))


def test_room_for_the_whole_model_by_default():
    model = model_of(LanguageModel, CONFIG)
    steps = cached_text_steps(model)
    steps(ids(B, T))
    taken = sum(2 * c.k.untyped_storage().nbytes() for c in steps.caches)
    assert taken == kv_bytes(CONFIG, CONFIG.max_len, B)


def test_one_text_of_gpt3_by_hand():
    # 2 (key, value) x 96 layers x 2,048 tokens x 12,288 numbers x 2 bytes
    assert kv_bytes(GPT3, 2048, dtype=torch.float16) == 9_663_676_416


# --- refused -----------------------------------------------------------------------


def test_a_full_cache_says_how_much_room_there_was():
    model = model_of(LanguageModel, CONFIG)
    steps = cached_text_steps(model, max_len=6)
    steps(ids(1, 6))
    with pytest.raises(ValueError, match="cache has room for 6 tokens, and 7 came"):
        steps(ids(1, 7))
    with pytest.raises(ValueError, match="the text has 14 tokens, but max_len=13"):
        cached_text_steps(model)(ids(1, 14))


def test_scores_are_right_again_after_a_refusal():
    model = model_of(LanguageModel, CONFIG)
    steps = cached_text_steps(model, max_len=6)
    with pytest.raises(ValueError, match="room for 6"):
        steps(ids(1, 7))
    with torch.no_grad():
        assert_same(steps(ids(1, 5)), text_steps(model)(ids(1, 5)))


def test_a_cache_returns_what_was_stored():
    k, v = torch.randn(2, B, 4, 9, 5)
    cache = KVCache(torch.empty(B, 4, 9, 5), torch.empty(B, 4, 9, 5))
    cache.append(k[:, :, :4], v[:, :, :4])
    keys, values = cache.append(k[:, :, 4:7], v[:, :, 4:7])
    assert_same(keys, k[:, :, :7])
    assert_same(values, v[:, :, :7])
    assert cache.length == 7
