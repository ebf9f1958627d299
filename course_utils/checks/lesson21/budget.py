"""21-budget: the bytes of a cache, with a window and with a source."""

from course_utils.answers import Call
from course_utils.checks.lesson21.inputs import SIZES
from course_utils.checks.spec import Check, slips
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "cache_bytes"


def calls(seed: int) -> dict[str, Call]:
    """Return the lesson's formula first, then a window, a source, both."""
    small, large = _sizes(seed), {"n_layers": 12, "d_model": 768, "dtype_bytes": 2}
    T, S, W = 7 + seed % 5, 11 + seed % 3, 4
    return {
        "the lesson's formula": Call(NAME, (7,), small),
        "GPT-2, 1,000 tokens": Call(NAME, (1000,), large),
        "a window": Call(NAME, (T,), {**small, "window": W}),
        "a window that is not full": Call(NAME, (3,), {**small, "window": 5}),
        "a window, just full": Call(NAME, (5,), {**small, "window": 5}),
        "a translator": Call(NAME, (T,), {**small, "source": S}),
        "a translator with a window": Call(
            NAME, (T,), {**small, "window": W, "source": S}
        ),
        "nothing written yet": Call(NAME, (0,), {**small, "source": S}),
    }


def _sizes(seed: int) -> dict[str, int]:
    return {
        "n_layers": SIZES["n_layers"] + seed % 3,
        "d_model": SIZES["d_model"],
        "dtype_bytes": 4,
    }


def cache_bytes(T, n_layers, d_model, dtype_bytes, window=None, source=0):
    """Return the right bytes, one token at a time."""
    one = d_model * dtype_bytes
    total = 0
    for _ in range(n_layers):
        for t in range(T):
            if window is None or t >= T - window:
                total += one + one
        for _ in range(source):
            total += one + one
    return total


def _version(pair=2, own="min", cross=True, layers=True, size=True):
    def count(T, n_layers, d_model, dtype_bytes, window=None, source=0):
        kept = {
            "min": T if window is None else min(T, window),
            "window": T if window is None else window,
            "all": T,
            "less": T if window is None else max(T - window, 0),
        }[own]
        both = kept + source if cross is True else kept + cross * source
        if cross == "windowed" and window is not None:
            both = kept + min(source, window)
        number = both * (n_layers if layers else 1) * (dtype_bytes if size else 1)
        return pair * number * d_model

    return count


ANSWERS = {
    "keys-alone": _version(pair=1),
    "window-always-full": _version(own="window"),
    "window-ignored": _version(own="all"),
    "window-subtracted": _version(own="less"),
    "source-ignored": _version(cross=0),
    "source-once": _version(cross=0.5),
    "one-layer": _version(layers=False),
    "numbers-not-bytes": _version(size=False),
}
TEXTS = {
    "keys-alone": "Half of it is missing: each token has a key *and* a value.",
    "window-always-full": "A window of 5 holds 3 tokens when only 3 were written. "
    "Count what is kept.",
    "window-ignored": "With a window, tokens that have left it need no place any more: "
    "at most `window` are kept.",
    "window-subtracted": "T − window counts the tokens that have *left*. The others "
    "are kept.",
    "source-ignored": "A translator's layers also keep keys and values of the source, "
    "from which cross-attention reads.",
    "source-once": "The source needs keys and values, too: two vectors for each of its "
    "tokens, in every layer.",
    "one-layer": "Every layer has a cache of its own: multiply by their number.",
    "numbers-not-bytes": "You count numbers. Each takes `dtype_bytes` bytes.",
}


def _of_class(answer, more, T, n_layers, d_model, dtype_bytes, window=None, source=0):
    """Count a scale beside each vector."""
    plain = answer(T, n_layers, d_model, dtype_bytes, window, source)
    vectors = (T if window is None else min(T, window)) + source
    return plain + 2 * n_layers * vectors * more


def _card(more) -> str:
    return (
        f"The numbers are compressed: beside each key and each value of a layer (of C "
        f"numbers) stand {more} more bytes, a scale, with the defaults too."
    )


CHECK = Check(
    calls,
    {NAME: cache_bytes},
    slips=slips(NAME, ANSWERS, TEXTS),
    vary=varied("21-budget", range(2, 40), _card, _of_class),
)
