"""MiniLM: text to vector, and text to label, beside the way it usually comes.

Quality is asserted before anything is timed; without the extra `hf` there is nothing to
claim. What the kernels give depends on the processor: registers of 512 bits earn more
in float32, an instruction that multiplies and adds bytes (VNNI) in int8.
"""

import contextlib
import io
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.claims import Claim, lacking, spread
from course_utils.data.docstrings import docstring_sentences
from course_utils.data.labeled import LabeledTexts
from course_utils.data.minilm import has_minilm, minilm_folder
from course_utils.faster.packing import PackedEncoder, int8_encoder
from course_utils.measure import Comparison, compare, timer
from course_utils.metrics.bootstrap import paired_bootstrap
from course_utils.pretrained import MeanEncoder, load_minilm, mean_pool
from course_utils.probing import Probe, TfIdf, best_probe, fit_probe
from course_utils.smaller.kernels import packed_bits
from course_utils.smaller.pocket import load_pocket, make_pocket
from course_utils.smaller.rivals import onnx_session
from course_utils.text import pad_batch

__all__ = ["claims"]

TEXTS, EXAMPLES, PER_LABEL, ROUNDS = 192, 32, 80, 5
EXACT, INT8 = 3.5, 6.0  # at least, where the processor lacks nothing


def claims() -> Iterator[Claim]:
    """Measure MiniLM's rows; none without the package that carries the weights."""
    if not has_minilm():
        return
    teacher = load_minilm()
    yield from vector_claims(teacher)
    yield from classifier_claims(teacher)


def rival() -> Callable[[list[str]], Tensor]:
    """Return sentence-transformers' own encoder of the same folder."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with quiet():
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(minilm_folder()), device="cpu")
    return lambda texts: torch.tensor(model.encode(texts, show_progress_bar=False))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what other libraries print and warn about to themselves."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def ragged() -> tuple[list[str], list[str]]:
    """Return 192 sentences as people wrote them, and some to look at first."""
    texts = docstring_sentences(150).texts
    return texts[:TEXTS], texts[TEXTS : TEXTS + EXAMPLES]


def vector_claims(teacher: MeanEncoder) -> Iterator[Claim]:
    """Text to normalized vector: exact, and in int8."""
    texts, examples = ragged()
    exact = PackedEncoder(teacher.model)
    small = int8_encoder(teacher.model, teacher.tokenizer(examples))
    encode = rival()
    vectors = {
        "theirs": encode(texts),
        "exact": exact(teacher.tokenizer(texts)),
        "int8": small(teacher.tokenizer(texts)),
    }
    cosine = {n: (v * vectors["theirs"]).sum(-1).mean() for n, v in vectors.items()}
    assert cosine["exact"] > 0.99999, f"ours differ: cosine {cosine['exact']:.6f}"
    assert cosine["int8"] >= 0.9975, f"int8 drifts: cosine {cosine['int8']:.4f}"
    functions = {
        "theirs": lambda: encode(texts),
        "exact": lambda: exact(teacher.tokenizer(texts)),
        "int8": lambda: small(teacher.tokenizer(texts)),
    }
    beside = onnx_int8(teacher, texts, vectors["theirs"], functions)
    result = compare(functions, check=False, rounds=ROUNDS, warmup=1)
    what = f"MiniLM, {TEXTS} ragged sentences to vectors, sentence-transformers = 1"
    yield Claim(
        f"{what}: ours without padding, float32, cosine 1.0000",
        EXACT,
        result.ratio("exact"),
        note=spread(result, "exact"),
        needs=lacking("avx512f"),
    )
    yield Claim(
        f"{what}: ours in int8, mean cosine {cosine['int8']:.4f}",
        INT8,
        result.ratio("int8"),
        note=spread(result, "int8") + beside(result),
        needs=lacking("avx512_vnni"),
    )


def onnx_int8(
    teacher: MeanEncoder, texts: list[str], expected: Tensor, functions: dict
) -> Callable[[Comparison], str]:
    """Add onnxruntime's int8 to the functions; return what is then said of it."""
    try:
        with quiet():
            run = onnx_encoder(teacher)
            cosine = (run(texts) * expected).sum(-1).mean()
    except Exception as error:  # exporters fail in many ways, none of them ours
        kind = type(error).__name__
        return lambda result: f"; onnxruntime int8 not run ({kind})"
    functions["onnx"] = lambda: run(texts)
    return lambda result: (
        f"; onnxruntime int8 (a scale for each output, weights of "
        f"{packed_bits()} bits) {result.ratio('onnx'):.2f} at mean cosine {cosine:.4f}"
    )


def onnx_encoder(teacher: MeanEncoder) -> Callable[[list[str]], Tensor]:
    """Export MiniLM and run it in int8, in sorted batches of 8, its fastest size."""
    whole = io.BytesIO()
    torch.onnx.export(
        teacher.model,
        (torch.tensor([[5, 6, 7, 8], [9, 10, 0, 0]]),),
        whole,
        input_names=["ids"],
        output_names=["hidden"],
        dynamic_axes={name: {0: "B", 1: "T"} for name in ("ids", "hidden")},
        dynamo=False,
    )
    session = onnx_session(whole.getvalue())

    def run(texts: list[str]) -> Tensor:
        ids = teacher.tokenizer(texts)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        vectors = torch.empty(len(ids), teacher.model.config.d_model)
        for start in range(0, len(order), 8):
            rows = order[start : start + 8]
            batch = pad_batch([ids[i] for i in rows])
            (hidden,) = session.run(["hidden"], {"ids": batch.numpy()})
            vectors[rows] = mean_pool(torch.from_numpy(hidden), batch != 0)
        return vectors

    return run


def teacher_probe(teacher: MeanEncoder, data: LabeledTexts) -> Probe:
    """Fit the probe on the float32 teacher's vectors."""
    folds = torch.tensor(data.folds())
    return best_probe(teacher(data.texts), torch.tensor(data.labels), folds)


def counted_words(data: LabeledTexts, test: LabeledTexts) -> Tensor:
    """Return which test texts tf-idf gets right, at the better of two penalties."""
    count, y = TfIdf(data.texts), torch.tensor(data.labels)
    x, others, labels = count(data.texts), count(test.texts), torch.tensor(test.labels)
    fits = [fit_probe(x, y, p, standardize=False) for p in (1e-4, 1e-3)]
    return max((f.hits(others, labels).float() for f in fits), key=torch.Tensor.mean)


def classifier_claims(teacher: MeanEncoder) -> Iterator[Claim]:
    """One file, made here, that reads text and names its subject."""
    train, test = docstring_sentences().halves()
    train = train.first(PER_LABEL)
    probe, y = teacher_probe(teacher, train), torch.tensor(test.labels)
    full = probe.hits(teacher(test.texts), y).float()
    words = counted_words(train, test)
    low, _ = paired_bootstrap(full, words, torch.mean, torch.Generator().manual_seed(0))
    assert low > 0, f"the teacher does not beat counted words: {low:+.3f}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "subjects.safetensors"
        with timer() as made:
            size = make_pocket(teacher, train, path)
        pocket = load_pocket(path)
    hits = (pocket.logits(test.texts).argmax(dim=-1) == y).float()
    encode, some = rival(), test.texts[:TEXTS]
    functions = {
        "theirs": lambda: probe.logits(encode(some)),
        "pocket": lambda: pocket.logits(some),
    }
    result = compare(functions, check=False, rounds=ROUNDS, warmup=1)
    whole = (minilm_folder() / "model.safetensors").stat().st_size
    what = "MiniLM classifier in one file"
    note = f"{len(pocket.encoder.layers)} layers kept; tf-idf {words.mean():.3f}"
    yield Claim(
        f"{what}: accuracy against the float32 teacher's {full.mean():.3f}",
        -1.0,
        100 * (hits.mean() - full.mean()).item(),
        "points",
        note,
    )
    yield Claim(
        f"{what}: smaller than its float32 weights",
        10,
        whole / size,
        note=f"{size / 1e6:.2f} MB",
    )
    yield Claim(
        f"{what}: faster than sentence-transformers and the same probe",
        6,
        result.ratio("pocket"),
        note=spread(result, "pocket"),
        needs=lacking("avx512_vnni"),
    )
    yield Claim(
        f"{what}: seconds to make it, as a negative", -60, -made.cpu_seconds, "s"
    )
