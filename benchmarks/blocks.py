"""Our encoder layer and translator against torch's and Hugging Face's.

    course bench blocks

Both sides carry the same weights, and must return the same numbers and gradients before
anything is timed. *Same work*: the rival drops out only where we do, and takes no fast
path around its own code. *As it comes*: with its own dropout and fast paths.
"""

import copy
import json as to_json
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.attention import scaled_dot_product_attention
from course_utils.config import ModelConfig
from course_utils.encoder import EncoderLayer
from course_utils.generation import greedy, translation_steps
from course_utils.interop import (
    TorchTranslator,
    from_bert,
    from_torch,
    from_translator,
)
from course_utils.machine import Machine
from course_utils.measure import Comparison, compare, largest_difference
from course_utils.transformer import Transformer

__all__ = ["main", "measure"]

REQUIRED = 0.95  # of the speed of a rival that does the same work
ATTENTIONS = {
    "by hand": scaled_dot_product_attention,
    "F.scaled_dot_product_attention": F.scaled_dot_product_attention,
}
LAYER = ModelConfig(
    1, d_model=256, n_heads=4, n_layers=1, d_ff=1024, dropout=0.1, activation="gelu"
)
BATCHES = ((16, 32), (4, 128))  # texts, tokens; a quarter of the tokens is padding
TRANSLATOR = ModelConfig(1000, d_model=256, n_heads=4, n_layers=3, d_ff=1024)
SOURCES, WORDS = 32, 16
METHOD = (
    "How many times as fast ours is as a rival of equal weights, numbers, gradients: "
    "median and middle half of the ratios of alternating rounds, processor time. Same "
    "work: the rival drops out only where we do, and leaves its fused inference kernel "
    "aside. As it comes: its own dropout and fast paths"
)


@dataclass(frozen=True)
class Row:
    """How many times as fast ours is, at one task, as one rival."""

    task: str
    rival: str
    attention: str
    same_work: float
    low: float
    high: float
    as_it_comes: float


# --- the rivals --------------------------------------------------------------------


def torch_layers(norm_first: bool) -> dict[str, nn.Module]:
    """Return torch's layer with dropout where we have it, and as it comes."""
    sizes = LAYER.d_model, LAYER.n_heads, LAYER.d_ff, LAYER.dropout, "gelu"
    own = nn.TransformerEncoderLayer(*sizes, batch_first=True, norm_first=norm_first)
    same = copy.deepcopy(own)
    same.self_attn.dropout, same.dropout = 0.0, nn.Identity()
    return {"same work": same, "as it comes": own}


def bert_layers() -> dict[str, nn.Module]:
    """Return BERT's layer with dropout where we have it, and as it comes."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from transformers import BertConfig
    from transformers.models.bert.modeling_bert import BertLayer

    config = BertConfig(
        hidden_size=LAYER.d_model,
        num_attention_heads=LAYER.n_heads,
        intermediate_size=LAYER.d_ff,
        layer_norm_eps=LAYER.norm_eps,
    )
    config._attn_implementation = "sdpa"  # what BertModel chooses by itself
    own = BertLayer(config)
    same = copy.deepcopy(own)
    same.attention.self.dropout.p = 0.0
    return {"same work": same, "as it comes": own}


RIVALS: dict[str, tuple[Callable, Callable, bool]] = {
    "torch, pre-norm": (lambda: torch_layers(True), from_torch, True),
    "torch, post-norm": (lambda: torch_layers(False), from_torch, False),
    "Hugging Face BERT": (bert_layers, from_bert, False),
}


# --- one encoder layer -------------------------------------------------------------


def candidates(rival: str) -> dict[str, nn.Module]:
    """Return both forms of the rival, and ours with each attention, all equal."""
    build, carry, norm_first = RIVALS[rival]
    layers = build()
    weights = carry(dict(layers["same work"].named_parameters()))
    for name, attention in ATTENTIONS.items():
        ours = EncoderLayer(replace(LAYER, norm_first=norm_first), attention)
        ours.load_state_dict(weights, strict=True)
        layers[name] = ours
    return layers


def batch(texts: int, tokens: int) -> tuple[Tensor, Tensor]:
    """Draw vectors, and which of them are real: text by text half to all of them."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(texts, tokens, LAYER.d_model, generator=generator)
    lengths = torch.linspace(tokens / 2, tokens, texts).round()
    return x, torch.arange(tokens) < lengths[:, None]


def call(layer: nn.Module, x: Tensor, real: Tensor) -> Tensor:
    """Call a layer with the padding mask in the form that it takes."""
    if isinstance(layer, nn.TransformerEncoderLayer):
        return layer(x, src_key_padding_mask=~real)
    return layer(x, real[:, None, None, :])


def require_equal(layers: dict[str, nn.Module], carry: Callable, x, real) -> None:
    """Demand that ours return the rival's numbers and gradients, dropout aside."""
    found = {}
    for name, layer in layers.items():
        out = call(layer.eval(), x, real)[real]
        weights = dict(layer.named_parameters())
        grads = torch.autograd.grad(out.square().mean(), list(weights.values()))
        grads = dict(zip(weights, grads, strict=True))
        found[name] = [out, grads if name in ATTENTIONS else carry(grads)]
    for name in layers:
        gap = largest_difference(found["same work"], found[name], relative=True)
        assert gap <= 1e-5, f"{name} differs from the rival by {gap:.1e}"


def training_step(layer: nn.Module, x: Tensor, real: Tensor) -> Callable[[], None]:
    """Return a function that runs forward, backward and plain gradient descent."""
    layer.train()
    optimizer = torch.optim.SGD(layer.parameters(), lr=1e-4)

    def step() -> None:
        optimizer.zero_grad()
        call(layer, x, real).square().mean().backward()
        optimizer.step()

    return step


def inference(layer: nn.Module, x: Tensor, real: Tensor, fast: bool) -> Callable:
    """Return a function that runs the layer; `fast` lets torch use its fused kernel."""
    layer.eval()

    @torch.no_grad()
    def run() -> Tensor:
        before = torch.backends.mha.get_fastpath_enabled()
        torch.backends.mha.set_fastpath_enabled(fast)
        out = call(layer, x, real)
        torch.backends.mha.set_fastpath_enabled(before)
        return out[real]

    return run


def timed(functions: dict, rounds: int, check: bool = True) -> Comparison:
    """Compare with the same work; where ours seems to fall short, look longer."""
    result = compare(functions, check=check, rounds=rounds)
    if min(result.ratio(name) for name in ATTENTIONS) < REQUIRED:
        return compare(functions, check=check, rounds=4 * rounds)
    return result


def rows(task: str, rival: str, result: Comparison) -> Iterator[Row]:
    """Read from a comparison what is said of each attention."""
    own = replace(result, baseline="as it comes")
    for name in ATTENTIONS:
        speeds = result.ratio(name), *result.spread(name), own.ratio(name)
        yield Row(task, rival, name, *(round(speed, 3) for speed in speeds))


def measure_layers(rounds: int) -> Iterator[Row]:
    """Time inference, then a training step, beside each rival and for each size."""
    for rival, (_, carry, _) in RIVALS.items():
        for texts, tokens in BATCHES:
            torch.manual_seed(0)
            layers, (x, real) = candidates(rival), batch(texts, tokens)
            require_equal(layers, carry, x, real)
            size = f"{texts} × {tokens} tokens"
            runs = {
                name: inference(one, x, real, fast=name == "as it comes")
                for name, one in layers.items()
            }
            yield from rows(f"inference, {size}", rival, timed(runs, rounds))
            steps = {name: training_step(one, x, real) for name, one in layers.items()}
            result = timed(steps, rounds, check=False)  # the dropout is not the same
            yield from rows(f"training step, {size}", rival, result)


# --- greedy translation ------------------------------------------------------------


def translation(model: nn.Module, source: Tensor, fast: bool = False) -> Callable:
    """Return a function that translates the batch, as many words for everybody."""
    start = torch.ones(len(source), 1, dtype=torch.long)

    def run() -> Tensor:
        torch.backends.mha.set_fastpath_enabled(fast)
        steps = translation_steps(model, source)
        words = greedy(steps, start, max_new=WORDS, end_id=-1)
        torch.backends.mha.set_fastpath_enabled(True)
        return words

    return run


def measure_translation(rounds: int) -> Iterator[Row]:
    """Time greedy translation; the words must be the same."""
    generator = torch.Generator().manual_seed(1)
    shape = SOURCES, WORDS
    source = torch.randint(3, TRANSLATOR.vocab_size, shape, generator=generator)
    lengths = torch.linspace(WORDS / 2, WORDS, SOURCES).round()
    source[torch.arange(WORDS) >= lengths[:, None]] = 0
    for norm_first in (True, False):
        config = replace(TRANSLATOR, norm_first=norm_first)
        torch.manual_seed(0)
        theirs = TorchTranslator(config).eval()
        runs = {
            "same work": translation(theirs, source),
            "as it comes": translation(theirs, source, fast=True),
        }
        weights = from_translator(dict(theirs.named_parameters()))
        for name, attention in ATTENTIONS.items():
            ours = Transformer(config, attention).eval()
            ours.load_state_dict(weights, strict=True)
            runs[name] = translation(ours, source)
        rival = f"nn.Transformer, {'pre' if norm_first else 'post'}-norm"
        result = timed(runs, rounds)
        yield from rows(f"translation of {SOURCES} sentences", rival, result)


# --- the report --------------------------------------------------------------------


def measure(rounds: int = 15) -> list[Row]:
    """Measure everything, on one thread, in processor time."""
    with warnings.catch_warnings():  # torch tells that a fast path is off, or is new
        warnings.filterwarnings("ignore", "enable_nested_tensor|.*nested tensors")
        return [*measure_layers(rounds), *measure_translation(rounds)]


def table(report: dict) -> str:
    """Return the report as Markdown: how many times as fast as the rival ours is."""
    head = "task", "rival", "our attention", "same work", "middle half", "as it comes"
    lines = [head, ["---"] * len(head)]
    for row in report["rows"]:
        half = f"{row['low']:.2f} to {row['high']:.2f}"
        numbers = f"**{row['same_work']:.2f}**", half, f"{row['as_it_comes']:.2f}"
        lines.append([row["task"], row["rival"], row["attention"], *numbers])
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{text}\n\n{report['method']}; {report['machine']}."


def main(json: bool = False) -> dict:
    """Measure, print and keep the report; raise AssertionError where it falls short."""
    from transformers import __version__ as transformers

    rows = [asdict(row) for row in measure()]
    machine = f"{Machine.here(1)}, transformers {transformers}"
    report = {"rows": rows, "required": REQUIRED, "method": METHOD, "machine": machine}
    texts = {"md": table(report), "json": to_json.dumps(report, indent=1)}
    print(texts["json" if json else "md"])
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    for kind, text in texts.items():
        (results / f"blocks.{kind}").write_text(f"{text}\n", encoding="utf-8")
    short = [row for row in rows if row["same_work"] < REQUIRED]
    assert not short, f"below {REQUIRED} of the rival's speed: {short}"
    return report


if __name__ == "__main__":
    main()
