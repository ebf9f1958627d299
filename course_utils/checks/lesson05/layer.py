"""05-layer: rebuild the encoder layer, in both orders of its parts."""

import torch

from course_utils.answers import Call, Ref
from course_utils.checks.drawing import draw
from course_utils.checks.lesson02.inputs import attend
from course_utils.checks.lesson05 import slips
from course_utils.checks.lesson05.inputs import (
    ALMOST_ALL,
    Layer,
    config,
    layer_state,
    real_words,
    silent_state,
)
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "EncoderLayer"
AVERAGE = Ref("course_utils.answers.objects.average_values")
OWN = {"attention": Ref("course_utils.attention.scaled_dot_product_attention")}
STACKING = "Stacking: why it fails at first"


def calls(seed: int) -> dict[str, Call]:
    """Return both orders, masks, another attention, dropout on and off."""
    x, word = draw(seed, (3, 5, 8), (1, 1, 6))
    state, post = layer_state(seed + 1, 8, 12), {"norm_first": False}
    hidden = real_words([5, 3, 2], 5)[:, None, None, :]
    empty = real_words([4, 0, 5], 5)[:, None, None, :]
    ahead = torch.ones(5, 5, dtype=torch.bool).tril()

    def layer(config, *inputs, attention=(), **options):
        return Call(NAME, (config, *attention), inputs=inputs, state=state, **options)

    silent = silent_state(layer_state(0, 2, 1))
    silent_config = config(d_model=2, n_heads=1, d_ff=1)
    by_hand = torch.tensor([[[1.0, 2.0], [3.0, 5.0]]])
    small = {"d_model": 6, "n_heads": 3, "d_ff": 7, "activation": "gelu"}
    most = {"dropout": ALMOST_ALL}
    return {
        "by hand: parts that put out 0": Call(
            NAME, (silent_config,), OWN, inputs=(by_hand,), state=silent
        ),
        "pre-norm": layer(config(), x, grads=True),
        "post-norm": layer(config(**post), x, grads=True),
        "pre-norm, with padding": layer(config(), x, hidden, grads=True),
        "post-norm, with padding": layer(config(**post), x, hidden),
        "a causal mask": layer(config(), x, ahead),
        "a sentence of padding alone": layer(config(), x, empty),
        "large numbers": layer(config(), 1000 * x),
        "another attention": layer(config(), x, attention=(AVERAGE,)),
        "in use, dropout off": layer(config(**most), x),
        "training, nearly all dropped": layer(config(**most), x, train=True),
        "training, post-norm, nearly all dropped": layer(
            config(**most, **post), x, train=True
        ),
        "one word, other sizes": Call(
            NAME, (config(**small),), inputs=(word,), state=layer_state(seed + 2, 6, 7)
        ),
    }


CHECK = Check(
    calls,
    {NAME: Layer},
    forbids={
        "TransformerEncoderLayer": "This exercise is about writing the layer "
        "yourself: leave PyTorch's own aside, and join the two parts."
    },
    slips=(
        Slip(
            "no-residual",
            "What a part puts out replaces its input. Add it to the input: that sum is "
            "the road on which the gradient travels down a deep stack.",
            {NAME: slips.NoResidual},
            STACKING,
        ),
        Slip(
            "second-residual-missing",
            "The first part is added to its input, the second replaces it. Both halves "
            "are joined in the same way.",
            {NAME: slips.OneResidual},
            STACKING,
        ),
        Slip(
            "road-normed",
            "In the pre-norm order the normed vector is added to itself, not to x: the "
            "norm stands on the road. Give it to the part alone, under another name "
            "than x.",
            {NAME: slips.RoadNormed},
        ),
        Slip(
            "always-pre-norm",
            "It is pre-norm whatever `config.norm_first` says. With False the norm "
            "comes after each sum.",
            {NAME: slips.AlwaysPre},
        ),
        Slip(
            "always-post-norm",
            "It is post-norm whatever `config.norm_first` says. With True the norm "
            "stands before each part, beside the road.",
            {NAME: slips.AlwaysPost},
        ),
        Slip(
            "orders-swapped",
            "The two orders are swapped: `norm_first` means that the norm stands "
            "before the part.",
            {NAME: slips.Swapped},
        ),
        Slip(
            "one-norm-twice",
            "`norm1` does the work in both halves, and `norm2` is never used. Each "
            "half has a norm of its own.",
            {NAME: slips.OneNorm},
        ),
        Slip(
            "keys-not-normed",
            "In the pre-norm order only the queries come from the normed vector. "
            "Self-attention takes queries, keys and values from the same one.",
            {NAME: slips.KeysRaw},
        ),
        Slip(
            "side-by-side",
            "Both parts read the same x. Thinking comes after looking: it reads the "
            "sum that the first half has made.",
            {NAME: slips.SideBySide},
        ),
        Slip(
            "thinks-first",
            "The order of the halves is turned: look around first, then think.",
            {NAME: slips.ThinksFirst},
        ),
        Slip(
            "norms-swapped",
            "The two norms have changed places: `norm1` belongs to looking around, "
            "`norm2` to thinking. With trained weights that matters.",
            {NAME: slips.NormsSwapped},
        ),
        Slip(
            "norm-at-the-end",
            "The layer ends in a norm, in the pre-norm order too. Such a norm stands "
            "once, at the end of the whole stack, not in every layer.",
            {NAME: slips.NormAtEnd},
        ),
        Slip(
            "mask-ignored",
            "The mask never reaches the attention, so padding is looked at.",
            {NAME: slips.NoMask},
            "Padding",
        ),
        Slip(
            "eps-ignored",
            "The norms use PyTorch's own eps. Models differ in it: take "
            "`config.norm_eps`.",
            {NAME: slips.OwnEps},
            STACKING,
        ),
        Slip(
            "attention-ignored",
            "The argument `attention` is not passed on, so the layer always runs on "
            "the same function.",
            {NAME: slips.fixed(Layer, attend)},
        ),
        Slip(
            "no-dropout",
            "Nothing is dropped in training. `config.dropout` says how much of what a "
            "part puts out is to be dropped, before it is added.",
            {NAME: slips.NoDropout},
        ),
        Slip(
            "drops-always",
            "It drops even when the model is in use. `nn.Dropout` stops by itself "
            "after `.eval()`; `nn.functional.dropout` must be told, by `training=`.",
            {NAME: slips.DropsAlways},
        ),
        Slip(
            "one-dropout",
            "Dropout stands after the first part only. The second needs it too.",
            {NAME: slips.OneDropout},
        ),
        Slip(
            "road-dropped",
            "Dropout comes after the sum, so it makes holes in the road itself. Drop "
            "from what the part puts out, then add.",
            {NAME: slips.RoadDropped},
        ),
    ),
)
