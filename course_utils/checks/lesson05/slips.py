"""Encoder layers with one mistake each, for the check of 05-layer."""

import torch

from course_utils.checks.lesson05.inputs import Layer

__all__ = [
    "AlwaysPost",
    "AlwaysPre",
    "DropsAlways",
    "KeysRaw",
    "NoDropout",
    "NoMask",
    "NoResidual",
    "NormAtEnd",
    "NormsSwapped",
    "OneDropout",
    "OneNorm",
    "OneResidual",
    "OwnEps",
    "RoadDropped",
    "RoadNormed",
    "SideBySide",
    "Swapped",
    "ThinksFirst",
    "fixed",
]


class NoResidual(Layer):
    """Nothing is added: each part replaces what came in."""

    def pre(self, x, mask):
        h = self.norm(1, x)
        return self.drop(self.think(self.norm(2, self.around(h, h, mask))))

    def post(self, x, mask):
        x = self.norm(1, self.around(x, x, mask))
        return self.norm(2, self.drop(self.think(x)))


class OneResidual(Layer):
    """Only looking around is added; thinking replaces."""

    def pre(self, x, mask):
        h = self.norm(1, x)
        return self.drop(self.think(self.norm(2, x + self.around(h, h, mask))))

    def post(self, x, mask):
        x = self.norm(1, x + self.around(x, x, mask))
        return self.norm(2, self.drop(self.think(x)))


class RoadNormed(Layer):
    """Pre-norm norms the road itself, not what turns off from it."""

    def pre(self, x, mask):
        x = self.norm(1, x)
        x = self.norm(2, x + self.around(x, x, mask))
        return x + self.drop(self.think(x))


class AlwaysPre(Layer):
    """The order is pre-norm, whatever the config says."""

    first = True


class AlwaysPost(Layer):
    """The order is post-norm, whatever the config says."""

    first = False


class Swapped(Layer):
    """The two orders are exchanged."""

    @property
    def first(self):
        return not self.config.norm_first


class OneNorm(Layer):
    """One norm serves both halves."""

    def norm(self, number, x):
        return super().norm(1, x)


class KeysRaw(Layer):
    """Only the queries are normed, keys and values are not."""

    def pre(self, x, mask):
        x = x + self.around(self.norm(1, x), x, mask)
        return x + self.drop(self.think(self.norm(2, x)))


class SideBySide(Layer):
    """Both parts read the same x."""

    def pre(self, x, mask):
        h, other = self.norm(1, x), self.norm(2, x)
        return x + self.around(h, h, mask) + self.drop(self.think(other))

    def post(self, x, mask):
        looked = self.norm(1, x + self.around(x, x, mask))
        return self.norm(2, looked + self.drop(self.think(x)))


class ThinksFirst(Layer):
    """Thinking comes before looking around."""

    def pre(self, x, mask):
        x = x + self.drop(self.think(self.norm(1, x)))
        h = self.norm(2, x)
        return x + self.around(h, h, mask)

    def post(self, x, mask):
        x = self.norm(1, x + self.drop(self.think(x)))
        return self.norm(2, x + self.around(x, x, mask))


class NormsSwapped(Layer):
    """The two norms have changed places."""

    def norm(self, number, x):
        return super().norm(3 - number, x)


class NormAtEnd(Layer):
    """A pre-norm layer ends in one more norm."""

    def pre(self, x, mask):
        return self.norm(2, super().pre(x, mask))


class DropsAlways(Layer):
    """Dropout goes on when the layer is in use."""

    def drop(self, x):
        return x * (torch.rand_like(x) < 1 - self.config.dropout)


class NoMask(Layer):
    """The mask never reaches the attention."""

    def forward(self, x, mask=None):
        return super().forward(x)


class OwnEps(Layer):
    """The norms have PyTorch's own eps."""

    eps = 1e-5


class NoDropout(Layer):
    """Nothing is ever dropped."""

    def drop(self, x):
        return x


class OneDropout(Layer):
    """Only the first part is dropped from."""

    def pre(self, x, mask):
        h = self.norm(1, x)
        x = x + self.around(h, h, mask)
        return x + self.think(self.norm(2, x))

    def post(self, x, mask):
        x = self.norm(1, x + self.around(x, x, mask))
        return self.norm(2, x + self.think(x))


class RoadDropped(Layer):
    """Dropout comes after the sum, and tears holes in the road."""

    def bare(self, x, mask):
        return self.look("attention", x, x, mask)

    def pre(self, x, mask):
        x = self.drop(x + self.bare(self.norm(1, x), mask))
        return self.drop(x + self.think(self.norm(2, x)))

    def post(self, x, mask):
        x = self.norm(1, self.drop(x + self.bare(x, mask)))
        return self.norm(2, self.drop(x + self.think(x)))


def fixed(kind, function):
    """Return the kind of layer that ignores which attention it is given."""

    class Fixed(kind):
        def __init__(self, config, attention=None):
            super().__init__(config, function)

    return Fixed
