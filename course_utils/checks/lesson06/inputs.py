"""A right decoder layer, for the checks of lesson 06."""

from course_utils.checks.lesson05.inputs import Parts, layer_state

__all__ = ["ATTENTIONS", "Layer", "decoder_state"]

ATTENTIONS = ("self_attention", "cross_attention")


def decoder_state(seed: int, C: int, F: int) -> dict:
    """Return random weights of a decoder layer, under the package's names."""
    return layer_state(seed, C, F, ATTENTIONS, norms=3)


class Layer(Parts):
    """A right decoder layer; the slips change one of its steps."""

    attentions = ATTENTIONS
    norms = 3

    def forward(self, x, memory, mask=None, source_mask=None):
        for number, part in enumerate(self.order(memory, mask, source_mask), start=1):
            x = self.join(number, x, part)
        return x

    def order(self, memory, mask, source_mask):
        return (
            lambda h: self.back(h, mask),
            lambda h: self.read(h, memory, source_mask),
            self.think,
        )

    def join(self, number: int, x, part):
        if self.first:
            return x + self.drop(part(self.norm(number, x)))
        return self.norm(number, x + self.drop(part(x)))

    def back(self, x, mask):
        return self.look("self_attention", x, x, mask)

    def read(self, x, memory, source_mask):
        return self.look("cross_attention", x, memory, source_mask)
