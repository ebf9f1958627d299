"""Pruning: take whole heads, hidden units and layers out of a model (lesson 32).

What goes leaves matrices that *are* smaller, so that any machine is faster with them.
"""

import copy
from collections.abc import Callable, Iterable, Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_utils.encoder import FeedForward
from course_utils.multihead import MultiHeadAttention
from course_utils.smaller.parts import (
    channels,
    check_kept,
    last_map,
    parts_of,
    recorded_inputs,
    sum_by_unit,
    units_of,
)
from course_utils.smaller.sparsity import keep_largest

__all__ = [
    "cut_linear",
    "keep_columns",
    "keep_heads",
    "keep_layers",
    "kept_parts",
    "load_pruned",
    "magnitude_scores",
    "mask_out",
    "prune",
    "pruned_flops",
    "taylor_scores",
]


def cut_linear(
    linear: nn.Linear, rows: Tensor | None = None, columns: Tensor | None = None
) -> nn.Linear:
    """Return a smaller linear map: some outputs (rows), some inputs (columns)."""
    weight, bias = linear.weight.detach(), linear.bias
    if rows is not None:
        weight, bias = weight[rows], None if bias is None else bias.detach()[rows]
    if columns is not None:
        weight = weight[:, columns]
    smaller = nn.Linear(weight.shape[1], weight.shape[0], bias is not None)
    smaller = smaller.to(weight)
    smaller.weight.data.copy_(weight)
    if bias is not None:
        smaller.bias.data.copy_(bias)
    return smaller


def keep_heads(attention: MultiHeadAttention, kept: Int[Tensor, " K"]) -> None:
    """Shrink an attention, in place, to some of its heads.

    q, k and v lose rows, the output projection columns: 4 C D weights and 3 D biases
    for each head. The width C of what goes in and out stays.

    Source: Michel et al. 2019, arXiv 1905.10650, section 2.3.
    """
    check_kept(kept, attention.n_heads, "heads")
    width = attention.q_proj.out_features // attention.n_heads
    rows = channels(kept, width)
    for name in ("q_proj", "k_proj", "v_proj"):
        setattr(attention, name, cut_linear(getattr(attention, name), rows=rows))
    attention.out_proj = cut_linear(attention.out_proj, columns=rows)
    attention.n_heads = len(kept)


def keep_columns(feed_forward: FeedForward, kept: Int[Tensor, " K"]) -> None:
    """Shrink a feed-forward, in place, to some of its F hidden units.

    Each unit is a row of the first map and a column of the second: 2 C + 1 weights.
    """
    check_kept(kept, feed_forward.up_proj.out_features, "hidden units")
    feed_forward.up_proj = cut_linear(feed_forward.up_proj, rows=kept)
    feed_forward.down_proj = cut_linear(feed_forward.down_proj, columns=kept)


def keep_layers(stack: nn.Module, kept: Int[Tensor, " K"]) -> None:
    """Shrink an Encoder or Decoder, in place, to some of its layers, in their order.

    Source: Fan et al. 2020, arXiv 1909.11556, section 3.
    """
    check_kept(kept, len(stack.layers), "layers")
    stack.layers = nn.ModuleList([stack.layers[i] for i in kept.tolist()])


SHRINK = {MultiHeadAttention: keep_heads, FeedForward: keep_columns}


def prune(model: nn.Module, kept: Mapping[str, Int[Tensor, " _"]]) -> nn.Module:
    """Return a smaller copy: `kept` names a part and what stays of it.

    `{"encoder.layers.0.attention": tensor([0, 2])}` keeps two heads there, a
    feed-forward keeps hidden units, an Encoder or Decoder keeps layers; layers are
    counted before any of them goes. `kept_parts` cuts all parts alike.

    Raises:
        ValueError: a name is no such part, or an index does not exist in it.
    """
    smaller = copy.deepcopy(model)
    parts = dict(smaller.named_modules())
    for name in sorted(kept, key=lambda name: -name.count(".")):
        part = parts.get(name)
        stack = keep_layers if hasattr(part, "layers") else None
        shrink = SHRINK.get(type(part), stack)
        if shrink is None:
            raise ValueError(
                f"{name!r} is no attention, feed-forward or stack of layers of this "
                f"model; known: {', '.join(parts_of(model))}"
            )
        shrink(part, kept[name])
    return smaller


def load_pruned(
    model: nn.Module, state: Mapping[str, Float[Tensor, "..."]]
) -> nn.Module:
    """Return a copy of `model`, cut to the sizes in `state`, with its weights.

    `model` has the sizes from before pruning, layers already counted as they are in
    `state`. The sizes are read from the shapes, so that a file needs no list of them.
    """
    kept = {}
    for name, part in parts_of(model).items():
        last = "out_proj" if isinstance(part, MultiHeadAttention) else "down_proj"
        width = last_map(part).in_features // units_of(part)
        kept[name] = torch.arange(state[f"{name}.{last}.weight"].shape[1] // width)
    smaller = prune(model, kept)
    smaller.load_state_dict(state, strict=True)
    return smaller


@torch.no_grad()
def mask_out(model: nn.Module, kept: Mapping[str, Int[Tensor, " _"]]) -> nn.Module:
    """Return a copy of the full size that computes what `prune` computes.

    What would be removed is multiplied by zero, in the last map of its part. Of
    attentions and feed-forwards only; the pruned model's oracle.
    """
    masked = copy.deepcopy(model)
    for name, numbers in kept.items():
        part = masked.get_submodule(name)
        last, columns = last_map(part), numbers
        if isinstance(part, MultiHeadAttention):
            columns = channels(numbers, last.in_features // part.n_heads)
        mask = torch.zeros(last.in_features, dtype=last.weight.dtype)
        mask[columns] = 1
        last.weight *= mask
    return masked


# --- which parts matter ------------------------------------------------------------


@torch.no_grad()
def magnitude_scores(model: nn.Module) -> dict[str, Float[Tensor, " _"]]:
    """Score each head and hidden unit by its weights: Σ w² of what it would take along.

    Source: Li et al. 2017, arXiv 1608.08710, section 3.1, with squares.
    """
    scores = {}
    for name, part in parts_of(model).items():
        last = last_map(part)
        first = [m for m in part.children() if isinstance(m, nn.Linear)]
        own = sum(m.weight.square().sum(dim=1) for m in first if m is not last)
        scores[name] = sum_by_unit(part, own + last.weight.square().sum(dim=0))
    return scores


def taylor_scores(
    model: nn.Module, batches: Iterable[tuple[Tensor, ...]], loss: Callable
) -> dict[str, Float[Tensor, " _"]]:
    """Score each head and hidden unit by how much the loss would change without it.

    Imagine a gate g behind each unit's output h, so that g · h goes on. By the
    first-order Taylor expansion, closing it, from 1 to 0, changes the loss by the
    gate's slope, and that is Σ h · ∂loss/∂h. The sum runs over one sentence, and its
    absolute value is added up over the sentences, so that a unit which helps one and
    harms another counts for both; then the mean over the batches. `loss(model, batch)`
    as `training.translation_loss`, a mean over words: long sentences count for more.

    Source: Michel et al. 2019, arXiv 1905.10650, equation 2; Molchanov et al. 2019,
    arXiv 1906.10771, equation 8.

    Raises:
        ValueError: there is no batch.
    """
    parts, batches = parts_of(model), list(batches)
    if not batches:
        raise ValueError("there are no batches; give at least one to score on")
    scores = {name: torch.zeros(units_of(part)) for name, part in parts.items()}
    with recorded_inputs({n: last_map(part) for n, part in parts.items()}) as inputs:
        for batch in batches:
            found = loss(model, batch)
            slopes = torch.autograd.grad(found, list(inputs.values()))
            for (name, h), slope in zip(inputs.items(), slopes, strict=True):
                gates = sum_by_unit(parts[name], (h.detach() * slope).sum(dim=1))
                mean = gates.abs().sum(dim=0) / len(batches)
                scores[name] = scores[name].to(mean) + mean
    return scores


def kept_parts(
    scores: Mapping[str, Float[Tensor, " _"]], heads: float = 1.0, units: float = 1.0
) -> dict[str, Int[Tensor, " _"]]:
    """Choose, in every part, the share of heads or hidden units with the best scores.

    Each part keeps the same share, at least one, in its old order; names that end in
    `feed_forward` hold hidden units. For `prune`.

    Raises:
        ValueError: a share lies outside (0, 1].
    """
    kept = {}
    for name, values in scores.items():
        share = units if name.endswith("feed_forward") else heads
        if not 0 < share <= 1:
            raise ValueError(f"share={share} must lie in (0, 1]; 1 keeps everything")
        best = keep_largest(values, max(share, 1 / len(values)))
        kept[name] = best.nonzero().flatten()
    return kept


# --- what it will cost -------------------------------------------------------------


def pruned_flops(stack: nn.Module, T: int, S: int | None = None) -> int:
    """Predict the operations of the matrix products of an Encoder or Decoder.

    As `costs.forward_flops`, but read from the maps as they are: 2 T · in · out for a
    linear map, 4 T S · H D for the scores and averages of H heads of width D. `S` is
    the length of the source that a decoder reads.
    """
    total, S = 0, T if S is None else S
    for name, part in parts_of(stack).items():
        keys = S if name.endswith("cross_attention") else T
        for short, linear in part.named_children():
            rows = keys if short in ("k_proj", "v_proj") else T
            total += 2 * rows * linear.weight.numel()
        if isinstance(part, MultiHeadAttention):
            total += 4 * T * keys * part.q_proj.out_features
    return total
