"""05-classic: mend the encoder layer that many tutorials print."""

import torch

# PyTorch loads this at its first padding mask; no call with a time limit should.
import torch.fx.experimental.symbolic_shapes
from torch import nn

from course_utils.answers import Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson05.inputs import real_words, weights
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "MendedLayer"


def state(seed: int, C: int, F: int) -> dict[str, torch.Tensor]:
    """Return random weights under the names of PyTorch's layer."""
    shapes = {
        "self_attn.in_proj_weight": (3 * C, C),
        "self_attn.in_proj_bias": (3 * C,),
        "self_attn.out_proj.weight": (C, C),
        "self_attn.out_proj.bias": (C,),
        "linear1.weight": (F, C),
        "linear1.bias": (F,),
        "linear2.weight": (C, F),
        "linear2.bias": (C,),
    }
    for norm in ("norm1", "norm2"):
        shapes |= {f"{norm}.weight": (C,), f"{norm}.bias": (C,)}
    return weights(shapes, seed)


def calls(seed: int) -> dict[str, Call]:
    """Return sentences without padding, then with it, then as many as words."""
    one, three, square = draw(seed, (1, 3, 4), (3, 5, 8), (5, 5, 8))
    small, large = state(seed + 1, 4, 6), state(seed + 2, 8, 10)

    def layer(x, lengths, **options):
        return Call(
            NAME,
            (8, 2, 10),
            inputs=(x, real_words(lengths, x.shape[1])),
            state=large,
            **options,
        )

    alone = (one, torch.ones(1, 3, dtype=torch.bool))
    return {
        "one sentence": Call(NAME, (4, 2, 6), inputs=alone, state=small),
        "sentences without padding": layer(three, [5, 5, 5], grads=True),
        "sentences with padding": layer(three, [5, 3, 1], grads=True),
        "as many sentences as words": layer(square, [5, 4, 3, 2, 1]),
        "large numbers": layer(1000 * three, [4, 5, 2]),
        "in use, dropout off": Call(NAME, (4, 2, 6, 0.5), inputs=alone, state=small),
    }


class Mended(nn.TransformerEncoderLayer):
    """PyTorch's own layer does what the classic one was meant to do."""

    def __init__(self, d_model, n_heads, d_ff, dropout=0.0):
        super().__init__(d_model, n_heads, d_ff, dropout, batch_first=True)

    def forward(self, x, real):
        return super().forward(x, src_key_padding_mask=~real)


class _Unmasked(Mended):
    def forward(self, x, real):
        return super().forward(x, torch.ones_like(real))


class _Inverted(Mended):
    def forward(self, x, real):
        return super().forward(x, ~real)


class InvertedByHand(Mended):
    """The same through the attention alone, which answers with NaN."""

    def forward(self, x, real):
        looked, _ = self.self_attn(x, x, x, key_padding_mask=real)
        x = self.norm1(x + looked)
        return self.norm2(x + self.linear2(self.linear1(x).relu()))


class Erased(Mended):
    """Real words are right; what the attention gives to padding is set to 0."""

    def forward(self, x, real):
        looked, _ = self.self_attn(x, x, x, key_padding_mask=~real)
        x = self.norm1(x + looked * real[..., None])
        return self.norm2(x + self.linear2(self.linear1(x).relu()))


class _Zeroed(Mended):
    def forward(self, x, real):
        return super().forward(x, real) * real[..., None]


class _Undefined(Mended):
    def forward(self, x, real):
        raise NameError("name 'F' is not defined")


class Mixed(_Unmasked):
    """Sentences and words change places: every word looks across the sentences."""

    def forward(self, x, real):
        turned = x.transpose(0, 1)
        return super().forward(turned, real.transpose(0, 1)).transpose(0, 1)


class _MixedAndMasked(Mended):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0):
        nn.TransformerEncoderLayer.__init__(self, d_model, n_heads, d_ff, dropout)


class _MixedAndInverted(_MixedAndMasked):
    def forward(self, x, real):
        return super().forward(x, ~real)


MIXED = (
    "Sentences are mixed up: `nn.MultiheadAttention` takes the *first* axis for the "
    "words, unless it is told that the batch comes first."
)
TURNED = (
    "PyTorch's `key_padding_mask` means the opposite of the course's masks: True "
    "*hides*. So the real words are hidden, and a sentence without padding has "
    "nothing left to look at."
)
ERASED = (
    "The real words are right. What comes out at the padding has been set to 0 as "
    "well; nobody reads it, so leave it as it comes."
)
PADDING = "Padding"

CHECK = Check(
    calls,
    {NAME: Mended},
    slips=(
        Slip(
            "import-missing",
            "A name is used that nobody has defined; the error says which. `F` is what "
            "many people call torch.nn.functional: import it under that name, or use "
            "torch.relu.",
            {NAME: _Undefined},
            "Thinking: the feed-forward part",
        ),
        Slip(
            "mixed-and-unmasked",
            "It runs now; two faults are left. Change a word of one sentence: does the "
            "other sentence move? Change a padded word: do the real ones move?",
            {NAME: Mixed},
            PADDING,
        ),
        Slip(
            "padding-left",
            "One fault is left: `real` is not used, so real words look at padding.",
            {NAME: _Unmasked},
            PADDING,
        ),
        Slip("inverted", TURNED, {NAME: _Inverted}, PADDING),
        Slip("inverted", TURNED, {NAME: InvertedByHand}, PADDING),
        Slip("padding-erased", ERASED, {NAME: Erased}, PADDING),
        Slip("padding-erased", ERASED, {NAME: _Zeroed}, PADDING),
        Slip("sentences-mixed", MIXED, {NAME: _MixedAndMasked}, PADDING),
        Slip("sentences-mixed", MIXED, {NAME: _MixedAndInverted}, PADDING),
    ),
)
