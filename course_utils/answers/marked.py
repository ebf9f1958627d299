"""The parts of a translator, some of them marked: whoever leaves one out is seen."""

from types import SimpleNamespace

import torch
from torch import Tensor

from course_utils.answers.objects import average_values
from course_utils.attention import scaled_dot_product_attention
from course_utils.decoder import DecoderLayer
from course_utils.encoder import EncoderLayer
from course_utils.multihead import MultiHeadAttention
from course_utils.positions import SinusoidalPositions

__all__ = ["parts"]

PACKAGE = {
    "attention": scaled_dot_product_attention,
    "MultiHeadAttention": MultiHeadAttention,
    "SinusoidalPositions": SinusoidalPositions,
    "EncoderLayer": EncoderLayer,
    "DecoderLayer": DecoderLayer,
}


def parts(*marked: str) -> SimpleNamespace:
    """Return the package's parts by name, those that are named in a marked version.

    A marked part has the weights of the real one and gives another result.
    """
    return SimpleNamespace(**PACKAGE | {name: MARKED[name] for name in marked})


class TurnedHeads(MultiHeadAttention):
    """Turn the sign of what the heads found."""

    def forward(self, x: Tensor, source: Tensor, mask=None) -> Tensor:
        return -super().forward(x, source, mask)


class LoudPositions(SinusoidalPositions):
    """Add every sinusoid twice."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x) - x


class BackwardReader(EncoderLayer):
    """Read the channels of each word from the last to the first."""

    def forward(self, x: Tensor, mask=None) -> Tensor:
        return super().forward(x.flip(-1), mask)


class BackwardWriter(DecoderLayer):
    """Read the channels of each word from the last to the first."""

    def forward(self, x: Tensor, memory: Tensor, mask=None, source_mask=None):
        return super().forward(torch.flip(x, (-1,)), memory, mask, source_mask)


MARKED = {
    "attention": average_values,
    "MultiHeadAttention": TurnedHeads,
    "SinusoidalPositions": LoudPositions,
    "EncoderLayer": BackwardReader,
    "DecoderLayer": BackwardWriter,
}
