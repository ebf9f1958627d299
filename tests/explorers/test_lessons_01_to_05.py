"""What the explorers of lessons 01 to 05 claim, checked on the data they draw."""

import itertools
import math

import pytest
import torch

from course_utils.attention import causal_mask, scaled_dot_product_attention
from course_utils.explorers import (
    attention_microscope,
    embedding_map,
    heads,
    mask_painter,
    positions,
    residual_river,
)
from course_utils.words import UnknownWordError
from tests.explorers import cases

# --- Attention microscope


@pytest.mark.parametrize("causal", [False, True])
def test_microscope_equals_attention(causal):
    q, k, v = attention_microscope.example()
    mask = causal_mask(len(q)) if causal else None
    whole = scaled_dot_product_attention(q, k, v, mask)
    for row in range(len(q)):
        data = attention_microscope.compute(q, k, v, row, causal=causal)
        assert data["weights"].sum().item() == pytest.approx(1, abs=1e-6)
        assert (data["output"] - whole[row]).abs().max() < 1e-6


def test_without_scaling_attention_is_sharper():
    q, k, v = attention_microscope.example()
    for row in range(len(q)):
        scaled = attention_microscope.compute(q, k, v, row)
        raw = attention_microscope.compute(q, k, v, row, scale=False)
        assert raw["entropy"] < scaled["entropy"]


def test_cold_is_sharp_and_hot_is_even():
    q, k, v = attention_microscope.example()
    entropies = [
        attention_microscope.compute(q, k, v, 2, temperature=t)["entropy"]
        for t in (0.1, 1.0, 4.0)
    ]
    assert entropies == sorted(entropies)
    assert max(entropies) <= math.log(len(k))


def test_microscope_wants_a_word_for_each_row():
    q, k, v = attention_microscope.example()
    with pytest.raises(ValueError, match="2 words for 5 queries, 5 keys"):
        attention_microscope.show_attention_microscope(q, k, v, ["two", "words"])


# --- Mask painter


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("pattern", mask_painter.PATTERNS)
def test_gradient_finds_exactly_the_leaking_patterns(pattern, layers):
    data = mask_painter.compute(pattern, size=3, layers=layers, T=7)
    looks_ahead = pattern in ("all", "padding", "prefix")
    assert bool(data["cheats"]) == looks_ahead
    future = data["gradient"][~causal_mask(7)]
    assert (future > 0).any() == looks_ahead


def test_one_layer_leaks_where_the_mask_is_open():
    data = mask_painter.compute("padding", size=2, T=6)
    open_cells = (data["allowed"] & ~causal_mask(6)).nonzero().tolist()
    assert [list(cell) for cell in data["cheats"]] == open_cells


def test_a_second_layer_spreads_one_wrong_cell():
    one = mask_painter.compute(flip=True, row=1, column=3)
    two = mask_painter.compute(flip=True, row=1, column=3, layers=2)
    assert one["cheats"] == [(1, 3)]
    assert set(one["cheats"]) < set(two["cheats"])


def test_a_row_that_may_read_nothing_gives_no_nan():
    data = mask_painter.compute("padding", size=6, T=6)
    assert data["blind"] == list(range(6))
    assert data["gradient"].isfinite().all()


# --- Heads


def test_payload_is_one_byte_a_cell():
    q, k = heads.example()
    data = heads.compute(q, k, n_heads=2)
    L, T, H = 2, 6, 2
    assert data["maps"].numel() * data["maps"].element_size() == L * H * T * T


def test_right_path_is_a_loop_over_heads_and_the_wrong_one_is_not():
    q, k = heads.example()
    for layer, head in itertools.product(range(2), range(2)):
        D = 4
        one, two = (x[layer][:, head * D : (head + 1) * D] for x in (q, k))
        alone = (one @ two.T / D**0.5).softmax(-1)
        right = heads.compute(q, k, 2, layer, head)["map"]
        wrong = heads.compute(q, k, 2, layer, head, wrong=True)["map"]
        assert (right - alone).abs().max() < 1e-6
        assert (wrong - alone).abs().max() > 0.05


def test_the_cell_and_its_words_follow_the_sliders():
    explorer = heads.show_heads()
    data = explorer.data(layer=1, head=0, row=3, column=4)
    assert data["cell"] == (1, 0, 3, 4)
    assert data["weight"] == pytest.approx(data["map"][3, 4].item())
    caption = explorer.picture(row=3, column=4).caption
    assert "“sees” looks at “the”" in caption


def test_a_right_row_reads_its_own_word_only():
    q, k = heads.example()
    for row, head in itertools.product(range(6), range(2)):
        right = heads.compute(q, k, 2, head=head, row=row)["origin"]
        assert right.nonzero()[:, 0].unique().tolist() == [row]
        assert right.nonzero()[:, 1].tolist() == list(range(head * 4, head * 4 + 4))
    wrong = heads.compute(q, k, 2, head=1, row=2, wrong=True)["origin"]
    assert wrong.nonzero()[:, 0].unique().tolist() == [4]


def test_heads_refuse_too_long_a_text():
    x = torch.zeros(1, 300, 4)
    with pytest.raises(ValueError, match="300 words for 300 positions; at most 256"):
        heads.show_heads(x, x, 2, ["w"] * 300)


# --- Positions


@pytest.mark.parametrize("base", [10.0, 10000.0])
@pytest.mark.parametrize("shift", [1, 50, 100])
def test_only_the_distance_matters(shift, base):
    for m, n in ((5, 2), (0, 12), (7, 7)):
        here = positions.compute(m, n, base=base)
        moved = positions.compute(m, n, shift, base)
        assert abs(here["dot"] - moved["dot"]) < 1e-5
        assert abs(moved["change"]) < 1e-5


def test_dials_keep_their_length_when_they_turn():
    for m in range(5):
        dials = positions.compute(m=m)["dials"]
        assert dials[0].norm() == pytest.approx(positions.Q[:2].norm().item(), abs=1e-6)


def test_distance_does_matter():
    curve = positions.compute()["curve"]
    assert curve.max() - curve.min() > 1


# --- Embedding map


def test_chips_join_back_to_the_text():
    vocabulary, vectors = cases.words_on_a_circle()
    for text in (cases.TEXT, "a fish sings", ""):
        chips = embedding_map.compute(vocabulary, vectors, text, "cat")["chips"]
        assert " ".join(word for word, _ in chips) == text
        assert vocabulary.decode([number for _, number in chips]) == text


def test_unknown_words_are_named():
    vocabulary, vectors = cases.words_on_a_circle()
    with pytest.raises(UnknownWordError, match="'dogs'"):
        embedding_map.compute(vocabulary, vectors, "the dogs", "cat")


def test_nearest_words_are_those_with_the_largest_cosine():
    vocabulary, vectors = cases.words_on_a_circle()
    data = embedding_map.compute(vocabulary, vectors, cases.TEXT, "cat")
    cosine = torch.nn.functional.cosine_similarity(
        vectors, vectors[vocabulary.words.index("cat")][None]
    )
    for name, value in data["nearest"].items():
        assert value == pytest.approx(cosine[vocabulary.words.index(name)].item())
    others = [w for w in data["words"] if w != "cat" and w not in data["nearest"]]
    least = min(data["nearest"].values())
    assert all(cosine[vocabulary.words.index(w)] <= least for w in others)


def test_the_map_keeps_what_two_directions_can_keep():
    flat = torch.randn(9, 2, generator=torch.Generator().manual_seed(3)) * 3
    turned = flat @ torch.tensor([[0.6, 0.8, 0], [-0.8, 0.6, 0]])
    points, share = embedding_map.flatten(turned)
    assert share == pytest.approx(1, abs=1e-5)
    assert torch.allclose(torch.pdist(points), torch.pdist(flat), atol=1e-4)


def test_words_used_alike_end_up_close():
    """Train a next-word table on a language with two moods; the moods separate."""
    moods = {"glad": 0, "merry": 0, "sad": 1, "gloomy": 1}
    after = {0: ["sings", "dances"], 1: ["weeps", "sighs"]}
    words = [*moods, *after[0], *after[1]]
    pairs = [(w, a) for w, mood in moods.items() for a in after[mood]]
    x = torch.tensor([words.index(w) for w, _ in pairs])
    y = torch.tensor([words.index(a) for _, a in pairs])
    generator = torch.Generator().manual_seed(0)
    table = torch.nn.Parameter(torch.randn(8, 6, generator=generator))
    out = torch.nn.Parameter(torch.randn(6, 8, generator=generator))
    optimizer = torch.optim.Adam([table, out], lr=0.05)
    for _ in range(150):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(table[x] @ out, y).backward()
        optimizer.step()
    near = embedding_map.cosines(table.detach(), words.index("glad"))
    same, other = near[words.index("merry")], near[words.index("sad")]
    assert same - other > 0.5


# --- Residual river


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_bands_sum_to_what_the_encoder_returns(norm):
    encoders, x, _ = residual_river.example(seed=1)
    for module in encoders[norm].modules():
        if isinstance(module, torch.nn.LayerNorm):
            torch.nn.init.normal_(module.weight, 1, 0.2)
            torch.nn.init.normal_(module.bias, 0, 0.2)
    total = torch.stack(list(residual_river.bands(encoders[norm], x[None]).values()))
    assert (total.sum(0) - encoders[norm](x[None])).abs().max() < 1e-5


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_both_columns_add_up(norm):
    encoders, x, table = residual_river.example()
    data = residual_river.compute(encoders[norm], x[None], table[1], token=2)
    assert sum(data["lengths"].values()) == pytest.approx(data["length"], abs=1e-5)
    assert sum(data["logits"].values()) == pytest.approx(data["logit"], abs=1e-5)
    out = encoders[norm](x[None])[0, 2]
    assert data["logit"] == pytest.approx((out @ table[1]).item(), abs=1e-5)


def test_a_sublayer_switched_off_adds_nothing_and_changes_the_rest():
    encoders, x, table = residual_river.example()
    on = residual_river.compute(encoders["pre"], x[None], table[0])
    off = residual_river.compute(encoders["pre"], x[None], table[0], off="0 attention")
    assert off["lengths"]["0 attention"] == 0
    assert off["logits"]["1 attention"] != on["logits"]["1 attention"]
