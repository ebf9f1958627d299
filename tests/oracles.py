"""What the oracles share: random numbers, gradients, and the models to compare with."""

import math
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.tolerances import assert_same

DTYPES = (torch.float32, torch.float64)


class Trace(NamedTuple):
    """What a function returned, and the gradients of its inputs and weights."""

    output: Tensor
    inputs: dict[str, Tensor]
    weights: dict[str, Tensor]


def draw(*shape, seed=0, dtype=torch.float32):
    """Draw normal numbers that depend on the seed and shape only."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


def keep(*shape, seed=0):
    """Draw a mask that allows about two thirds, and in each row the first key."""
    allowed = draw(*shape, seed=seed) > -0.4
    allowed[..., 0] = True
    return allowed


def both_norms(config, **fields):
    """Return the pre-norm and the post-norm variant, as parameters of a test."""
    pre, post = (replace(config, norm_first=first, **fields) for first in (True, False))
    return [pytest.param(pre, id="pre"), pytest.param(post, id="post")]


def randomize(module, seed=0):
    """Add noise to every weight, so that no bias is 0 and no norm's scale is 1."""
    with torch.no_grad():
        for number, weight in enumerate(module.parameters()):
            noise = draw(*weight.shape, seed=1000 * seed + number, dtype=weight.dtype)
            weight += 0.1 * noise
    return module


def trace(function, *inputs, module=None):
    """Call the function, send one fixed gradient back, and collect all gradients."""
    leaves = {
        f"input {number}": x.detach().clone().requires_grad_()
        for number, x in enumerate(inputs)
    }
    output = function(*leaves.values())
    back = draw(*output.shape, seed=77, dtype=output.dtype)
    back = back / math.sqrt(back.numel())
    weights = dict(module.named_parameters()) if module is not None else {}
    asked = [*leaves.values(), *weights.values()]
    grads = torch.autograd.grad(output, asked, back, materialize_grads=True)
    return Trace(
        output.detach(),
        dict(zip(leaves, grads[: len(leaves)], strict=True)),
        dict(zip(weights, grads[len(leaves) :], strict=True)),
    )


def assert_same_trace(ours, theirs, carry=dict):
    """Demand equal outputs and gradients; `carry` renames the oracle's weights."""
    assert_same(ours.output, theirs.output)
    assert_same(ours.inputs, theirs.inputs, "gradient of")
    assert_same(ours.weights, carry(theirs.weights), "gradient of")


def carried(ours, theirs, carry, seed=0):
    """Give both the same random weights; every name must find its place."""
    randomize(theirs, seed)
    ours = ours.to(next(theirs.parameters()).dtype)
    ours.load_state_dict(carry(dict(theirs.named_parameters())), strict=True)
    return ours, theirs


def torch_layer(kind, config, dtype=torch.float32):
    """Build torch's layer of the same sizes: `kind` is Encoder or Decoder."""
    curves = {"gelu_tanh": partial(F.gelu, approximate="tanh")}
    return getattr(nn, f"Transformer{kind}Layer")(
        config.d_model,
        config.n_heads,
        config.d_ff,
        config.dropout,
        curves.get(config.activation, config.activation),
        config.norm_eps,
        batch_first=True,
        norm_first=config.norm_first,
        dtype=dtype,
    )


def torch_stack(kind, config, dtype=torch.float32):
    """Build torch's encoder or decoder; as ours, it ends in a norm if pre-norm."""
    norm = nn.LayerNorm(config.d_model, config.norm_eps, dtype=dtype)
    options = {"enable_nested_tensor": False} if kind == "Encoder" else {}
    return getattr(nn, f"Transformer{kind}")(
        torch_layer(kind, config, dtype),
        config.n_layers,
        norm if config.norm_first else None,
        **options,
    )
