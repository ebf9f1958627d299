"""05-think: transfer the second half of the layer to another bend and more dropout."""

import torch

from course_utils.answers import Build, Call, Ref
from course_utils.checks.drawing import draw
from course_utils.checks.lesson05.inputs import weights
from course_utils.checks.spec import Check, Slip
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "think"
C, F = 6, 10
DROP = Build("course_utils.answers.objects.EveryThird")


def parts(seed: int, dtype: str = "float32") -> tuple[Build, Build, Build]:
    """Return a norm and the two maps of a feed-forward part, with random weights."""
    exact = {"dtype": Ref(f"torch.{dtype}")}
    norm = weights({"norm.weight": (C,), "norm.bias": (C,)}, seed)
    up = weights({"weight": (F, C), "bias": (F,)}, seed + 1)
    down = weights({"weight": (C, F), "bias": (C,)}, seed + 2)
    norm = {name.removeprefix("norm."): one for name, one in norm.items()}
    return (
        Build("torch.nn.LayerNorm", (C,), exact, norm),
        Build("torch.nn.Linear", (C, F), exact, up),
        Build("torch.nn.Linear", (F, C), exact, down),
    )


def calls(seed: int) -> dict[str, Call]:
    """Return a case by hand, the default, and both arguments alone and together."""
    [x] = draw(seed, (2, 5, C))
    [exact] = draw(seed + 3, (2, 5, C), dtype=torch.float64)
    given, double = (x, *parts(seed)), (exact, *parts(seed + 1, "float64"))
    unit = {"weight": torch.tensor([[1.0, 0.0]]), "bias": torch.zeros(1)}
    hand = (
        torch.tensor([[[3.0, 1.0]]]),
        Build("torch.nn.Identity"),
        Build("torch.nn.Linear", (2, 1), {}, unit),
        Build("torch.nn.Linear", (1, 2), {}, {"weight": torch.ones(2, 1)} | ZERO),
    )
    gelu, both = {"activation": "gelu"}, {"activation": "gelu", "drop": DROP}
    return {
        "by hand": Call(NAME, hand, {"drop": None, "activation": "relu"}),
        "as in the lesson": Call(NAME, given, grads=True),
        "GELU": Call(NAME, given, gelu, grads=True),
        "ReLU, with dropout": Call(NAME, given, {"drop": DROP}),
        "GELU, with dropout": Call(NAME, given, both, grads=True),
        "GELU, float64": Call(NAME, double, gelu),
        "large numbers": Call(NAME, (1000 * x, *parts(seed)), both),
    }


ZERO = {"bias": torch.zeros(2)}


def _bend(hidden, activation):
    if activation == "relu":
        return hidden.clamp(min=0)
    return hidden * (1 + torch.erf(hidden / 2**0.5)) / 2


def _same(x):
    return x


def _think(x, norm, up, down, activation="relu", drop=None):
    drop = drop or _same
    return x + drop(down(drop(_bend(up(norm(x)), activation))))


def _drops_road(x, norm, up, down, activation="relu", drop=None):
    drop = drop or _same
    return drop(x + down(drop(_bend(up(norm(x)), activation))))


def _drops_road_alone(x, norm, up, down, activation="relu", drop=None):
    return (drop or _same)(_think(x, norm, up, down, activation))


def _before_bend(x, norm, up, down, activation="relu", drop=None):
    drop = drop or _same
    return x + drop(down(_bend(drop(up(norm(x))), activation)))


def _hidden_kept(x, norm, up, down, activation="relu", drop=None):
    return x + (drop or _same)(down(_bend(up(norm(x)), activation)))


def _output_kept(x, norm, up, down, activation="relu", drop=None):
    return x + down((drop or _same)(_bend(up(norm(x)), activation)))


def _drops_nothing(x, norm, up, down, activation="relu", drop=None):
    return _think(x, norm, up, down, activation)


def _no_norm(x, norm, up, down, activation="relu", drop=None):
    return _think(x, _same, up, down, activation, drop)


def _no_road(x, norm, up, down, activation="relu", drop=None):
    return _think(x, norm, up, down, activation, drop) - x


def _road_normed(x, norm, up, down, activation="relu", drop=None):
    return _think(norm(x), _same, up, down, activation, drop)


def _norm_last(x, norm, up, down, activation="relu", drop=None):
    return norm(_think(x, _same, up, down, activation, drop))


def _always_relu(x, norm, up, down, activation="relu", drop=None):
    return _think(x, norm, up, down, "relu", drop)


def _always_float32(x, norm, up, down, activation="relu", drop=None):
    return _think(x.float(), norm, up, down, activation, drop)


def _defaults_only(x, norm, up, down, activation="relu", drop=None):
    return _think(x, norm, up, down)


def _bent_by(curve):
    def version(x, norm, up, down, activation="relu", drop=None):
        drop = drop or _same
        hidden = up(norm(x))
        bent = curve(hidden) if activation == "gelu" else hidden.relu()
        return x + drop(down(drop(bent)))

    return {NAME: version}


SHORTCUT = (
    "This is a shortcut for the GELU: close to it, not equal. Here the exact one is "
    "wanted, as in BERT; `nn.functional.gelu(hidden)` computes it by default."
)
BEND = "Thinking: the feed-forward part"
ROAD = "Stacking: why it fails at first"


def _of_class(answer, weight, x, *given, **options):
    """Weigh x in the sum, as very deep networks do."""
    return answer(x, *given, **options) + (weight - 1) * x


def _card(weight) -> str:
    return (
        f"As in some very deep networks, x counts more than once in the sum: "
        f"return {weight} · x + …, with the defaults too. (By hand: "
        f"({3 * weight + 3:g}, {weight + 3:g}).)"
    )


CHECK = Check(
    calls,
    {NAME: _think},
    slips=(
        Slip(
            "road-dropped",
            "Dropout comes after the sum, so it makes holes in x, the road. Drop from "
            "what the part puts out, then add.",
            {NAME: _drops_road},
        ),
        Slip(
            "road-dropped",
            "Dropout comes after the sum, so it makes holes in x, the road; and the "
            "hidden numbers keep all of theirs. Both places lie inside the part.",
            {NAME: _drops_road_alone},
        ),
        Slip(
            "before-the-bend",
            "The hidden numbers are dropped before the bend. With the ReLU that comes "
            "to the same, with the GELU it does not: bend first.",
            {NAME: _before_bend},
            BEND,
        ),
        Slip(
            "hidden-not-dropped",
            "What the part puts out is dropped; the hidden numbers are not. `drop` has "
            "two places.",
            {NAME: _hidden_kept},
        ),
        Slip(
            "output-not-dropped",
            "The hidden numbers are dropped; what the part puts out is not. `drop` has "
            "two places.",
            {NAME: _output_kept},
        ),
        Slip(
            "both-ignored",
            "The lesson's half is right. The two new arguments, `activation` and "
            "`drop`, are not used yet.",
            {NAME: _defaults_only},
        ),
        Slip("drop-ignored", "`drop` is never called.", {NAME: _drops_nothing}),
        Slip(
            "bend-ignored",
            "It bends by the ReLU, whatever `activation` says.",
            {NAME: _always_relu},
            BEND,
        ),
        Slip(
            "gelu-shortcut",
            SHORTCUT,
            _bent_by(lambda h: torch.nn.functional.gelu(h, approximate="tanh")),
            BEND,
        ),
        Slip(
            "gelu-shortcut",
            SHORTCUT,
            _bent_by(lambda h: h * torch.sigmoid(1.702 * h)),
            BEND,
        ),
        Slip(
            "share-only",
            "This is the share that gets through, Φ. The GELU is the hidden number "
            "times its share.",
            _bent_by(lambda h: (1 + torch.erf(h / 2**0.5)) / 2),
            BEND,
        ),
        Slip(
            "always-float32",
            "x is turned into float32, but the three functions may work in float64, as "
            "here. Leave the numbers in the type in which they come.",
            {NAME: _always_float32},
        ),
        Slip("no-norm", "`norm` is never called.", {NAME: _no_norm}, ROAD),
        Slip(
            "no-residual",
            "x itself is missing from the result: add what the part puts out to it.",
            {NAME: _no_road},
            ROAD,
        ),
        Slip(
            "road-normed",
            "The normed vector is on the road: x is replaced by norm(x) and that is "
            "what the part is added to. Only the part may see it.",
            {NAME: _road_normed},
            ROAD,
        ),
        Slip(
            "norm-after-the-sum",
            "The norm comes after the sum: that is post-norm. In the pre-norm order it "
            "stands before the part.",
            {NAME: _norm_last},
        ),
    ),
    vary=varied("05-think", [n / 20 for n in range(21, 60)], _card, _of_class),
)
