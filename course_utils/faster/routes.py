"""Several ways to compute the same matrix product, and which one this machine likes.

Each maker takes `(weight, bias)` and returns a function of x. Private operations of
torch stand behind a probe: they are tried once, compared with the plain product, and
timed; where one is missing, wrong or slower, the plain product stays.
"""

from collections.abc import Callable
from functools import cache

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int8
from torch import Tensor

from course_utils.measure import least_seconds
from course_utils.smaller.int8 import int8_linear, quantize, symmetric_scale
from course_utils.smaller.kernels import packed_int8_linear, top_level

__all__ = [
    "blocked_linear",
    "fast_linear",
    "int8_route",
    "int8_rows",
    "plain_linear",
    "smooth_int8_route",
]

Linear = Callable[[Tensor], Tensor]
PAYS = 1.05  # a private route must be faster by this much to be worth it


def plain_linear(
    weight: Float[Tensor, "N C"], bias: Float[Tensor, " N"] | None = None
) -> Linear:
    """Return torch's own product, `F.linear`."""
    return lambda x: F.linear(x, weight, bias)


def blocked_linear(
    weight: Float[Tensor, "N C"], bias: Float[Tensor, " N"] | None = None
) -> Linear | None:
    """Return oneDNN's product, the weight laid out in blocks once; None without it.

    The numbers are the same up to rounding; the order in memory is the one in which
    the processor's widest registers read them.
    """
    try:
        blocks = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous())
        multiply = torch.ops.mkldnn._linear_pointwise
        multiply(weight[:1], blocks, bias, "none", [], "")
    except (AttributeError, NotImplementedError, RuntimeError):
        return None
    return lambda x: multiply(x, blocks, bias, "none", [], "")


@cache
def blocks_pay(N: int, C: int, rows: int = 128) -> bool:
    """Say whether `blocked_linear` is right and faster here for this size."""
    dice = torch.Generator().manual_seed(0)
    weight, x = torch.randn(N, C, generator=dice), torch.randn(rows, C, generator=dice)
    plain, blocked = plain_linear(weight), blocked_linear(weight)
    if blocked is None:
        return False
    with torch.inference_mode():
        expected = plain(x)
        if (blocked(x) - expected).abs().max() > 1e-5 * expected.abs().max():
            return False
        slow, fast = least_seconds([lambda: plain(x), lambda: blocked(x)])
    return slow > PAYS * fast


def fast_linear(
    weight: Float[Tensor, "N C"], bias: Float[Tensor, " N"] | None = None
) -> Linear:
    """Return the fastest exact product on this machine, up to rounding in float32."""
    if weight.device.type == "cpu" and blocks_pay(*weight.shape):
        return blocked_linear(weight, bias)
    return plain_linear(weight, bias)


def int8_rows(
    weight: Float[Tensor, "N C"],
) -> tuple[Int8[Tensor, "N C"], Float[Tensor, "N 1"]]:
    """Return integers and a scale for each row that the packed kernel multiplies right.

    On a processor whose sums would saturate, weights keep 7 bits, so that activations,
    which need them more, keep 8.
    """
    scale = symmetric_scale(weight, dim=-1) * (127 / top_level())
    return quantize(weight, scale), scale


def int8_route(
    weight: Float[Tensor, "N C"], bias: Float[Tensor, " N"] | None = None
) -> Linear:
    """Return a product in 8-bit integers: a scale for each token and each row.

    The packed kernel where the probe finds one, else the plain one, which is right
    everywhere and fast nowhere.
    """
    q, scale = int8_rows(weight)
    return packed_int8_linear(q, scale, bias) or (
        lambda x: int8_linear(x, q, scale, bias)
    )


def smooth_int8_route(
    weight: Float[Tensor, "N C"],
    bias: Float[Tensor, " N"] | None,
    largest: Float[Tensor, " C"],
) -> Linear:
    """Return `int8_route` of inputs whose outlying channels are made smaller first.

    `largest` holds the largest |input| of each channel on some texts. Channel c of x is
    divided, and column c of the weight multiplied, by sqrt(largest / largest weight):
    the product stays, but no channel eats up the levels of all others.

    Source: Xiao et al. 2022, arXiv 2211.10438, equation 4 with alpha = 0.5.
    """
    columns = weight.abs().amax(dim=0).clamp(min=1e-5)
    share = (columns / largest.clamp(min=1e-5)).sqrt()
    multiply = int8_route(weight / share, bias)
    return lambda x: multiply(x * share)
