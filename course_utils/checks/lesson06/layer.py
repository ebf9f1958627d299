"""06-layer: rebuild the decoder layer."""

import torch

from course_utils.answers import Call, Ref
from course_utils.checks.drawing import draw
from course_utils.checks.lesson05.inputs import (
    ALMOST_ALL,
    config,
    real_words,
    silent_state,
)
from course_utils.checks.lesson06 import slips
from course_utils.checks.lesson06.inputs import Layer, decoder_state
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "DecoderLayer"
AVERAGE = Ref("course_utils.answers.objects.average_values")
OWN = {"attention": Ref("course_utils.attention.scaled_dot_product_attention")}


def causal(T: int) -> torch.Tensor:
    """Return the causal mask."""
    return torch.ones(T, T, dtype=torch.bool).tril()


def _by_hand() -> Call:
    """Return the call of a layer whose weights are 0: what comes in goes out."""
    x = torch.tensor([[[1.0, 2.0], [3.0, 5.0]]])
    return Call(
        NAME,
        (config(d_model=2, n_heads=1, d_ff=1),),
        OWN,
        inputs=(x, torch.ones(1, 3, 2)),
        state=silent_state(decoder_state(0, 2, 1)),
    )


def calls(seed: int) -> dict[str, Call]:
    """Return both orders, each mask alone and both, dropout on and off."""
    x, memory, same, word, page = draw(
        seed, (3, 4, 8), (3, 6, 8), (3, 4, 8), (1, 1, 6), (1, 3, 6)
    )
    state, post = decoder_state(seed + 1, 8, 12), {"norm_first": False}
    hidden = real_words([6, 2, 4], 6)[:, None, None, :]
    square = real_words([4, 1, 3], 4)[:, None, None, :]

    def layer(config, *inputs, attention=(), **options):
        return Call(NAME, (config, *attention), inputs=inputs, state=state, **options)

    small = {"d_model": 6, "n_heads": 3, "d_ff": 7, "activation": "gelu"}
    most = {"dropout": ALMOST_ALL}
    return {
        "by hand: parts that put out 0": _by_hand(),
        "no masks": layer(config(), x, memory, grads=True),
        "post-norm": layer(config(**post), x, memory),
        "a causal mask": layer(config(), x, memory, causal(4)),
        "padding in the source": layer(config(), x, memory, None, hidden),
        "both masks": layer(config(), x, memory, causal(4), hidden, grads=True),
        "post-norm, both masks": layer(config(**post), x, memory, causal(4), hidden),
        "as many words as in the source": layer(config(), x, same, causal(4), square),
        "large numbers": layer(config(), 1000 * x, memory, causal(4), hidden),
        "another attention": layer(config(), x, memory, attention=(AVERAGE,)),
        "in use, dropout off": layer(config(**most), x, memory),
        "training, nearly all dropped": layer(config(**most), x, memory, train=True),
        "one word, other sizes": Call(
            NAME,
            (config(**small),),
            inputs=(word, page),
            state=decoder_state(seed + 2, 6, 7),
        ),
    }


TEXTS = {
    "no-residual": (
        slips.NoResidual,
        "What a part puts out replaces its input. Add it to the input, as in the "
        "encoder layer: the sum is the road on which the gradient travels.",
    ),
    "read-replaces": (
        slips.ReadReplaces,
        "What was read from the source replaces what was known of the text written so "
        "far. Add it: both are needed for the next word.",
    ),
    "road-normed": (
        slips.RoadNormed,
        "In the pre-norm order the normed vector is added to itself, not to x: the "
        "norm stands on the road. Give it to the part alone.",
    ),
    "always-pre-norm": (
        slips.AlwaysPre,
        "It is pre-norm whatever `config.norm_first` says. With False the norm comes "
        "after each sum.",
    ),
    "always-post-norm": (
        slips.AlwaysPost,
        "It is post-norm whatever `config.norm_first` says. With True the norm stands "
        "before each part.",
    ),
    "one-norm": (
        slips.OneNorm,
        "`norm1` does the work for all three parts. Each has a norm of its own.",
    ),
    "memory-normed": (
        slips.MemoryNormed,
        "The memory is normed too. A pre-norm encoder ends in a norm, so the memory "
        "has had its own; only x is normed before reading.",
    ),
    "reads-itself": (
        slips.ReadsItself,
        "The cross-attention looks at x again, so the source is never read. Its keys "
        "and values come from the memory.",
    ),
    "reads-itself-back": (
        slips.ReadsItselfBack,
        "Both attentions look at the text written so far, so the source is never read. "
        "The keys and values of the second come from the memory.",
    ),
    "memory-asks": (
        slips.MemoryAsks,
        "The roles are turned: here the source asks and the translation answers. The "
        "words that are written ask (x first); the memory answers.",
    ),
    "source-not-read": (
        slips.NoRead,
        "The cross-attention is never used, so the layer writes without reading.",
    ),
    "reads-first": (
        slips.ReadsFirst,
        "It reads the source before it looks back. Look back first: what has been "
        "written decides what to look for.",
    ),
    "one-attention-twice": (
        slips.OneAttention,
        "The same attention does both. Looking back and reading are learned apart: "
        "`self_attention` and `cross_attention`.",
    ),
    "masks-swapped": (
        slips.MasksSwapped,
        "The masks are swapped: `mask` belongs to the text written so far, "
        "`source_mask` to the memory.",
    ),
    "causal-mask-on-the-source": (
        slips.CausalTwice,
        "`mask` is used for the memory as well. The whole source is there from the "
        "start: what hides its padding is `source_mask`.",
    ),
    "mask-ignored": (
        slips.NoMask,
        "`mask` never reaches the self-attention: the words may peek at those that "
        "come after them.",
    ),
    "source-mask-ignored": (
        slips.NoSourceMask,
        "`source_mask` never reaches the cross-attention: padding of the source is "
        "read as if it were words.",
    ),
    "eps-ignored": (
        slips.OwnEps,
        "The norms use PyTorch's own eps. Models differ in it: take `config.norm_eps`.",
    ),
    "attention-ignored": (
        slips.Fixed,
        "The argument `attention` is not passed on to both attentions.",
    ),
    "norm-at-the-end": (
        slips.NormAtEnd,
        "The layer ends in a norm, in the pre-norm order too. Such a norm stands once, "
        "at the end of the whole stack, not in every layer.",
    ),
    "drops-always": (
        slips.DropsAlways,
        "It drops even when the model is in use. `nn.Dropout` stops by itself "
        "after `.eval()`; `nn.functional.dropout` must be told, by `training=`.",
    ),
    "no-dropout": (
        slips.NoDropout,
        "Nothing is dropped in training. `config.dropout` says how much of what each "
        "part puts out is to be dropped, before it is added.",
    ),
}

CHECK = Check(
    calls,
    {NAME: Layer},
    forbids={
        "TransformerDecoderLayer": "This exercise is about writing the layer "
        "yourself: leave PyTorch's own aside, and join the three parts."
    },
    slips=tuple(
        Slip(name, text, {NAME: version}) for name, (version, text) in TEXTS.items()
    ),
)
