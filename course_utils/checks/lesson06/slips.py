"""Decoder layers with one mistake each, for the check of 06-layer."""

import torch

from course_utils.checks.lesson06.inputs import Layer

__all__ = ["Fixed"]


class NoResidual(Layer):
    def join(self, number, x, part):
        if self.first:
            return self.drop(part(self.norm(number, x)))
        return self.norm(number, self.drop(part(x)))


class ReadReplaces(Layer):
    def join(self, number, x, part):
        if number != 2:
            return super().join(number, x, part)
        if self.first:
            return self.drop(part(self.norm(2, x)))
        return self.norm(2, self.drop(part(x)))


class RoadNormed(Layer):
    def join(self, number, x, part):
        if self.first:
            x = self.norm(number, x)
            return x + self.drop(part(x))
        return super().join(number, x, part)


class AlwaysPre(Layer):
    first = True


class AlwaysPost(Layer):
    first = False


class OneNorm(Layer):
    def norm(self, number, x):
        return super().norm(1, x)


class MemoryNormed(Layer):
    def read(self, x, memory, source_mask):
        if self.first:
            memory = self.norm(2, memory)
        return super().read(x, memory, source_mask)


class ReadsItself(Layer):
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
    def read(self, x, memory, source_mask):
        return self.look("cross_attention", memory, x, source_mask)


class NoRead(Layer):
    def join(self, number, x, part):
        return x if number == 2 else super().join(number, x, part)


class ReadsFirst(Layer):
    def order(self, *given):
        back, read, think = super().order(*given)
        return read, back, think


class OneAttention(Layer):
    def read(self, x, memory, source_mask):
        return self.look("self_attention", x, memory, source_mask)


class MasksSwapped(Layer):
    def order(self, memory, mask, source_mask):
        return super().order(memory, source_mask, mask)


class CausalTwice(Layer):
    def order(self, memory, mask, source_mask):
        return super().order(memory, mask, mask)


class NoMask(Layer):
    def order(self, memory, mask, source_mask):
        return super().order(memory, None, source_mask)


class NoSourceMask(Layer):
    def order(self, memory, mask, source_mask):
        return super().order(memory, mask, None)


class NormAtEnd(Layer):
    def forward(self, *given):
        out = super().forward(*given)
        return self.norm(3, out) if self.first else out


class DropsAlways(Layer):
    def drop(self, x):
        return x * (torch.rand_like(x) < 1 - self.config.dropout)


class OwnEps(Layer):
    eps = 1e-5


class NoDropout(Layer):
    def drop(self, x):
        return x


class Fixed(Layer):
    """The layer ignores which attention it is given."""

    def __init__(self, config, attention=None):
        super().__init__(config)
