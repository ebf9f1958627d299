"""Sparsity: zeros in place of single weights (lesson 32).

A mask keeps the size of a matrix, and so its time; a sparse format stores and
multiplies the nonzero weights alone, which pays only when few are left.
"""

import warnings
from collections.abc import Callable, Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

__all__ = [
    "SparseLinear",
    "apply_masks",
    "hold_masks",
    "keep_largest",
    "magnitude_mask",
    "n_of_m_mask",
    "random_mask",
    "wanda_mask",
]


def keep_largest(scores: Float[Tensor, "*size"], share: float) -> Bool[Tensor, "*size"]:
    """Return True at the `share` of all places with the highest scores.

    Exactly round(share · number) places; of equal scores the earlier ones stay.

    Raises:
        ValueError: the share lies outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share={share} must lie in [0, 1]; 0.5 keeps every second")
    order = scores.flatten().argsort(descending=True, stable=True)
    mask = torch.zeros_like(order, dtype=torch.bool)
    mask[order[: round(share * len(order))]] = True
    return mask.view(scores.shape)


def magnitude_mask(weight: Float[Tensor, "M N"], share: float) -> Bool[Tensor, "M N"]:
    """Keep the `share` of the weights that are farthest from zero.

    Source: Han et al. 2015, arXiv 1506.02626, section 3.
    """
    return keep_largest(weight.abs(), share)


def random_mask(
    weight: Float[Tensor, "M N"], share: float, seed: int = 0
) -> Bool[Tensor, "M N"]:
    """Keep a random `share` of the weights: what any other mask has to beat."""
    dice = torch.Generator().manual_seed(seed)
    return keep_largest(torch.rand(weight.shape, generator=dice), share)


def n_of_m_mask(
    scores: Float[Tensor, "M N"], n: int = 2, m: int = 4
) -> Bool[Tensor, "M N"]:
    """Keep the n highest scores among every m neighbors of a row (2:4 sparsity).

    Source: Mishra et al. 2021, arXiv 2104.08378, section 3.

    Raises:
        ValueError: n is not between 1 and m, or m does not divide the row.
    """
    if not 1 <= n <= m or scores.shape[1] % m:
        raise ValueError(
            f"n={n} of m={m} does not fit rows of {scores.shape[1]}; n must be at "
            f"least 1 and at most m, and m must divide the row"
        )
    groups = scores.reshape(-1, m)
    best = groups.argsort(dim=1, descending=True, stable=True)[:, :n]
    mask = torch.zeros_like(groups, dtype=torch.bool).scatter(1, best, True)
    return mask.view(scores.shape)


def wanda_mask(
    weight: Float[Tensor, "M N"], inputs: Float[Tensor, "*batch N"], share: float
) -> Bool[Tensor, "M N"]:
    """Keep, in each row, the `share` with the largest |weight| · ‖its input‖.

    A small weight on a loud input matters more than a large one on a silent input.

    Source: Sun et al. 2024, arXiv 2306.11695, equation 1 and section 3.
    """
    loudness = inputs.flatten(end_dim=-2).norm(dim=0)
    scores = weight.abs() * loudness
    return torch.stack([keep_largest(row, share) for row in scores])


@torch.no_grad()
def apply_masks(
    model: nn.Module, share: float, choose: Callable = magnitude_mask
) -> dict[str, Bool[Tensor, "_ _"]]:
    """Zero all but a `share` of the weights of each linear map; return the masks.

    `choose(weight, share)` returns a mask. Embeddings, norms and biases stay whole.
    """
    masks = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            masks[name] = choose(module.weight, share)
            module.weight *= masks[name]
    return masks


@torch.no_grad()
def hold_masks(model: nn.Module, masks: Mapping[str, Bool[Tensor, "_ _"]]) -> None:
    """Zero the masked weights again; call it after every training step."""
    for name, mask in masks.items():
        model.get_submodule(name).weight *= mask


class SparseLinear(nn.Module):
    """A linear map that stores its nonzero weights alone, row by row (CSR).

    Each nonzero takes its value (4 bytes) and its column (4 bytes), so that fewer
    than half of the weights must remain before the file is smaller.
    """

    def __init__(self, linear: nn.Linear):
        super().__init__()
        with warnings.catch_warnings():  # torch says once that the format is young
            warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
            csr = linear.weight.detach().to_sparse_csr()
        self.register_buffer("rows", csr.crow_indices().int())
        self.register_buffer("columns", csr.col_indices().int())
        self.register_buffer("values", csr.values())
        self.register_buffer("bias", linear.bias)
        self.size = tuple(linear.weight.shape)

    def forward(self, x: Float[Tensor, "*batch N"]) -> Float[Tensor, "*batch M"]:
        weight = torch.sparse_csr_tensor(
            self.rows, self.columns, self.values, self.size, check_invariants=False
        )
        out = (weight @ x.reshape(-1, x.shape[-1]).T).T
        out = out if self.bias is None else out + self.bias
        return out.reshape(*x.shape[:-1], self.size[0])
