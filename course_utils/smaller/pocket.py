"""A classifier in one small file: fewer layers, fewer pieces, fewer bits.

Made on the reader's machine from MiniLM and some labeled texts, in seconds:

1. take as many layers as the labels need, judged on held-out texts;
2. keep the pieces of words that the texts contain, and the most frequent others;
3. round the matrices to a few bits, each error mended by the weights that follow;
4. fit the probe anew, on what the rounded encoder returns.

The file is unpacked into an int8 encoder that computes no padding.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from course_utils.checkpoints import CheckpointError
from course_utils.data.labeled import LabeledTexts
from course_utils.faster.packing import PackedEncoder, int8_encoder, micro_batches
from course_utils.pretrained import Bert, MeanEncoder, WordPieces
from course_utils.probing import Probe, TextClassifier, best_probe, held_out_hits
from course_utils.smaller.few_bits import (
    Levels,
    few_bits,
    input_products,
    rounded,
    with_levels,
)
from course_utils.smaller.small_file import load_small, save_small
from course_utils.text import Vocabulary, pad_batch

__all__ = [
    "layer_vectors",
    "load_pocket",
    "make_pocket",
    "pruned",
    "shallowest",
]

Progress = Callable[[str], None]
SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
GROUP, BITS = 32, 6
LONGEST = 128  # tokens that the file can read
TEXTS = 256  # at most so many show which inputs move together
RECORD = {"names", "weight", "bias", "examples"}  # the notes in the file
EXAMPLES = 32  # texts that show how large the inputs get


def layer_vectors(
    encoder: PackedEncoder, ids: Sequence[Sequence[int]]
) -> Float[Tensor, "L+1 N C"]:
    """Return each text's mean vector after the embedding and after every layer."""
    depth = len(encoder.layers) + 1
    found = torch.empty(depth, len(ids), encoder.config.d_model)
    for batch in micro_batches([len(one) for one in ids]):
        for i, (x, runs) in enumerate(encoder.by_layer([ids[j] for j in batch])):
            means = torch.cat([run.cut(x).mean(dim=1) for run in runs])
            found[i, batch] = F.normalize(means, dim=-1)
    return found


def shallowest(
    vectors: Float[Tensor, "L+1 N C"],
    labels: Int[Tensor, " N"],
    folds: Int[Tensor, " N"],
    slack: float = 0.005,
) -> int:
    """Return the fewest layers whose held-out accuracy is that of all, less `slack`."""
    share = [held_out_hits(x, labels, folds).float().mean().item() for x in vectors]
    return next(i for i, one in enumerate(share) if one >= share[-1] - slack)


def pruned(
    model: Bert, pieces: Sequence[str], used: set[int], keep: int, n_layers: int
) -> tuple[Bert, list[str]]:
    """Return a smaller model, and the pieces of words that it still knows.

    BERT's list is sorted by frequency: the first `keep` pieces stay, and `used`.
    """
    special = [pieces.index(name) for name in SPECIALS]
    others = (set(range(min(keep, len(pieces)))) | used) - set(special)
    rows = special + [i for i in sorted(others) if not pieces[i].startswith("[unused")]
    length = min(LONGEST, model.config.max_len)
    config = replace(
        model.config, vocab_size=len(rows), n_layers=n_layers, max_len=length
    )
    small, state = Bert(config), model.state_dict()
    names = small.state_dict()
    state = {name: tensor for name, tensor in state.items() if name in names}
    state["embedding.token.weight"] = state["embedding.token.weight"][rows]
    table = "embedding.positions.table"
    state[table] = state[table][:length]
    small.load_state_dict(state)
    return small.eval(), [pieces[i] for i in rows]


def _levels(model: Bert, ids: list[list[int]], bits: int) -> dict[str, Levels]:
    """Return the levels of every matrix, and of the table of positions."""
    order, some = sorted(ids, key=len), min(TEXTS, len(ids))
    order = [order[i * len(ids) // some] for i in range(some)]
    batches = [(pad_batch(order[i : i + 16]),) for i in range(0, len(order), 16)]
    products = input_products(model, batches)
    group = math.gcd(GROUP, model.config.d_model, model.config.d_ff)
    table = model.embedding.positions.table
    return few_bits(model, bits, group, products, embedding_bits=bits) | {
        "embedding.positions.table": rounded(table, 8, table.shape[1])
    }


def make_pocket(
    teacher: MeanEncoder,
    data: LabeledTexts,
    path: str | Path,
    *,
    bits: int = BITS,
    keep: int = 8000,
    progress: Progress = lambda step: None,
) -> int:
    """Compress a pretrained encoder for one task, into one file; return its bytes.

    `progress` is told each step before it starts.

    Raises:
        ValueError: the texts have fewer than two labels.
    """
    names, y = data.names, torch.tensor(data.labels)
    if len(names) < 2:
        raise ValueError(f"the only labels are {names}; two kinds at least are needed")
    folds = torch.tensor(data.folds())
    progress("choose the layers")
    ids = teacher.tokenizer(data.texts)
    depth = shallowest(layer_vectors(PackedEncoder(teacher.model), ids), y, folds)
    progress("leave out pieces of words")
    used, pieces = {i for one in ids for i in one}, teacher.tokenizer.vocabulary
    model, pieces = pruned(teacher.model, pieces, used, keep, max(1, depth))
    ids = WordPieces.of(pieces, model.config.max_len)(data.texts)
    progress("round the weights")
    levels = _levels(model, ids, bits)
    model = with_levels(model, levels)
    progress("fit the probe")
    probe = best_probe(int8_encoder(model, ids[:EXAMPLES])(ids), y, folds)
    record = _record(names, probe, ids[:EXAMPLES])
    return save_small(path, model, levels, Vocabulary(pieces), record)


def _record(names: list[str], probe: Probe, examples: list[list[int]]) -> dict:
    return {
        "names": names,
        "weight": [[round(w, 4) for w in row] for row in probe.weight.tolist()],
        "bias": [round(b, 4) for b in probe.bias.tolist()],
        "examples": examples,
    }


def load_pocket(path: str | Path) -> TextClassifier:
    """Read what `make_pocket` wrote, ready to use; nothing else is needed.

    Raises:
        CheckpointError: the file is missing, damaged or of another kind.
    """
    model, vocabulary, record = load_small(path)
    missing = sorted(RECORD - record.keys())
    if missing or not isinstance(model, Bert):
        found = f"a {type(model).__name__} and the notes {sorted(record)}"
        raise CheckpointError(
            f"{path} holds {found}, but a classifier has a Bert and the notes "
            f"{sorted(RECORD)}; load a file that make_pocket wrote"
        )
    encoder = int8_encoder(model, record["examples"])
    probe = Probe(torch.tensor(record["weight"]), torch.tensor(record["bias"]))
    tokenizer = WordPieces.of(vocabulary.words, model.config.max_len)
    return TextClassifier(tokenizer, encoder, probe, record["names"])
