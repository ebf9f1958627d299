"""What fewer bits cost, on the translator and on the language model.

from benchmarks.claims.quantization import claims
"""

import math
from collections.abc import Callable, Iterator
from functools import partial, reduce

import torch
from torch import Tensor, nn

from benchmarks.claims import Claim, spread
from benchmarks.claims.generation import translator_speed
from course_utils.characters import load_language_model
from course_utils.contenders import with_lean_loop
from course_utils.data.phrasebook import Pair
from course_utils.faster.routes import int8_route
from course_utils.measure import compare
from course_utils.recipes.common import Corpus, judge
from course_utils.recipes.language_model import nats_per_token, read_text
from course_utils.recipes.translator import read_pairs
from course_utils.smaller.few_bits import few_bits, input_products, with_levels
from course_utils.smaller.int8 import int8_model, stored_bytes
from course_utils.smaller.rivals import rivals
from course_utils.smaller.small_file import load_small, load_small_translator
from course_utils.text import Vocabulary, pad_batch
from course_utils.training import shift_right, translation_loss
from course_utils.transformer import Transformer
from course_utils.translator import WEIGHTS, Translator, language_tag, load_translator

__all__ = ["claims"]

PAIRS = 1000  # held-out sentences a language
LENGTH = 128  # of a window of the language model
UNREAD = 160 * LENGTH + 1  # characters that show what rounding costs
SMALL = WEIGHTS / "translator.small"


def claims() -> Iterator[Claim]:
    """Measure the translator in 8, 4 and 3 bits, then in one small file."""
    torch.set_num_threads(1)
    held_out = read_pairs("test", PAIRS)
    original = load_translator("fr")
    before = bleu(original.model, original.vocabulary, held_out)
    yield in_8_bits(original, before, held_out)
    yield against_libraries()
    yield from in_few_bits(original, held_out)
    yield from language_model_in_few_bits()
    yield from in_one_file(before, held_out)
    yield speed_of_the_file()


def bleu(model: Transformer, vocabulary, held_out: dict[str, list[Pair]]) -> dict:
    """Return BLEU of a model on the held-out sentences of each language."""
    return {
        language: judge(Translator(model, vocabulary, language), pairs)["bleu"]
        for language, pairs in held_out.items()
    }


def worst_loss(before: dict, after: dict) -> float:
    """Return how many BLEU points the language that suffers most has lost."""
    return max(before[language] - after[language] for language in before)


def in_8_bits(original: Translator, before: dict, held_out: dict) -> Claim:
    """Weigh the translator in 8 bits, once its BLEU is within 0.2."""
    small = int8_model(original.model)
    lost = worst_loss(before, bleu(small, original.vocabulary, held_out))
    assert lost <= 0.2, f"8 bits lost {lost:.2f} BLEU"
    return Claim(
        "bytes of the translator's weights in 32 bits against 8 bits with all scales",
        3.6,
        stored_bytes(original.model) / stored_bytes(small),
        note=f"{lost:.2f} BLEU lost, {PAIRS} held-out sentences a language",
        beside=True,
    )


def against_libraries() -> Claim:
    """Compare two layers in 8 bits with the libraries' own: drift, and speed beside."""
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(384, 1536), nn.ReLU(), nn.Linear(1536, 384))
    layers.requires_grad_(False)
    x = torch.randn(64, 1).exp() * torch.randn(64, 384)
    ways = {"float32": layers, "ours": by_routes(layers)}
    made = {name: make(layers) for name, make in rivals().items()}
    ways |= {name: run for name, run in made.items() if run is not None}
    expected = layers(x)
    drift = {
        name: ((run(x) - expected).norm(dim=-1) / expected.norm(dim=-1)).max().item()
        for name, run in ways.items()
    }
    found = compare(
        {name: partial(run, x) for name, run in ways.items()}, check=False, rounds=5
    )
    others = [n for n in ways if n not in ("float32", "ours", "torchao quantize_")]
    return Claim(
        "drift of the worst token, the better of torch's quantize_dynamic and "
        "onnxruntime int8 (a scale a call) against ours (a scale a token)",
        2,
        min((drift[n] for n in others), default=math.nan) / drift["ours"],
        note="; ".join(
            f"{name}: drift {drift[name]:.3f}, speed {found.ratio(name):.2f}"
            for name in ways
        ),
        beside=True,
    )


def by_routes(stack: nn.Sequential) -> Callable[[Tensor], Tensor]:
    """Return the stack as a function, its linear maps in 8 bits by the package."""
    steps = [
        int8_route(part.weight, part.bias) if isinstance(part, nn.Linear) else part
        for part in stack
    ]
    return lambda x: reduce(lambda x, step: step(x), steps, x)


def batches(vocabulary: Vocabulary, pairs: dict[str, list[Pair]]) -> list:
    """Return the pairs as padded sources and targets, a batch a language."""
    tagged = [{language_tag(one): listed} for one, listed in pairs.items()]
    corpora = [Corpus.encoded(vocabulary, one) for one in tagged]
    return [(pad_batch(one.sources), pad_batch(one.targets)) for one in corpora]


def in_few_bits(original: Translator, held_out: dict) -> Iterator[Claim]:
    """Round the trained translator to 4 and 3 bits, errors compensated."""
    model, vocabulary = original.model, original.vocabulary
    seen = batches(vocabulary, read_pairs("train", 500))
    products = input_products(model, [(s, shift_right(t)) for s, t in seen])
    tests = batches(vocabulary, held_out)

    def nats(model: Transformer) -> float:
        with torch.no_grad():
            return sum(translation_loss(model, batch).item() for batch in tests) / 2

    for bits, most in ((4, 0.003), (3, 0.015)):
        plain, mended = (
            nats(with_levels(model, few_bits(model, bits, 32, given))) - nats(model)
            for given in (None, products)
        )
        yield Claim(
            f"loss of {bits} bits in groups of 32 (embedding 8) with compensated "
            f"errors, on the converged translator",
            -most,
            -mended,
            "nats a word",
            f"without compensation {-plain:+.4f}",
        )


def windows(text: Tensor, n: int) -> Tensor:
    """Return n windows of a text, evenly spread."""
    step = (len(text) - LENGTH) // n
    return torch.stack([text[i * step : i * step + LENGTH] for i in range(n)])


def language_model_in_few_bits() -> Iterator[Claim]:
    """Round the trained language model to 4, 3 and 2 bits, errors compensated."""
    model, _ = load_language_model()
    seen, unread = windows(read_text("train")[0], 64), read_text("test")[0][:UNREAD]
    products = input_products(model, [(part,) for part in seen.split(16)])

    def nats(model: nn.Module) -> float:
        return nats_per_token(model, unread, LENGTH)

    whole = nats(model)
    for bits, most in ((4, 0.003), (3, 0.015), (2, 0.03)):
        plain, mended = (
            nats(with_levels(model, few_bits(model, bits, 32, given))) - whole
            for given in (None, products)
        )
        yield Claim(
            f"loss of {bits} bits in groups of 32 (embedding 8) with compensated "
            f"errors, on the language model (windows of {LENGTH})",
            -most,
            -mended,
            "nats a token",
            f"without compensation {-plain:+.4f}; whole {whole:.3f}",
        )


def in_one_file(before: dict, held_out: dict) -> Iterator[Claim]:
    """Weigh the file of the small translator, and its BLEU, from the file itself."""
    model, vocabulary, _ = load_small(SMALL)
    lost = worst_loss(before, bleu(model, vocabulary, held_out))
    size = SMALL.stat().st_size
    whole = (WEIGHTS / "translator.safetensors").stat().st_size
    note = f"{whole:,} bytes, in float32 and without its words, against {size:,} with"
    yield Claim(
        "the translator's weights, without its words, against one compressed file that "
        "holds all it needs, words included",
        12,
        whole / size,
        note=f"{note}; {lost:.2f} BLEU lost",
    )
    yield Claim(
        "BLEU of that compressed file, above the original, worse language",
        -1,
        -lost,
        "points",
        f"{PAIRS} held-out sentences a language",
    )


def speed_of_the_file() -> Claim:
    """Time the translator that the compressed file gives back, by the lean loop."""
    found = translator_speed(with_lean_loop(load_small_translator("fr", SMALL)))
    return Claim(
        "that compressed file, text to text, one sentence at a time, against a Hugging "
        "Face encoder-decoder of the original size driven by `generate`",
        4,
        found.ratio("ours"),
        note=spread(found, "ours"),
    )
