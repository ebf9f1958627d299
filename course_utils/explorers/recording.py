"""Look over the shoulder of attention while a model runs."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from torch import Tensor

from course_utils.attention import attention_weights
from course_utils.multihead import MultiHeadAttention

__all__ = ["recorded"]


@contextmanager
def recorded(modules: Iterable[MultiHeadAttention]) -> Iterator[list[Tensor]]:
    """Collect the weights `(B, H, T, S)` of each call of `modules`, in order.

    The modules compute what they always do; on leaving, they are as before.
    """
    modules, weights = list(modules), []
    before = [module.attention for module in modules]

    def watch(attention):
        def watched(q, k, v, mask=None):
            weights.append(attention_weights(q, k, mask).detach())
            return attention(q, k, v, mask)

        return watched

    for module, attention in zip(modules, before, strict=True):
        module.attention = watch(attention)
    try:
        yield weights
    finally:
        for module, attention in zip(modules, before, strict=True):
            module.attention = attention
