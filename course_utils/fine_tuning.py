"""Fine-tuning: train a copy of a pretrained encoder on labels of one's own (lesson 15).

A probe reads what is in the vectors; fine-tuning changes what is in them. The copy
starts where the probe ends, so that a random head cannot pull good weights astray.
"""

import copy
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_utils.pretrained import Bert, MeanEncoder, mean_pool
from course_utils.probing import Probe, fit_probe
from course_utils.text import pad_batch
from course_utils.training import Trainer, TrainingSettings

__all__ = ["BertWithHead", "FineTuned", "fine_tune", "label_loss", "shuffled_batches"]


class BertWithHead(nn.Module):
    """A copy of a `Bert`, the mean over tokens, and a probe as its last layer.

    Only the last `n_layers` layers of the encoder can learn, and the head; all of the
    model if `n_layers` is None.

    Raises:
        ValueError: the encoder has no `n_layers` layers.
    """

    def __init__(self, bert: Bert, probe: Probe, n_layers: int | None = None):
        super().__init__()
        self.bert = copy.deepcopy(bert)
        self.weight, self.bias = (nn.Parameter(part.clone()) for part in probe)
        layers = self.bert.encoder.layers
        if n_layers is not None:
            if not 0 <= n_layers <= len(layers):
                raise ValueError(
                    f"n_layers={n_layers} but the encoder has {len(layers)} layers; "
                    f"choose 0 to {len(layers)}, or None for the whole model"
                )
            self.bert.requires_grad_(False)
            for layer in layers[len(layers) - n_layers :]:
                layer.requires_grad_(True)

    def forward(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B K"]:
        vectors = mean_pool(self.bert(ids), ids != 0)
        return Probe(self.weight, self.bias).logits(vectors)


class FineTuned(NamedTuple):
    """What comes out: an encoder, the head that reads its vectors, every loss."""

    encoder: MeanEncoder
    head: Probe
    losses: list[float]


def shuffled_batches(
    ids: Sequence[list[int]], targets: Float[Tensor, "N K"], size: int, n: int, seed=0
) -> list[tuple[Int[Tensor, "B T"], Float[Tensor, "B K"]]]:
    """Return `n` padded batches, in a new order in each reading of the texts.

    Texts of like length share a batch, so that little is computed for padding. In a
    reading every text comes once, except those that would not fill a batch.

    Raises:
        ValueError: there are fewer than `size` texts.
    """
    if len(ids) < size:
        raise ValueError(
            f"batch_size={size} but there are only {len(ids)} texts; choose a smaller "
            "batch"
        )
    dice = torch.Generator().manual_seed(seed)
    chunks: list[list[int]] = []
    while len(chunks) < n:
        rows = torch.randperm(len(ids), generator=dice).tolist()
        rows = sorted(rows[: len(ids) // size * size], key=lambda i: len(ids[i]))
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        chunks += [parts[i] for i in torch.randperm(len(parts), generator=dice)]
    return [(pad_batch([ids[i] for i in part]), targets[part]) for part in chunks[:n]]


def label_loss(model: nn.Module, batch, smoothing: float = 0.0) -> Float[Tensor, ""]:
    """Return the mean cross-entropy, in nats, of the labels of a batch of texts."""
    ids, targets = batch
    return F.cross_entropy(model(ids), targets, label_smoothing=smoothing)


def fine_tune(
    encoder: MeanEncoder,
    texts: Sequence[str],
    labels: Int[Tensor, " N"],
    settings: TrainingSettings,
    n_layers: int | None = None,
) -> FineTuned:
    """Fit a probe, then train it and a copy of the encoder together.

    The original stays as it is. A step costs about three times the reading of its
    batch; the same seed gives the same weights. Source: Kumar et al. 2022, arXiv
    2202.10054, section 3 (first the probe, then all); Devlin et al. 2018, arXiv
    1810.04805, appendix A.3 (learning rates and readings).

    Raises:
        ValueError: there is not a label for each text, or only one kind of label; a
            batch is larger than the texts; the encoder has no `n_layers` layers.
    """
    if len(texts) != len(labels):
        raise ValueError(
            f"{len(texts)} texts with {len(labels)} labels; give one label a text"
        )
    probe = fit_probe(encoder(texts), labels)
    model = BertWithHead(encoder.model, probe, n_layers)
    targets = F.one_hot(labels, len(probe.bias)).float()
    s, ids = settings, encoder.tokenizer(texts)
    batches = shuffled_batches(ids, targets, s.batch_size, s.steps, s.seed)
    history = Trainer(model, batches, settings, label_loss).run()
    model.eval().requires_grad_(False)
    return FineTuned(
        MeanEncoder(model.bert, encoder.tokenizer),
        Probe(model.weight.detach(), model.bias.detach()),
        [entry["loss"] for entry in history],
    )
