"""06-source: mend a model that reads its source with one eye closed."""

import torch

from course_utils.answers import Build, Call
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK"]

NAME = "mended_scores"


def calls(seed: int) -> dict[str, Call]:
    """Return texts without padding, with it, and longer on either side."""
    generator = torch.Generator().manual_seed(seed)
    sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 12, "max_len": 9}
    config = Build("course_utils.config.ModelConfig", (11,), sizes)
    model = (
        Build("course_utils.transformer.Embedding", (config,)),
        Build("course_utils.encoder.Encoder", (config,)),
        Build("course_utils.decoder.Decoder", (config,)),
    )

    def words(*shape):
        return torch.randint(3, 11, shape, generator=generator)

    def call(source, target):
        return Call(NAME, (*model, source, target), seed=seed % 1000)

    padded = words(3, 6)
    padded[0, 4:], padded[2, 2:] = 0, 0
    square = words(4, 4)
    square[1, 1:], square[3, 3:] = 0, 0
    return {
        "one short text": call(words(1, 4), words(1, 3)),
        "several texts": call(words(3, 6), words(3, 4)),
        "padding in the source": call(padded, words(3, 4)),
        "more to write than to read": call(padded[:2, :5], words(2, 7)),
        "all sizes equal": call(square, words(4, 4)),
        "one word to read, one written": call(words(2, 1), words(2, 1)),
    }


def _masks(kind: str, T: int, source):
    """Return a mask of T queries for the source: one of the four that people try."""
    S = source.shape[1]
    real = (source != 0)[:, None, None, :]
    early = torch.arange(S)[None, :] <= torch.arange(T)[:, None]
    return {"right": real, "causal": early, "none": None, "both": real & early}[kind]


def _version(reading: str, across: str, back: str = "causal"):
    """Return the scores with these masks on encoder, cross- and self-attention."""

    def scores(embedding, encoder, decoder, source, target):
        T, S = target.shape[1], source.shape[1]
        memory = encoder(embedding(source), _masks(reading, S, source))
        look_back = _masks(back, T, target)
        x = embedding(target)
        x = decoder(x, memory, look_back, _masks(across, T, source))
        return x @ embedding.token.weight.T

    return scores


def _swapped(embedding, encoder, decoder, source, target):
    T, real = target.shape[1], _masks("right", 1, source)
    memory = encoder(embedding(source), real)
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    return embedding.logits(decoder(embedding(target), memory, real, causal))


def _vectors(embedding, encoder, decoder, source, target):
    real = _masks("right", 1, source)
    memory = encoder(embedding(source), real)
    look_back = _masks("causal", target.shape[1], target)
    return decoder(embedding(target), memory, look_back, real)


STATES = {
    "causal": "is still under a causal mask, though the whole source may be read from "
    "the start",
    "none": "may look at everything now, padding included",
    "both": "has its padding hidden now, but the causal mask is still there as well",
}
PLACES = {"encoder": "The encoder", "cross": "The cross-attention"}


def _slips():
    """Yield every combination of masks on the source but the right one."""
    kinds = ("causal", "none", "both", "right")
    for reading in kinds:
        for across in kinds:
            states = {"encoder": reading, "cross": across}
            faults = {place: s for place, s in states.items() if s != "right"}
            same = reading == "both" and across in ("right", "both")
            if not faults or same:  # hidden memory: as if the encoder's were causal
                continue
            name = "-".join(f"{place}-{state}" for place, state in faults.items())
            left = "One fault is left. " if len(faults) == 1 else ""
            text = left + " ".join(
                f"{PLACES[p]} {STATES[s]}." for p, s in faults.items()
            )
            if reading == across == "causal":
                name = "nothing-mended"
                text = (
                    "It still does what the broken one did. Change the last word of "
                    "the source: which scores move, and which should?"
                )
            yield Slip(name, text, {NAME: _version(reading, across)})


CHECK = Check(
    calls,
    {NAME: _version("right", "right")},
    slips=(
        *_slips(),
        Slip(
            "masks-swapped",
            "The decoder takes the mask for the *target* first, then the one for the "
            "source; yours come in the other order.",
            {NAME: _swapped},
        ),
        Slip(
            "no-scores",
            "These are the vectors that come out of the decoder. What is wanted are "
            "scores for every word: `embedding.logits` makes them.",
            {NAME: _vectors},
            "Both ends: words in, scores out",
        ),
        Slip(
            "peeks",
            "The source is read rightly now, but the causal mask is gone from the "
            "decoder's self-attention too: the words written may peek at those after "
            "them. There it was right.",
            {NAME: _version("right", "right", "none")},
        ),
        Slip(
            "peeks",
            "The source is read rightly now, but the decoder's self-attention hides "
            "only padding: the words written may peek at those after them. The causal "
            "mask was right there.",
            {NAME: _version("right", "right", "right")},
        ),
    ),
)
