"""21-mend: find what is wrong in a cached step that runs without complaint."""

import torch

from course_utils.answers import Build, Call
from course_utils.checks.drawing import draw
from course_utils.checks.lesson21.inputs import CONFIG, SIZES, weights_of
from course_utils.checks.spec import Check, slips
from course_utils.config import ModelConfig
from course_utils.transformer import LanguageModel

__all__ = ["CHECK"]

NAME = "mended_read"
H, D = SIZES["n_heads"], SIZES["d_model"] // SIZES["n_heads"]
L = SIZES["n_layers"]


def calls(seed: int) -> dict[str, Call]:
    """Return a beginning, then single tokens and pieces after a past."""
    return {
        "a beginning": _call(seed, 1, 4, 0),
        "one token after a past": _call(seed, 1, 1, 3),
        "one token, two rows": _call(seed + 1, 2, 1, 5),
        "a piece after a past": _call(seed + 2, 2, 3, 4),
        "the first token of all": _call(seed + 3, 3, 1, 0),
    }


def _call(seed: int, B: int, T: int, past: int) -> Call:
    dice = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, 11, (B, T), generator=dice)
    state = weights_of(LanguageModel(ModelConfig(11, **SIZES)), seed)
    model = Build("course_utils.transformer.LanguageModel", (CONFIG,), {}, state)
    shape = (B, H, past, D)
    keys, values = draw(seed, *[shape] * L), draw(seed + 9, *[shape] * L)
    return Call(NAME, (model, ids, keys, values))


def mended_read(model, ids, keys, values):
    """Return the right scores and stores: each row and query for itself."""
    with torch.no_grad():
        return _read(model, ids, keys, values)


def _read(model, ids, keys, values, zero=False, mask="last", swap=False, stale=False):
    T, past = ids.shape[1], keys[0].shape[2]
    start = 0 if zero else past
    table = model.embedding.positions.table[start : start + T]
    x = model.embedding.token(ids) * model.embedding.scale + table
    see = torch.ones(past + T, past + T, dtype=torch.bool).tril()
    see = {"last": see[past:], "first": see[:T], "none": see[past:] | True}[mask]
    keys, values = list(keys), list(values)
    for i, layer in enumerate(model.blocks.layers):
        h = layer.norm1(x)
        q, k, v = layer.attention.project(h, h)
        new_k, new_v = torch.cat([keys[i], k], 2), torch.cat([values[i], v], 2)
        scores = q @ new_k.transpose(-2, -1) / q.shape[-1] ** 0.5
        out = scores.masked_fill(~see, -torch.inf).softmax(-1) @ new_v
        x = x + layer.attention.out_proj(out.transpose(1, 2).flatten(2))
        x = x + layer.feed_forward(layer.norm2(x))
        if not stale:
            keys[i], values[i] = (new_v, new_k) if swap else (new_k, new_v)
    return model.embedding.logits(model.blocks.norm(x))[:, -1], keys, values


def _version(**changes):
    def read(model, ids, keys, values):
        with torch.no_grad():
            return _read(model, ids, keys, values, **changes)

    return read


ANSWERS = {
    "nothing-mended": _version(zero=True, mask="first"),
    "position-left": _version(zero=True),
    "mask-left": _version(mask="first"),
    "no-mask": _version(mask="none"),
    "not-kept": _version(stale=True),
}
TEXTS = {
    "nothing-mended": "It still does what the broken one did. Read a text in one "
    "piece and in two, and compare the scores; then look at where the new tokens "
    "stand, and at which rows of the mask are theirs.",
    "position-left": "The mask is right now; one fault is left. At which position "
    "stands the first new token when `past` tokens are stored?",
    "mask-left": "The positions are right now; one fault is left. The mask has a row "
    "for each token since the beginning of the text. Which of them are the new ones'?",
    "no-mask": "Without a mask the tokens of a piece see those after them. For one "
    "token that is harmless, for several it is not.",
    "not-kept": "The scores are right, but the stores come back as they were. The "
    "next step needs the new keys and values.",
}

CHECK = Check(
    calls,
    {NAME: mended_read},
    slips=slips(NAME, ANSWERS, TEXTS),
)
