"""Decoder layers with one mistake each, for the check of 06-layer."""

import torch

from course_utils.checks.lesson06.inputs import Layer

__all__ = [
    "AlwaysPost",
    "AlwaysPre",
    "CausalTwice",
    "DropsAlways",
    "Fixed",
    "MasksSwapped",
    "MemoryAsks",
    "MemoryNormed",
    "NoDropout",
    "NoMask",
    "NoRead",
    "NoResidual",
    "NoSourceMask",
    "NormAtEnd",
    "OneAttention",
    "OneNorm",
    "OwnEps",
    "ReadReplaces",
    "ReadsFirst",
    "ReadsItself",
    "ReadsItselfBack",
    "RoadNormed",
]


class NoResidual(Layer):
    """Nothing is added: each part replaces what came in."""

    def join(self, number, x, part):
        if self.first:
            return self.drop(part(self.norm(number, x)))
        return self.norm(number, self.drop(part(x)))


class ReadReplaces(Layer):
    """Reading replaces x; the other parts are added."""

    def join(self, number, x, part):
        if number != 2:
            return super().join(number, x, part)
        if self.first:
            return self.drop(part(self.norm(2, x)))
        return self.norm(2, self.drop(part(x)))


class RoadNormed(Layer):
    """Pre-norm norms the road itself, not what turns off from it."""

    def join(self, number, x, part):
        if self.first:
            x = self.norm(number, x)
            return x + self.drop(part(x))
        return super().join(number, x, part)


class AlwaysPre(Layer):
    """The order is pre-norm, whatever the config says."""

    first = True


class AlwaysPost(Layer):
    """The order is post-norm, whatever the config says."""

    first = False


class OneNorm(Layer):
    """One norm serves all three parts."""

    def norm(self, number, x):
        return super().norm(1, x)


class MemoryNormed(Layer):
    """The memory is normed a second time."""

    def read(self, x, memory, source_mask):
        if self.first:
            memory = self.norm(2, memory)
        return super().read(x, memory, source_mask)


class ReadsItself(Layer):
    """The cross-attention looks at the target."""

    def read(self, x, memory, source_mask):
        return self.look("cross_attention", x, x, source_mask)


class ReadsItselfBack(Layer):
    """Both attentions look back: the memory is never read."""

    def order(self, memory, mask, source_mask):
        return (
            lambda h: self.back(h, mask),
            lambda h: self.look("cross_attention", h, h, mask),
            self.think,
        )


class MemoryAsks(Layer):
    """The memory asks and the target answers."""

    def read(self, x, memory, source_mask):
        return self.look("cross_attention", memory, x, source_mask)


class NoRead(Layer):
    """The source is never read."""

    def join(self, number, x, part):
        return x if number == 2 else super().join(number, x, part)


class ReadsFirst(Layer):
    """Reading comes before looking back."""

    def order(self, *given):
        back, read, think = super().order(*given)
        return read, back, think


class OneAttention(Layer):
    """One attention serves both parts."""

    def read(self, x, memory, source_mask):
        return self.look("self_attention", x, memory, source_mask)


class MasksSwapped(Layer):
    """The two masks have changed places."""

    def order(self, memory, mask, source_mask):
        return super().order(memory, source_mask, mask)


class CausalTwice(Layer):
    """The causal mask hides the source as well."""

    def order(self, memory, mask, source_mask):
        return super().order(memory, mask, mask)


class NoMask(Layer):
    """The mask for looking back is never used."""

    def order(self, memory, mask, source_mask):
        return super().order(memory, None, source_mask)


class NoSourceMask(Layer):
    """The mask for the source is never used."""

    def order(self, memory, mask, source_mask):
        return super().order(memory, mask, None)


class NormAtEnd(Layer):
    """A pre-norm layer ends in one more norm."""

    def forward(self, *given):
        out = super().forward(*given)
        return self.norm(3, out) if self.first else out


class DropsAlways(Layer):
    """Dropout goes on when the layer is in use."""

    def drop(self, x):
        return x * (torch.rand_like(x) < 1 - self.config.dropout)


class OwnEps(Layer):
    """The norms have PyTorch's own eps."""

    eps = 1e-5


class NoDropout(Layer):
    """Nothing is ever dropped."""

    def drop(self, x):
        return x


class Fixed(Layer):
    """The layer ignores which attention it is given."""

    def __init__(self, config, attention=None):
        super().__init__(config)
