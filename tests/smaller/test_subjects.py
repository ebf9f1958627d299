"""The reader of subjects: its words, its batches, its loss, and the trained one."""

import pytest
import torch

from course_utils.checkpoints import CheckpointError
from course_utils.config import ModelConfig
from course_utils.data.docstrings import docstring_sentences
from course_utils.fine_tuning import label_loss
from course_utils.pretrained import MeanEncoder
from course_utils.smaller.distillation import kl_divergence
from course_utils.smaller.subjects import (
    FrequentWords,
    SubjectStudent,
    TaughtBatches,
    load_subjects,
)
from course_utils.text import pad_batch
from course_utils.translator import WEIGHTS
from tests.tolerances import assert_same

CONFIG = ModelConfig(
    11,
    d_model=12,
    n_heads=3,
    n_layers=2,
    d_ff=20,
    max_len=7,
    dropout=0.0,
    activation="gelu",
    positions="learned",
    norm_first=False,
    norm_embeddings=True,
)
LABELS = 5


@pytest.fixture
def student():
    torch.manual_seed(0)
    return SubjectStudent(CONFIG, LABELS).eval()


def drawn(n=40):
    """Return texts of different lengths, the first token of each its own number."""
    dice = torch.Generator().manual_seed(1)
    lengths = torch.randint(1, 8, (n,), generator=dice).tolist()
    ids = [torch.randint(1, 11, (k,), generator=dice).tolist() for k in lengths]
    return ids, torch.randn(n, LABELS, generator=dice).softmax(dim=-1)


def test_frequent_words_have_numbers_and_others_share_one():
    texts = ["the tree of the graph", "the graph!", "a tree"]
    words = FrequentWords.build(texts, size=5, max_len=4)
    assert words.vocabulary.words == ["<pad>", "<unknown>", "the", "graph", "tree"]
    assert words(["The graph grows.", "", "the the the the the"]) == [
        [2, 3, 1, 1],
        [1],
        [2, 2, 2, 2],
    ]


def test_the_probe_scores_what_the_student_scores(student):
    ids, _ = drawn()
    texts = [" ".join(map(str, row)) for row in ids]

    def read(texts):
        return [[int(word) for word in text.split()] for text in texts]

    vectors = MeanEncoder(student.bert, read)(texts)
    with torch.no_grad():
        assert_same(student.probe().logits(vectors), student(pad_batch(ids)))


def test_batches_keep_texts_and_wishes_together(student):
    ids, wanted = drawn()
    batches = TaughtBatches(ids, wanted, CONFIG, batch_size=8, seed=3)
    found = []
    for step in range(len(batches)):
        texts, rows = batches[step]
        assert rows.shape == (8, LABELS)
        assert texts.shape[1] == (texts != 0).sum(dim=1).max()
        for row, text in zip(rows, texts, strict=True):
            [number] = [i for i, one in enumerate(wanted) if torch.equal(one, row)]
            assert ids[number] == text[text != 0].tolist()
            found.append(number)
    assert sorted(found) == list(range(40))
    again = TaughtBatches(ids, wanted, CONFIG, batch_size=8, seed=3)
    assert torch.equal(again[7][1], batches[7][1])
    assert not torch.equal(batches[0][1], batches[5][1])
    other = TaughtBatches(ids, wanted.flip(0), CONFIG, batch_size=8, seed=3)
    assert other.fingerprint != batches.fingerprint


def test_imitation_pulls_as_the_divergence_does(student):
    ids, wanted = drawn(6)
    batch = (pad_batch(ids), wanted)
    weights = list(student.parameters())
    loss = label_loss(student, batch)
    gap = kl_divergence(wanted.log(), student(batch[0])).mean()
    entropy = -(wanted * wanted.log()).sum(dim=-1).mean()
    assert_same(loss, gap + entropy)
    slopes = [
        torch.autograd.grad(one, weights, allow_unused=True) for one in (loss, gap)
    ]
    for ours, theirs in zip(*slopes, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert_same(ours, theirs)


def test_one_certain_label_is_the_usual_loss(student):
    ids, _ = drawn(6)
    labels = torch.tensor([0, 4, 2, 2, 1, 3])
    wanted = torch.nn.functional.one_hot(labels, LABELS).float()
    batch = pad_batch(ids)
    usual = torch.nn.functional.cross_entropy(student(batch), labels)
    assert_same(label_loss(student, (batch, wanted)), usual)


def test_the_trained_student_reads_what_it_has_never_seen():
    reader = load_subjects()
    test = docstring_sentences().halves()[1]
    right = sum(
        a == b.label for a, b in zip(reader(test.texts), test.items, strict=True)
    )
    commonest = max(test.labels.count(label) for label in set(test.labels))
    assert set(reader.names) == set(test.names)
    assert right / len(test) > 0.48 > 1.5 * commonest / len(test)


def test_another_checkpoint_is_refused():
    with pytest.raises(
        CheckpointError, match="holds a Transformer of recipe 'student'"
    ):
        load_subjects(WEIGHTS / "student")
