"""20-heads: the operations of attention with shared keys, of which some are kept."""

from course_utils.answers import Call
from course_utils.checks.spec import Check, slips
from course_utils.checks.variants import varied

__all__ = ["CHECK"]

NAME = "attention_flops"


def calls(seed: int) -> dict[str, Call]:
    """Return the lesson's own, other sources, shared heads, kept tokens, all three."""
    T, S, C, H = 5 + seed % 3, 9 + seed % 4, 24, 6
    return {
        "a text that looks at itself": Call(NAME, (T, T, C, H)),
        "another source": Call(NAME, (T, S, C, H)),
        "two key heads": Call(NAME, (T, S, C, H), {"n_kv_heads": 2}),
        "one key head": Call(NAME, (T, S, 40, 8), {"n_kv_heads": 1}),
        "some are kept": Call(NAME, (T, S, C, H), {"kept": S - 3}),
        "one token after many": Call(NAME, (1, 100, C, H), {"kept": 99}),
        "a source that is all kept": Call(NAME, (T, S, C, H), {"kept": S}),
        "shared and kept": Call(NAME, (T, S, C, H), {"n_kv_heads": 3, "kept": 4}),
    }


def attention_flops(T, S, d_model, n_heads, n_kv_heads=None, kept=0):
    """Return the right number, head by head."""
    D = d_model // n_heads
    total = 0
    for _ in range(n_heads):
        total += 2 * T * d_model * D  # its queries
        total += 2 * T * D * S + 2 * T * S * D  # scores, averages
        total += 2 * T * D * d_model  # its part of the output
    for _ in range(n_heads if n_kv_heads is None else n_kv_heads):
        total += 2 * (2 * (S - kept) * d_model * D)  # keys and values
    return total


def _version(shared=True, looks="all", kept_counts=True, twice=2, out=2, pairs=2):
    """Return the sum with one thing changed."""

    def count(T, S, d_model, n_heads, n_kv_heads=None, kept=0):
        G = n_heads if n_kv_heads is None else n_kv_heads
        part = G / n_heads if shared else 1
        new = S - kept if kept_counts else S
        seen = {"all": S, "new": S - kept, "shared": S * G / n_heads}[looks]
        maps = out * T * d_model**2 + 2 * new * d_model**2 * part
        return round(twice * (maps + pairs * T * seen * d_model))

    return count


def _swapped(T, S, d_model, n_heads, n_kv_heads=None, kept=0):
    G = n_heads if n_kv_heads is None else n_kv_heads
    new = T - min(kept, T)
    maps = 2 * S * d_model**2 + 2 * new * d_model**2 * G // n_heads
    return 2 * (maps + 2 * T * S * d_model)


ANSWERS = {
    "heads-not-shared": _version(shared=False),
    "scores-shared-too": _version(looks="shared"),
    "kept-ignored": _version(kept_counts=False),
    "kept-not-seen": _version(looks="new"),
    "half-the-operations": _version(twice=1),
    "no-output": _version(out=1),
    "scores-alone": _version(pairs=1),
    "T-and-S-swapped": _swapped,
}
TEXTS = {
    "heads-not-shared": "With fewer key heads the two maps that make keys and values "
    "are narrower: G · D instead of C.",
    "scores-shared-too": "Shared keys are fewer *keys*. Each of the H query heads "
    "still asks all S positions, so scores and averages stay as many.",
    "kept-ignored": "Keys and values that are kept need not be computed again: only "
    "S - kept go through the two maps.",
    "kept-not-seen": "What is kept is still looked at: scores and averages go over all "
    "S positions. Only the two maps for keys and values are spared.",
    "half-the-operations": "A product of (n, m) by (m, p) takes 2 n m p operations.",
    "no-output": "One of the four maps is missing: the heads' results go through one "
    "more product of C by C.",
    "scores-alone": "There are two products between queries and positions: the scores, "
    "and the averages of the values.",
    "T-and-S-swapped": "Who asks, and who answers? Queries and the output are made for "
    "the T tokens, keys and values for the S positions.",
}


def _of_class(answer, more, T, S, d_model, n_heads, n_kv_heads=None, kept=0):
    """Let each query look at learned vectors, too."""
    return answer(T, S, d_model, n_heads, n_kv_heads, kept) + 4 * T * more * d_model


def _card(more) -> str:
    return (
        f"Beside the S positions each query head looks at {more} learned keys and "
        "values that belong to the model itself: they need no map, but they are scored "
        "and averaged like the others, with the defaults too."
    )


CHECK = Check(
    calls,
    {NAME: attention_flops},
    slips=slips(NAME, ANSWERS, TEXTS),
    vary=varied("20-heads", range(2, 40), _card, _of_class),
)
