"""07-own: a Transformer that is made of parts from elsewhere."""

import itertools

import torch
from torch import nn

from course_utils.answers import Build, Call
from course_utils.attention import scaled_dot_product_attention
from course_utils.checks.lesson05.inputs import config, weights
from course_utils.checks.spec import Check, Slip
from course_utils.checks.variants import varied
from course_utils.config import ModelConfig
from course_utils.decoder import DecoderLayer
from course_utils.encoder import EncoderLayer
from course_utils.multihead import MultiHeadAttention
from course_utils.positions import SinusoidalPositions
from course_utils.transformer import Transformer

__all__ = ["CHECK"]

NAME = "own_translator"
SIZES = {"d_model": 8, "n_heads": 2, "d_ff": 12, "n_layers": 1, "max_len": 9}
MARKS = {
    "other positions": "SinusoidalPositions",
    "other encoder layers": "EncoderLayer",
    "other decoder layers": "DecoderLayer",
    "other heads": "MultiHeadAttention",
    "another attention": "attention",
}


def calls(seed: int) -> dict[str, Call]:
    """Return the package's own parts, each part marked, all, and other sizes."""
    generator = torch.Generator().manual_seed(seed)

    def words(*shape):
        return torch.randint(3, 11, shape, generator=generator)

    source, target = words(3, 6), words(3, 4)
    source[1, 4:] = 0
    state = model_state(seed, SIZES)

    def ask(*marked, **options):
        own = Build("course_utils.answers.marked.parts", marked)
        given = (config(**SIZES), own)
        return Call(NAME, given, inputs=(source, target), state=state, **options)

    deep = SIZES | {"n_layers": 3, "d_model": 6, "n_heads": 3, "max_len": 5}
    everything = Build("course_utils.answers.marked.parts", tuple(MARKS.values()))
    return {
        "parts as in the package": ask(grads=True),
        **{name: ask(part) for name, part in MARKS.items()},
        "three layers, everything other": Call(
            NAME,
            (config(**deep), everything),
            inputs=(words(2, 5), words(2, 3)),
            state=model_state(seed + 1, deep),
        ),
    }


def model_state(seed: int, sizes: dict) -> dict:
    """Return random weights for a Transformer of these sizes."""
    model = Transformer(ModelConfig(11, **sizes))
    return weights({k: tuple(one.shape) for k, one in model.state_dict().items()}, seed)


KINDS = (SinusoidalPositions, EncoderLayer, DecoderLayer, MultiHeadAttention)


def swapped(config, own, kinds=KINDS, keep=(), attention=None) -> nn.Module:
    """Return a Transformer in which every module of these kinds has been replaced.

    `keep` lists endings of names that stay as they were.
    """
    model = Transformer(config)
    attention = attention or own.attention
    makers = {
        SinusoidalPositions: lambda: own.SinusoidalPositions(
            config.d_model, config.max_len
        ),
        EncoderLayer: lambda: own.EncoderLayer(config, attention),
        DecoderLayer: lambda: own.DecoderLayer(config, attention),
        MultiHeadAttention: lambda: own.MultiHeadAttention(
            config.d_model, config.n_heads, attention
        ),
    }
    for kind in kinds:  # heads last: the layers bring some of their own
        for name, module in list(model.named_modules()):
            if isinstance(module, kind) and not name.endswith(keep or ("?",)):
                place, _, last = name.rpartition(".")
                setattr(model.get_submodule(place), last, makers[kind]())
    return model


def without(*kinds):
    """Return an answer that leaves modules of these kinds as they were."""
    left = tuple(kind for kind in KINDS if kind not in kinds)
    return lambda config, own: swapped(config, own, left)


def _keeping(*endings):
    return lambda config, own: swapped(config, own, keep=endings)


def _shared(config, own):
    model = swapped(config, own)
    for stack in (model.encoder.layers, model.decoder.layers):
        for i in range(len(stack)):
            stack[i] = stack[0]
    return model


def _usual_attention(config, own):
    return swapped(config, own, attention=scaled_dot_product_attention)


def _first_ones(config, own, n, *attention):
    model, usual = swapped(config, own), Transformer(config, *attention)
    assert model.encoder.layers[n - 1]  # an IndexError where there are fewer
    for i in range(n, config.n_layers):
        model.encoder.layers[i] = usual.encoder.layers[i]
        model.decoder.layers[i] = usual.decoder.layers[i]
    return model


BUILT_INSIDE = (
    "A layer builds its heads when it is made, and it builds the kind that *its* "
    "notebook imported: the course's. "
)
REBOUND = (
    "(In a loop `for layer in …`, the line `layer = …` only gives a name to something "
    "new; `model.encoder.layers[i] = …` puts it into its place.)"
)
TEXTS = {
    "nothing-own": "This is the course's Transformer as it is: none of `own`'s parts "
    f"is in it. {REBOUND}",
    "layers-left": f"The positions are `own`'s, the layers are the course's. {REBOUND}",
    "only-attention": "Only the attention function is `own`'s; the positions, the "
    "layers and the heads inside them are still the course's.",
    "heads-left": f"{BUILT_INSIDE}Put `own.MultiHeadAttention` in their place: one in "
    "each encoder layer, two in each decoder layer.",
    "encoder-heads-left": f"{BUILT_INSIDE}You have replaced those of the decoder; the "
    "encoder layers' `attention` is left.",
    "decoder-heads-left": f"{BUILT_INSIDE}You have replaced those of the encoder; in a "
    "decoder layer there are two of them.",
    "cross-attention-left": f"{BUILT_INSIDE}A decoder layer has two of them; its "
    "`cross_attention` is left.",
    "self-attention-left": f"{BUILT_INSIDE}A decoder layer has two of them; its "
    "`self_attention` is left.",
    "attention-left": "The heads are `own`'s, but the function inside them is not: "
    "hand `own.attention` on as their third argument.",
    "positions-left": "The positions are still the course's. They stand in the "
    "embedding: `model.embedding.positions`.",
    "encoder-left": "The encoder's layers are still the course's.",
    "decoder-left": "The decoder's layers are still the course's.",
    "positions-and-heads-left": "The layers are `own`'s. The positions, and the heads "
    "inside the layers, are still the course's.",
    "positions-heads-attention-left": "The layers are `own`'s, and that is a start. "
    "Still the course's are the positions, the heads inside the layers, and the "
    "function inside the heads.",
    "first-layers-only": "Only the first layer of each stack is replaced. There are "
    "`config.n_layers` in each.",
    "two-layers-only": "You always replace two layers in each stack. How many there "
    "are stands in the config: `config.n_layers`, and here it may be one, or three.",
    "one-layer-for-all": "One and the same layer stands in all places, so that all "
    "share its weights. Make a new one for each place.",
}


ALL_LAYERS = (EncoderLayer, DecoderLayer)
VERSIONS = {  # one fault first: where several meet, the case that fails names one
    "positions-left": without(SinusoidalPositions),
    "encoder-left": without(EncoderLayer),
    "decoder-left": without(DecoderLayer),
    "heads-left": without(MultiHeadAttention),
    "attention-left": _usual_attention,
    "encoder-heads-left": _keeping(".attention"),
    "decoder-heads-left": _keeping(".self_attention", ".cross_attention"),
    "cross-attention-left": _keeping("cross_attention"),
    "self-attention-left": _keeping("self_attention"),
    "positions-and-heads-left": without(SinusoidalPositions, MultiHeadAttention),
    "positions-heads-attention-left": lambda config, own: swapped(
        config, own, ALL_LAYERS, attention=scaled_dot_product_attention
    ),
    "first-layers-only": lambda config, own: _first_ones(config, own, 1),
    "two-layers-only": lambda config, own: _first_ones(config, own, 2),
    "one-layer-for-all": _shared,
    "layers-left": lambda config, own: swapped(config, own, (SinusoidalPositions,)),
    "only-attention": lambda config, own: Transformer(config, own.attention),
    "nothing-own": lambda config, own: Transformer(config),
}
ALSO = {  # the same slips, where the layers that are left run on own.attention
    "first-layers-only": lambda config, own: _first_ones(config, own, 1, own.attention),
    "two-layers-only": lambda config, own: _first_ones(config, own, 2, own.attention),
}


PLACES = {
    "attention": "`attention` in the encoder layers",
    "self_attention": "`self_attention` in the decoder layers",
    "cross_attention": "`cross_attention` in the decoder layers",
}


def _of_class(answer, kept, config, own):
    """Leave the course's heads in some places."""
    model = answer(config, own)
    for layer in (*model.encoder.layers, *model.decoder.layers):
        for place in set(kept) & {name for name, _ in layer.named_children()}:
            sizes = config.d_model, config.n_heads
            setattr(layer, place, MultiHeadAttention(*sizes, own.attention))
    return model


def _card(kept) -> str:
    return (
        f"Not all heads are replaced: {' and '.join(PLACES[one] for one in kept)} "
        "stays as the layer builds it, with the course's heads on `own.attention`."
    )


KEPT = [
    places for size in (1, 2) for places in itertools.combinations(sorted(PLACES), size)
]


CHECK = Check(
    calls,
    {NAME: swapped},
    slips=tuple(
        Slip(name, TEXTS[name], {NAME: answer})
        for name, answer in (*VERSIONS.items(), *ALSO.items())
    ),
    forbids={
        "assemble": "This is the course's own version of what you are asked to write: "
        "put the parts together yourself."
    },
    vary=varied("07-own", KEPT, _card, _of_class),
)
