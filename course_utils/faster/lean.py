"""The lean loop: what a token needs and nothing else (lesson 21).

What surrounds a product (modules, views, copies) costs a small model as much as the
product. Here all that does not depend on the token is done once: weights are joined,
transposed and scaled, and the cache is cut for every length. One text a time, greedy.
"""

import math
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_utils.encoder import FeedForward
from course_utils.multihead import MultiHeadAttention
from course_utils.positions import check_length
from course_utils.transformer import Embedding, LanguageModel, Transformer

__all__ = [
    "ACTIVATIONS",
    "LeanText",
    "LookBack",
    "Norm",
    "Product",
    "Think",
    "Words",
    "check_lean",
    "joined_product",
    "out_product",
    "plain_product",
]

# Takes rows `(T, I)` and returns `(T, O)`, in `out` if that is given.
Product = Callable[..., Float[Tensor, "T O"]]
ACTIVATIONS = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
}


def plain_product(weight: Float[Tensor, "O I"], bias: Float[Tensor, " O"]) -> Product:
    """Return the product of `nn.Linear`, its weight transposed once.

    A single row then meets the weight in the order in which it lies in memory.
    """
    turned = weight.T.contiguous()
    return lambda x, out=None: torch.addmm(bias, x, turned, out=out)


class Norm:
    """Layer norm without the module around it."""

    def __init__(self, norm: nn.LayerNorm):
        self.rest = norm.normalized_shape, norm.weight, norm.bias, norm.eps

    def __call__(self, x: Float[Tensor, "T C"]) -> Float[Tensor, "T C"]:
        return torch.layer_norm(x, *self.rest)


class Think:
    """The feed-forward part of a layer."""

    def __init__(self, part: FeedForward, norm: nn.LayerNorm, product: Callable):
        self.norm, self.activation = Norm(norm), ACTIVATIONS[part.activation]
        self.up = product(part.up_proj.weight, part.up_proj.bias)
        self.down = product(part.down_proj.weight, part.down_proj.bias)

    def __call__(self, x: Float[Tensor, "T C"]) -> Float[Tensor, "T C"]:
        return self.down(self.activation(self.up(self.norm(x)))).add_(x)


class LookBack:
    """Self-attention of one layer over a cache, one token a call.

    A token's key, value and query come out of one product, straight into the cache:
    row t of it is `[key, value]`, and the query behind them lies where the next token
    will write its key. By then nobody needs it.
    """

    def __init__(
        self,
        part: MultiHeadAttention,
        norm: nn.LayerNorm,
        product: Callable,
        max_len: int,
    ):
        self.norm, self.out = Norm(norm), out_product(part, product)
        self.kvq = joined_product(part, "kvq", product)
        H, A = part.n_heads, part.k_proj.out_features
        D = A // H
        self.memory = part.k_proj.weight.new_zeros(max_len * 2 * A + A)
        rows = self.memory.unfold(0, 3 * A, 2 * A).unsqueeze(1)  # (max_len, 1, 3 A)
        pairs = self.memory[: max_len * 2 * A].view(max_len, 2, H, D)
        keys, values = pairs[:, 0].permute(1, 2, 0), pairs[:, 1].transpose(0, 1)
        queries = rows[:, :, 2 * A :].unflatten(2, (H, D)).transpose(1, 2)
        lengths = range(1, max_len + 1)
        self.places = list(
            zip(
                rows.unbind(0),  # where a token's product goes, (1, 3 A)
                queries.unbind(0),  # (H, 1, D)
                [keys[:, :, :n] for n in lengths],  # (H, D, n)
                [values[:, :n] for n in lengths],  # (H, n, D)
                strict=True,
            )
        )

    def __call__(self, x: Float[Tensor, "1 C"], t: int) -> Float[Tensor, "1 C"]:
        row, q, k, v = self.places[t]
        self.kvq(self.norm(x), out=row)
        seen = torch.bmm(torch.bmm(q, k).softmax(-1), v)
        return self.out(seen.view(1, -1)).add_(x)


def joined_product(
    part: MultiHeadAttention, letters: str, product: Callable
) -> Product:
    """Return one product for several projections; 1/√D is put into the queries'."""
    weights, biases = [], []
    for letter in letters:
        layer = getattr(part, f"{letter}_proj")
        D = layer.out_features // part.n_heads
        scale = 1 / math.sqrt(D) if letter == "q" else 1.0
        weights.append(layer.weight * scale)
        biases.append(layer.bias * scale)
    return product(torch.cat(weights), torch.cat(biases))


def out_product(part: MultiHeadAttention, product: Callable) -> Product:
    """Return the product that follows the heads."""
    return product(part.out_proj.weight, part.out_proj.bias)


class Words:
    """Token vectors with their positions, and back to scores."""

    def __init__(self, embedding: Embedding):
        weight, self.table = embedding.token.weight, embedding.positions.table
        self.vectors, self.turned = weight * embedding.scale, weight.T.contiguous()
        self.rows, self.places = self.vectors.split(1), self.table.split(1)

    def one(self, token: int, t: int) -> Float[Tensor, "1 C"]:
        """Embed the token at position t."""
        return self.rows[token] + self.places[t]

    def scores(self, x: Float[Tensor, "1 C"]) -> Float[Tensor, "1 V"]:
        """Score every token of the vocabulary."""
        return torch.mm(x, self.turned)


def check_lean(model: LanguageModel | Transformer) -> None:
    """Refuse what the lean loop leaves out.

    Raises:
        ValueError: the model is post-norm or normalizes its embeddings.
    """
    config = model.config
    if not config.norm_first or config.norm_embeddings:
        raise ValueError(
            f"the lean loop is for pre-norm models, this one has norm_first="
            f"{config.norm_first} and norm_embeddings={config.norm_embeddings}; "
            f"use course_utils.faster.cache, which knows both"
        )


class LeanText:
    """Continue a text with a language model: `lean(prefix, max_new)`.

    `product(weight, bias)` makes the function that multiplies by a weight; another one
    may hold it in fewer bits. Weights are copied, so make a new one after training.
    Source of the idea: PyTorch's gpt-fast, and its blog "Accelerating Generative AI
    with PyTorch II" (2023).

    Raises:
        ValueError: the model is not pre-norm, or a text does not fit into it.
    """

    @torch.no_grad()
    def __init__(self, model: LanguageModel, product: Callable = plain_product):
        check_lean(model)
        self.max_len, self.words = model.config.max_len, Words(model.embedding)
        self.layers = [
            (
                LookBack(layer.attention, layer.norm1, product, self.max_len),
                Think(layer.feed_forward, layer.norm2, product),
            )
            for layer in model.blocks.layers
        ]
        self.norm = Norm(model.blocks.norm)

    @torch.inference_mode()
    def __call__(self, prefix: list[int], max_new: int, end_id: int = 2) -> list[int]:
        """Return the prefix and up to `max_new` of the most probable tokens."""
        ids, last = list(prefix), len(prefix) + max_new - 1
        check_length(last, self.max_len)
        for t in range(last):
            x = self.read(ids[t], t)
            if t + 1 == len(ids):
                ids.append(int(self.words.scores(self.norm(x)).argmax()))
                if ids[-1] == end_id:
                    break
        return ids

    def read(self, token: int, t: int) -> Float[Tensor, "1 C"]:
        """Send the token at position t through all layers; the cache keeps it."""
        x = self.words.one(token, t)
        for look_back, think in self.layers:
            x = think(look_back(x, t))
        return x

    @torch.inference_mode()
    def nats(self, ids: list[int]) -> float:
        """Return the mean loss of tokens 1, 2, ... given those before them."""
        check_length(len(ids) - 1, self.max_len)
        rows = [self.read(token, t) for t, token in enumerate(ids[:-1])]
        scores = self.words.scores(self.norm(torch.cat(rows)))
        return float(F.cross_entropy(scores, torch.tensor(ids[1:])))
