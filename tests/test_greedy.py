"""Greedy writing: the loop, its ends, and the models that drive it."""

import torch

from course_utils.config import ModelConfig
from course_utils.generation import append_token, greedy, text_steps, translation_steps
from course_utils.transformer import LanguageModel, Transformer

V, END = 7, 2


def counting(ids):
    """Score highest the token one above the last; after 6 comes the end."""
    following = torch.where(ids[:, -1] == V - 1, END, (ids[:, -1] + 1) % V)
    return torch.nn.functional.one_hot(following, V).float()


def test_every_row_continues_its_own_prefix_until_its_own_end():
    prefix = torch.tensor([[1, 3], [5, 6], [1, 5]])
    out = greedy(counting, prefix, max_new=10)
    expected = [[1, 3, 4, 5, 6, 2], [5, 6, 2, 0, 0, 0], [1, 5, 6, 2, 0, 0]]
    assert out.tolist() == expected


def test_greedy_stops_calling_the_model_when_all_have_ended():
    calls = []

    def counted(ids):
        calls.append(ids.shape[1])
        return counting(ids)

    greedy(counted, torch.tensor([[5], [6]]), max_new=50)
    assert calls == [1, 2]


def test_greedy_stops_at_max_new():
    prefix = torch.tensor([[3]])
    assert greedy(counting, prefix, max_new=2).tolist() == [[3, 4, 5]]
    assert greedy(counting, prefix, max_new=0).tolist() == [[3]]


def test_another_end_is_obeyed_and_an_end_in_the_prefix_is_not():
    out = greedy(counting, torch.tensor([[3], [2]]), max_new=4, end_id=5)
    assert out.tolist() == [[3, 4, 5, 0], [2, 3, 4, 5]]


def test_greedy_leaves_the_prefix_as_it_was():
    prefix = torch.tensor([[1, 3]])
    greedy(counting, prefix, max_new=3)
    assert prefix.tolist() == [[1, 3]]


def test_append_token_pads_ended_rows_only():
    ended = torch.tensor([True, False, False])
    ids, ended = append_token(
        torch.tensor([[2], [4], [4]]), torch.tensor([5, 5, 2]), ended
    )
    assert ids.tolist() == [[2, 0], [4, 5], [4, 2]]
    assert ended.tolist() == [True, False, True]


def small(**changes):
    torch.manual_seed(0)
    sizes = dict(vocab_size=V, d_model=8, n_heads=2, n_layers=1, d_ff=16, max_len=12)
    return ModelConfig(**sizes, **changes)


def test_text_steps_score_the_token_after_the_last():
    model = LanguageModel(small(positions="learned")).eval()
    ids = torch.tensor([[1, 3, 5], [1, 4, 4]])
    assert torch.equal(text_steps(model)(ids), model(ids)[:, -1])
    assert greedy(text_steps(model), ids, max_new=4).shape[1] > 3


def test_translation_steps_equal_the_whole_model_and_read_the_source_once():
    model = Transformer(small()).eval()
    source = torch.tensor([[3, 4, 2, 0], [5, 6, 3, 2]])
    reads = []
    model.encoder.register_forward_hook(lambda *_: reads.append(1))
    steps = translation_steps(model, source)
    start = torch.ones(2, 1, dtype=torch.long)
    out = greedy(steps, start, max_new=6)
    assert len(reads) == 1
    for t in range(1, out.shape[1]):
        expected = model(source, out[:, :t])[:, -1].argmax(dim=-1)
        live = ~(out[:, :t] == END).any(dim=1)
        assert torch.equal(out[live, t], expected[live])


def test_a_batch_is_translated_as_each_sentence_alone():
    model = Transformer(small()).eval()
    source = torch.tensor([[3, 4, 2, 0, 0], [5, 6, 3, 4, 2], [6, 2, 0, 0, 0]])
    start = torch.ones(3, 1, dtype=torch.long)
    together = greedy(translation_steps(model, source), start, max_new=6)
    for row, words in enumerate([3, 5, 2]):
        steps = translation_steps(model, source[row : row + 1, :words])
        alone = greedy(steps, start[:1], max_new=6)
        assert torch.equal(together[row, : alone.shape[1]], alone[0])
        assert (together[row, alone.shape[1] :] == 0).all()


def test_greedy_builds_no_graph():
    model = LanguageModel(small()).eval()
    steps = text_steps(model)
    seen = []

    def watched(ids):
        seen.append(steps(ids).requires_grad)
        return steps(ids)

    greedy(watched, torch.tensor([[1]]), max_new=2)
    assert seen == [False, False]
