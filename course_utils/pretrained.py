"""A model that others trained, inside our own classes: BERT's family (lesson 15).

`Bert` is our embedding and our encoder in one module; `load_minilm` fills it with the
22.6 million weights of MiniLM. Texts become vectors by averaging over tokens.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from safetensors.torch import load_file
from torch import Tensor, nn

from course_utils.config import ModelConfig
from course_utils.data.minilm import minilm_folder
from course_utils.encoder import Encoder, padding_mask
from course_utils.interop import from_bert
from course_utils.text import pad_batch
from course_utils.transformer import Embedding

__all__ = [
    "Bert",
    "HashedWords",
    "MeanEncoder",
    "WordPieces",
    "bert_config",
    "bert_weights",
    "load_minilm",
    "mean_pool",
    "stand_in",
]

CURVES = {"gelu": "gelu", "gelu_new": "gelu_tanh", "relu": "relu"}
UNUSED = ("pooler.", "embeddings.position_ids")  # not needed for sentence vectors


def bert_config(settings: Mapping) -> ModelConfig:
    """Translate Hugging Face's `config.json` of a BERT into our configuration.

    Raises:
        ValueError: it is another family, or has parts that ours does not have.
    """
    needed = {"model_type": "bert", "position_embedding_type": "absolute"}
    for name, ours in needed.items():
        if settings.get(name, ours) != ours:
            raise ValueError(
                f"{name} is {settings[name]!r}; our encoder needs {ours!r}"
            )
    curve = settings["hidden_act"]
    if curve not in CURVES:
        raise ValueError(f"hidden_act={curve!r} is not one of {', '.join(CURVES)}")
    return ModelConfig(
        settings["vocab_size"],
        d_model=settings["hidden_size"],
        n_heads=settings["num_attention_heads"],
        n_layers=settings["num_hidden_layers"],
        d_ff=settings["intermediate_size"],
        max_len=settings["max_position_embeddings"],
        activation=CURVES[curve],
        positions="learned",
        norm_first=False,
        norm_eps=settings["layer_norm_eps"],
        norm_embeddings=True,
    )


def bert_weights(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename BERT's tensors to ours, and add segment A's vector to every position.

    BERT marks two segments of a pair of texts; a single text is all segment A, so its
    vector is a constant that moves into the table of positions.

    Raises:
        ValueError: there is no BERT among the tensors.
    """
    plain = {name.removeprefix("bert."): tensor for name, tensor in tensors.items()}
    ours = from_bert({n: t for n, t in plain.items() if not n.startswith(UNUSED)})
    try:
        segment = ours.pop("embeddings.token_type_embeddings.weight")[0]
        table = ours["embedding.positions.table"]
    except KeyError as error:
        raise ValueError(
            f"the tensors are not those of a BERT: {error} is missing"
        ) from None
    return ours | {"embedding.positions.table": table + segment}


class Bert(nn.Module):
    """Our embedding, then our encoder: token ids in, one vector a token out.

    Token 0 is padding. Source: Devlin et al. 2018, arXiv 1810.04805, section 3.
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.embedding = Embedding(config)
        self.encoder = Encoder(config, F.scaled_dot_product_attention)

    def forward(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T C"]:
        return self.encoder(self.embedding(ids), padding_mask(ids))


def mean_pool(
    hidden: Float[Tensor, "B T C"], real: Bool[Tensor, "B T"]
) -> Float[Tensor, "B C"]:
    """Average the vectors of each text's real tokens, and scale to length 1.

    Source: Reimers and Gurevych 2019, arXiv 1908.10084, section 3.
    """
    weights = real[..., None].to(hidden)
    return F.normalize((hidden * weights).sum(1) / weights.sum(1).clamp_min(1), dim=-1)


class WordPieces:
    """The tokenizer that belongs to the weights: text to ids, unpadded.

    Frequent words are one token, others are spelled out in pieces. Text beyond
    `max_len` tokens is cut off. Needs the package tokenizers (extra `hf`).
    """

    def __init__(self, tokenizer: Any, max_len: int = 256):
        self.tokenizer = tokenizer
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(max_len)

    @classmethod
    def read(cls, folder: str | Path) -> "WordPieces":
        """Read `tokenizer.json` of a folder as Hugging Face writes it."""
        from tokenizers import Tokenizer

        return cls(Tokenizer.from_file(str(Path(folder) / "tokenizer.json")))

    @classmethod
    def of(cls, pieces: Sequence[str], max_len: int = 256) -> "WordPieces":
        """Cut words into these pieces, as BERT's uncased tokenizer does.

        What no piece fits becomes `[UNK]`. Source: Devlin et al. 2018, section 4.1.
        """
        from tokenizers import BertWordPieceTokenizer

        ids = {piece: i for i, piece in enumerate(pieces)}
        return cls(BertWordPieceTokenizer(ids), max_len)

    @property
    def vocabulary(self) -> list[str]:
        """All pieces, in the order of their ids."""
        ids = self.tokenizer.get_vocab()
        return sorted(ids, key=ids.__getitem__)

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        return [one.ids for one in self.tokenizer.encode_batch(list(texts))]

    def pieces(self, text: str) -> list[str]:
        """Show a text as the model sees it."""
        return self.tokenizer.encode(text).tokens


class MeanEncoder:
    """Text in, vectors of length 1 out: a tokenizer, a `Bert`, and `mean_pool`."""

    def __init__(self, model: Bert, tokenizer: Callable):
        self.model, self.tokenizer = model.eval(), tokenizer

    @torch.inference_mode()
    def __call__(
        self, texts: Sequence[str], batch_size: int = 32
    ) -> Float[Tensor, "N C"]:
        """Encode texts, similar lengths together, and return them in their order."""
        ids = self.tokenizer(texts)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        vectors = torch.empty(len(ids), self.model.config.d_model)
        for rows in _chunks(order, batch_size):
            batch = pad_batch([ids[i] for i in rows])
            vectors[rows] = mean_pool(self.model(batch), batch != 0)
        return vectors


def _chunks(items: list[int], size: int) -> Iterator[list[int]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def load_minilm(folder: str | Path | None = None) -> MeanEncoder:
    """Load MiniLM into our classes, with its own tokenizer; nothing is downloaded.

    `folder` is a folder as Hugging Face writes it, by default the one inside the
    installed package.

    Raises:
        MissingDataError: the package is missing, or its weights are others.
        ValueError: the folder holds a model that is not a BERT.
    """
    folder = Path(folder or minilm_folder())
    config = bert_config(json.loads((folder / "config.json").read_text("utf-8")))
    model = Bert(config)
    model.load_state_dict(bert_weights(load_file(folder / "model.safetensors")))
    return MeanEncoder(model, WordPieces.read(folder))


class HashedWords:
    """A tokenizer without a list: a checksum gives every word one of `size` ids."""

    def __init__(self, size: int):
        self.size = size

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        return [[self._id(word) for word in text.split()] or [1] for text in texts]

    def _id(self, word: str) -> int:
        return 1 + zlib.crc32(word.lower().encode()) % (self.size - 1)


def stand_in(seed: int = 0) -> MeanEncoder:
    """Return a small BERT whose weights nobody has trained, for comparison."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sizes = {
            "d_model": 96,
            "n_heads": 4,
            "n_layers": 2,
            "d_ff": 192,
            "max_len": 256,
        }
        switches = {"activation": "gelu", "positions": "learned", "norm_first": False}
        model = Bert(ModelConfig(4000, **sizes, **switches, norm_embeddings=True))
    return MeanEncoder(model, HashedWords(4000))
