"""A small reader of sentences, taught by a large one (lesson 33).

MiniLM with a probe knows from a few labeled sentences which library a docstring comes
from. The student starts from random weights and never sees a label: it reads many
unlabeled sentences and learns what the teacher makes of each. The recipe is
`course train subjects`; `load_subjects` needs neither MiniLM nor its package.
"""

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_utils.checkpoints import CheckpointError, load_checkpoint
from course_utils.config import ModelConfig
from course_utils.faster.packing import PackedEncoder
from course_utils.pretrained import Bert, mean_pool
from course_utils.probing import Probe, TextClassifier
from course_utils.text import Vocabulary
from course_utils.training import Batches, fingerprint, trim
from course_utils.translator import WEIGHTS
from course_utils.words import split_words

__all__ = [
    "FrequentWords",
    "SubjectStudent",
    "TaughtBatches",
    "load_subjects",
]

UNKNOWN = 1  # the number of every word that is not in the list


class FrequentWords:
    """A tokenizer of whole words: the frequent ones have numbers, others share one."""

    def __init__(self, words: Sequence[str], max_len: int):
        self.vocabulary, self.max_len = Vocabulary(words), max_len

    @classmethod
    def build(cls, texts: Sequence[str], size: int, max_len: int) -> "FrequentWords":
        """Number the `size` - 2 most frequent words of some texts."""
        counts = Counter(word for text in texts for word in split_words(text))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(["<pad>", "<unknown>", *ranked[: size - 2]], max_len)

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        ids = self.vocabulary.ids
        rows = ([ids.get(word, UNKNOWN) for word in split_words(t)] for t in texts)
        return [row[: self.max_len] or [UNKNOWN] for row in rows]


class SubjectStudent(nn.Module):
    """A `Bert` of few weights, the mean over its tokens, and a score for each label."""

    def __init__(self, config: ModelConfig, labels: int):
        super().__init__()
        self.config = config
        self.bert = Bert(config)
        self.out = nn.Linear(config.d_model, labels)

    def forward(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B K"]:
        mean = mean_pool(self.bert(ids), ids != 0)
        return self.out(mean * math.sqrt(self.config.d_model))

    def probe(self) -> Probe:
        """Return the last map for vectors of length 1, as a `Bert` gives them."""
        weight = self.out.weight.detach() * math.sqrt(self.config.d_model)
        return Probe(weight, self.out.bias.detach())


class TaughtBatches(Batches):
    """Batches of texts, each with the probabilities that are wanted for its labels.

    `batches[step]` is `(ids, wanted)` of the shapes `(B, T)` and `(B, K)`; the texts of
    a batch are of similar length. They are what `label_loss` of lesson 15 asks for.
    """

    def __init__(
        self,
        ids: list[list[int]],
        wanted: Float[Tensor, "N K"],
        config: ModelConfig,
        batch_size: int,
        seed: int = 0,
    ):
        super().__init__(ids, ids, config, batch_size, seed)
        self.wanted = wanted
        self.fingerprint = fingerprint(self.sources, wanted)
        self.order = lru_cache(maxsize=1)(self.order)  # sorted once a reading

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        reading, place = divmod(step, len(self))
        rows = self.order(reading)[place]
        return trim(self.sources[rows]), self.wanted[rows]


def load_subjects(path: str | Path | None = None) -> TextClassifier:
    """Return the trained student: text in, subject out; nothing else is needed.

    Raises:
        CheckpointError: a file is missing, damaged or of another kind.
    """
    path = path or WEIGHTS / "subjects"
    model, vocabulary, record = load_checkpoint(path)
    if not isinstance(model, Bert) or "probe" not in record:
        raise CheckpointError(
            f"{path} holds a {type(model).__name__} of recipe {record['recipe']!r}, "
            f"not a reader of subjects; train one: course train subjects"
        )
    probe = Probe(*(torch.tensor(record["probe"][name]) for name in Probe._fields))
    tokenizer = FrequentWords(vocabulary.words, model.config.max_len)
    return TextClassifier(tokenizer, PackedEncoder(model), probe, record["names"])
