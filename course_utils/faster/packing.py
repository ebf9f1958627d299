"""No work on padding: texts of one length side by side, tokens in one long row.

A padded batch computes every layer for positions that nobody reads. Only attention
needs to know where a text ends; all else treats each token on its own. So the tokens
of several texts stand in one matrix `(tokens, C)`, sorted by length, and attention
alone sees them text by text: a run of n texts of L tokens is a view `(n, L, C)`.

Source: the idea of unpadded batches, Zeng et al. 2022, arXiv 2208.08124, section 3.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_utils.faster.lean import ACTIVATIONS
from course_utils.faster.routes import fast_linear, smooth_int8_route
from course_utils.positions import check_length
from course_utils.pretrained import Bert

__all__ = [
    "PackedEncoder",
    "Run",
    "int8_encoder",
    "micro_batches",
    "padding_share",
    "runs_of",
]

Linear = Callable[[Tensor], Tensor]
TOKENS = 256  # in one micro-batch: its 1536-wide middle then stays in the cache


class Run(NamedTuple):
    """A stretch of the long row: `texts` texts of `length` tokens, from `start` on."""

    start: int
    texts: int
    length: int

    def cut(self, rows: Float[Tensor, "N X"]) -> Float[Tensor, "n L X"]:
        """Return the run's rows, text by text, without copying them."""
        stop = self.start + self.texts * self.length
        return rows[self.start : stop].view(self.texts, self.length, -1)


def padding_share(lengths: Sequence[int], batch_size: int) -> float:
    """Return which share of the positions is padding, in batches as they come."""
    batches = [lengths[i : i + batch_size] for i in range(0, len(lengths), batch_size)]
    return 1 - sum(lengths) / sum(max(batch) * len(batch) for batch in batches)


def micro_batches(lengths: Sequence[int], tokens: int = TOKENS) -> Iterator[list[int]]:
    """Yield the numbers of texts, shortest first, up to `tokens` tokens together.

    A text longer than `tokens` is alone; a text without a token is refused.

    Raises:
        ValueError: a text has no tokens.
    """
    batch: list[int] = []
    room = tokens
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if lengths[i] < 1:
            raise ValueError(f"text {i} has no tokens; leave it out")
        if batch and lengths[i] > room:
            yield batch
            batch, room = [], tokens
        batch.append(i)
        room -= lengths[i]
    if batch:
        yield batch


def runs_of(lengths: Sequence[int]) -> list[Run]:
    """Say where the texts of each length stand in the long row.

    `runs_of([3, 3, 5])` → `[Run(0, 2, 3), Run(6, 1, 5)]`.
    """
    runs, start = [], 0
    for length, group in groupby(lengths):
        texts = len(list(group))
        runs.append(Run(start, texts, length))
        start += texts * length
    return runs


class PackedLayer:
    """A post-norm encoder layer over packed rows; query, key, value in one product."""

    def __init__(self, layer: nn.Module, linear: Callable[..., Linear]):
        attention, think = layer.attention, layer.feed_forward
        parts = attention.q_proj, attention.k_proj, attention.v_proj
        weight = torch.cat([part.weight.detach() for part in parts])
        self.qkv = linear(weight, torch.cat([part.bias.detach() for part in parts]))
        self.out = linear(*_pair(attention.out_proj))
        self.up = linear(*_pair(think.up_proj))
        self.down = linear(*_pair(think.down_proj))
        self.norm1, self.norm2 = layer.norm1, layer.norm2
        self.n_heads = attention.n_heads
        self.activation = ACTIVATIONS[think.activation]

    def attend(self, x: Float[Tensor, "N C"], runs: list[Run]) -> Float[Tensor, "N C"]:
        """Let every token look at the tokens of its own text; no mask is needed."""
        qkv = self.qkv(x)
        looked = []
        for run in runs:
            parts = run.cut(qkv).unflatten(-1, (3, self.n_heads, -1))
            q, k, v = parts.permute(2, 0, 3, 1, 4)  # each (n, H, L, D)
            out = F.scaled_dot_product_attention(q, k, v)
            looked.append(out.transpose(1, 2).reshape(-1, x.shape[1]))
        return self.out(torch.cat(looked) if len(looked) > 1 else looked[0])

    def __call__(self, x: Float[Tensor, "N C"], runs: list[Run]):
        """Return the layer's output for every row."""
        x = self.norm1(self.attend(x, runs).add_(x))
        return self.norm2(self.down(self.activation(self.up(x))).add_(x))


def _pair(linear: nn.Linear) -> tuple[Tensor, Tensor]:
    return linear.weight.detach(), linear.bias.detach()


class PackedEncoder:
    """A trained `Bert` driven without padding; `linear` makes its matrix products.

    `linear(weight, bias)` returns a function of x: see `course_utils.faster.routes`.
    `n_layers` stops early. The model itself is only read.

    Raises:
        ValueError: the model is pre-norm or has fewer layers.
    """

    def __init__(
        self,
        model: Bert,
        linear: Callable[..., Linear] = fast_linear,
        n_layers: int | None = None,
    ):
        config = model.config
        if config.norm_first:
            raise ValueError(
                "norm_first=True; the packed layer is BERT's, with norm_first=False"
            )
        if n_layers is not None and not 0 <= n_layers <= config.n_layers:
            raise ValueError(
                f"n_layers={n_layers} but the model has {config.n_layers} layers"
            )
        self.embedding, self.config = model.embedding, config
        layers = list(model.encoder.layers)[:n_layers]
        self.layers = [PackedLayer(layer, linear) for layer in layers]

    def embed(self, ids: Int[Tensor, " N"], runs: list[Run]) -> Float[Tensor, "N C"]:
        """Look the tokens up and add each one's position in its own text."""
        check_length(runs[-1].length, self.config.max_len)
        places = torch.cat([torch.arange(run.length).repeat(run.texts) for run in runs])
        x = self.embedding.token(ids) + self.embedding.positions.table[places]
        return self.embedding.norm(x)

    def by_layer(
        self, texts: Sequence[Sequence[int]]
    ) -> Iterator[tuple[Float[Tensor, "N C"], list[Run]]]:
        """Yield the vectors of all tokens, of texts sorted by length, layer by layer.

        The first are the embedding's.
        """
        runs = runs_of([len(text) for text in texts])
        with torch.inference_mode():
            x = self.embed(torch.tensor([i for text in texts for i in text]), runs)
            yield x, runs
            for layer in self.layers:
                x = layer(x, runs)
                yield x, runs

    def hidden(self, texts: Sequence[Sequence[int]]) -> tuple[Tensor, list[Run]]:
        """Return the last layer's vectors `(N, C)`, and where each text stands."""
        *_, last = self.by_layer(texts)
        return last

    def __call__(
        self, texts: Sequence[Sequence[int]], tokens: int = TOKENS
    ) -> Float[Tensor, "B C"]:
        """Return a vector of length 1 for each text of token ids, in their order."""
        vectors = torch.empty(len(texts), self.config.d_model)
        for batch in micro_batches([len(text) for text in texts], tokens):
            x, runs = self.hidden([texts[i] for i in batch])
            means = torch.cat([run.cut(x).mean(dim=1) for run in runs])
            vectors[batch] = F.normalize(means, dim=-1)
        return vectors


def int8_encoder(
    model: Bert, examples: Sequence[Sequence[int]], n_layers: int | None = None
) -> PackedEncoder:
    """Return the packed encoder with products in 8 bits, smoothed by some examples.

    `examples` are token ids of texts like those to come; a few dozen are enough.
    """
    largest: list[Tensor] = []

    def watched(weight: Tensor, bias: Tensor) -> Linear:
        place = len(largest)
        largest.append(torch.zeros(weight.shape[1]))

        def multiply(x: Tensor) -> Tensor:
            largest[place] = torch.maximum(largest[place], x.abs().amax(dim=0))
            return F.linear(x, weight, bias)

        return multiply

    PackedEncoder(model, watched, n_layers)(examples)
    seen = iter(largest)  # the layers ask for their products in the same order
    return PackedEncoder(
        model, lambda w, b: smooth_int8_route(w, b, next(seen)), n_layers
    )
