"""Writing with a cache and by a lean loop, against Hugging Face's `generate`."""

import math
from collections.abc import Callable, Iterator
from functools import cache, partial

import torch

from benchmarks._rivals import gpt2_like, gpt2_writes, pegasus_like, pegasus_writes
from benchmarks.claims import Claim, lacking, spread
from course_utils.characters import load_language_model
from course_utils.contenders import with_lean_loop
from course_utils.data.phrasebook import phrasebook
from course_utils.faster.cache import cached_text_steps
from course_utils.faster.int8 import (
    int8_both_product,
    int8_weight_product,
    weight_kernel_works,
)
from course_utils.faster.lean import LeanText
from course_utils.generation import greedy, text_steps
from course_utils.measure import Comparison, compare
from course_utils.recipes.language_model import read_text
from course_utils.smaller.kernels import packed_bits
from course_utils.translator import load_translator

NEW, ROUNDS, SENTENCES, WINDOWS = 256, 5, 25, 6

__all__ = ["claims", "translator_speed"]


def claims() -> Iterator[Claim]:
    """Measure each row."""
    yield same_tokens()
    yield from fewer_bits()
    yield with_and_without_cache()
    yield same_translations()


@cache
def subject():
    """Return the trained language model and a text that it has not read."""
    model, vocabulary = load_language_model()
    text, _ = read_text("test")
    return model, vocabulary, text.tolist()


def same_tokens() -> Claim:
    """Compare the lean loop with Hugging Face on the same weights."""
    model, _, text = subject()
    lean, theirs, prefix = LeanText(model), gpt2_like(model), text[:16]
    found = compare(
        {
            "Hugging Face": lambda: gpt2_writes(theirs, prefix, NEW),
            "ours": lambda: lean(prefix, NEW, end_id=-1),
        },
        rounds=ROUNDS,
        warmup=1,
        tolerance=0,
    )
    return Claim(
        f"our loop writes {NEW} tokens at batch 1, the very tokens of Hugging Face's "
        "`generate` with the same float32 weights, so many times faster",
        1.75,
        found.ratio("ours"),
        note=spread(found, "ours"),
    )


def fewer_bits() -> Iterator[Claim]:
    """Compare int8 weights with Hugging Face's float32, where torch can multiply them.

    What is claimed needs the processor's instructions for bfloat16, or for sums of
    bytes; without them the row is measured all the same.
    """
    name = "int8 weights and bfloat16 activations"
    if weight_kernel_works():
        yield in_int8(name, int8_weight_product, 4.5, "avx512_bf16")
    if packed_bits():
        yield in_int8(
            "int8 weights and activations", int8_both_product, 3.0, "avx512_vnni"
        )


def in_int8(name: str, product: Callable, at_least: float, flag: str) -> Claim:
    """Time one kind of int8, once its perplexity is within 0.5 % of float32's."""
    model, _, text = subject()
    theirs, prefix = gpt2_like(model), text[:16]
    lean = LeanText(model, product)
    loss = perplexity_change(model, product)
    assert abs(loss) <= 0.005, f"{name}: perplexity changes by {loss:.2%}"
    found = compare(
        {
            "Hugging Face": lambda: gpt2_writes(theirs, prefix, NEW),
            "ours": lambda: lean(prefix, NEW, end_id=-1),
        },
        rounds=ROUNDS,
        warmup=1,
        check=lambda expected, got: len(expected) == len(got),
    )
    return Claim(
        f"the same with {name}, perplexity within 0.5 % of float32",
        at_least,
        found.ratio("ours"),
        note=f"perplexity {loss:+.2%}; {spread(found, 'ours')}",
        needs=lacking(flag),
    )


def perplexity_change(model, product: Callable) -> float:
    """Return by which share the perplexity grows, on windows of unread text."""
    _, _, text = subject()
    length = model.config.max_len
    loops = [LeanText(model), LeanText(model, product)]
    windows = [text[i * 2001 :][: length + 1] for i in range(WINDOWS)]
    plain, rounded = (sum(map(loop.nats, windows)) / WINDOWS for loop in loops)
    return math.expm1(rounded - plain)


def with_and_without_cache() -> Claim:
    """Compare 500 tokens with a cache and without one, by modules and by the loop."""
    model, _, text = subject()
    prefix, lean = torch.tensor([text[:12]]), LeanText(model)
    write = partial(greedy, prefix=prefix, max_new=500, end_id=-1)
    found = compare(
        {
            "without": lambda: write(text_steps(model)),
            "modules": lambda: write(cached_text_steps(model)),
            "loop": lambda: torch.tensor([lean(text[:12], 500, end_id=-1)]),
        },
        rounds=2,
        warmup=1,
        tolerance=0,
    )
    return Claim(
        "500 tokens by the lean loop with its key/value cache, against the modules "
        "that read everything again, the same tokens",
        15,
        found.ratio("loop"),
        note=f"{spread(found, 'loop')}; the modules with a cache "
        f"{found.ratio('modules'):.1f} times",
    )


def translator_speed(
    translate: Callable[[str], str],
    name: str = "ours",
    exact: bool = False,
    rounds: int = ROUNDS,
) -> Comparison:
    """Time a text-to-text translator against Hugging Face's encoder-decoder.

    One sentence a call, from text to text; a row's milliseconds are those of all
    `SENTENCES`. The rival carries the weights of the course's translator and writes
    the same words; with `exact`, `translate` must too.
    """
    original = load_translator("fr")
    theirs, words = pegasus_like(original.model), original.vocabulary
    texts = [pair.source for pair in phrasebook("fr", SENTENCES, "test", seed=5)]

    def rival(text: str) -> str:
        [ids] = original.encode([text])
        return words.decode(pegasus_writes(theirs, ids))

    assert [rival(text) for text in texts] == original.translate(texts)
    same = (lambda a, b: a == b) if exact else (lambda a, b: len(a) == len(b))
    both = {"Hugging Face": rival, name: translate}
    calls = {key: partial(_all, function, texts) for key, function in both.items()}
    return compare(calls, rounds=rounds, warmup=1, check=same)


def _all(function: Callable[[str], str], texts: list[str]) -> list[str]:
    return [function(text) for text in texts]


def same_translations() -> Claim:
    """Compare the uncompressed translator with the rival that has its weights."""
    found = translator_speed(with_lean_loop(load_translator("fr")), exact=True)
    each = found.milliseconds("ours") / SENTENCES
    return Claim(
        "the translator, text to text, one sentence at a time, the very words of a "
        "Hugging Face encoder-decoder with the same weights driven by `generate`",
        4,
        found.ratio("ours"),
        note=f"{spread(found, 'ours')} for {SENTENCES}, {each:.1f} ms each",
        beside=True,
    )
