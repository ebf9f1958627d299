"""The course's trained translator: English text in, French or Chinese text out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course_utils.checkpoints import CheckpointError, load_checkpoint
from course_utils.explorers.recording import recorded
from course_utils.generation import greedy, translation_steps
from course_utils.text import Vocabulary, pad_batch
from course_utils.transformer import Transformer

WEIGHTS = Path(__file__).parent / "weights"

__all__ = ["WEIGHTS", "Reading", "Translator", "language_tag", "load_translator"]


def language_tag(language: str) -> str:
    """Return the word in front of a source that asks for a language: `<fr>`.

    Source: Johnson et al. 2017, arXiv 1611.04558, section 3.
    """
    return f"<{language}>"


class Reading(NamedTuple):
    """Which source words each written word was read from."""

    source: list[str]
    target: list[str]
    weights: Float[Tensor, "L H T S"]


class Translator:
    """Translate texts with a model that was trained on word tokens.

    `language` is the target, for a model with language tags; "" for a model that
    knows only one.

    Raises:
        CheckpointError: the vocabulary belongs to another model or lacks the language.
    """

    def __init__(self, model: Transformer, vocabulary: Vocabulary, language: str = ""):
        if len(vocabulary) != model.config.vocab_size:
            raise CheckpointError(
                f"the vocabulary has {len(vocabulary)} words but the model has "
                f"vocab_size={model.config.vocab_size}; load both from one checkpoint"
            )
        self.tag = [language_tag(language)] if language else []
        if language and self.tag[0] not in vocabulary.ids:
            known = [
                w[1:-1] for w in vocabulary.words[3:] if w[0] == "<" < w[-1] == ">"
            ]
            raise CheckpointError(
                f"language={language!r} is not one of {known}; choose one of them"
            )
        self.model, self.vocabulary = model.eval(), vocabulary

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text as tokens, the language tag in front.

        Raises:
            UnknownWordError: names the words that the model never learned.
            ValueError: a text is empty or too long; the message says which.
        """
        tag = [self.vocabulary.ids[word] for word in self.tag]
        longest = self.model.config.max_len
        encoded = [tag + self.vocabulary.encode(text) for text in texts]
        for i, (text, ids) in enumerate(zip(texts, encoded, strict=True)):
            if len(ids) == len(tag):
                raise ValueError(
                    f"text {i} is {text!r}, without a word; write a sentence"
                )
            if len(ids) > longest:
                raise ValueError(
                    f"text {i} has {len(ids) - len(tag)} words, but the model reads at "
                    f"most {longest - len(tag)}; split it into sentences"
                )
        return encoded

    def write(
        self, encoded: Sequence[list[int]], make_steps: Callable = translation_steps
    ) -> list[list[int]]:
        """Return the tokens of the translations, up to and including the end token.

        `make_steps(model, source)` returns what `greedy` asks for the next scores.
        """
        device = next(self.model.parameters()).device
        source = pad_batch(encoded).to(device)
        start = torch.full_like(source[:, :1], self.vocabulary.start_id)
        steps = make_steps(self.model, source)
        written = greedy(steps, start, self.model.config.max_len - 1)
        return [[i for i in row if i] for row in written[:, 1:].tolist()]

    def translate(self, texts: str | Sequence[str], batch_size: int = 64) -> list[str]:
        """Return the translation of each text, the most probable word at each step.

        Texts of similar length go through the model together; raises as `encode`.
        """
        texts = [texts] if isinstance(texts, str) else texts
        encoded = self.encode(texts)
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        answers = [""] * len(texts)
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            for i, ids in zip(
                rows, self.write([encoded[i] for i in rows]), strict=True
            ):
                answers[i] = self.vocabulary.decode(ids)
        return answers

    def read(self, text: str) -> Reading:
        """Translate one text and return the cross-attention of every layer and head.

        Row t of the weights is the look at the source from which target word t was
        written. The model is left as it was.
        """
        [ids] = self.encode([text])
        [written] = self.write([ids])
        device = next(self.model.parameters()).device
        source = torch.tensor([ids], device=device)
        target = torch.tensor(
            [[self.vocabulary.start_id, *written[:-1]]], device=device
        )
        readers = [layer.cross_attention for layer in self.model.decoder.layers]
        with torch.no_grad(), recorded(readers) as looks:
            self.model(source, target)
        words = self.vocabulary.words
        source_words, target_words = ([words[i] for i in row] for row in (ids, written))
        return Reading(source_words, target_words, torch.cat(looks))


def load_translator(language: str = "fr", path: str | Path | None = None) -> Translator:
    """Load the committed translator for a language, "fr" or "zh".

    `path` names another checkpoint that `course train translator` wrote.

    Raises:
        CheckpointError: the files are missing or damaged, or lack the language.
    """
    model, vocabulary, _ = load_checkpoint(path or WEIGHTS / "translator")
    return Translator(model, vocabulary, language)
