"""What a model costs, as formulas: weights, bytes, floating-point operations.

A formula can be read before the model exists, and for models too large to build. Each
one below equals what can be counted in the model itself. `kind` is "encoder" (the
stack of layers alone), "language_model" or "transformer".
"""

from dataclasses import replace

import torch
from torch import nn

from course_utils.config import ModelConfig

__all__ = [
    "BERT_BASE",
    "GPT2",
    "GPT3",
    "forward_flops",
    "parameter_count",
    "training_flops",
    "weight_bytes",
]

# Devlin et al. 2018, arXiv 1810.04805, section 3.
BERT_BASE = ModelConfig(
    vocab_size=30_522,
    d_model=768,
    n_heads=12,
    n_layers=12,
    d_ff=3072,
    max_len=512,
    dropout=0.1,
    activation="gelu",
    positions="learned",
    norm_first=False,
    norm_eps=1e-12,
    norm_embeddings=True,
)
# Radford et al. 2019, table 2, the smallest; byte-pair tokens.
GPT2 = ModelConfig(
    vocab_size=50_257,
    d_model=768,
    n_heads=12,
    n_layers=12,
    d_ff=3072,
    max_len=1024,
    dropout=0.1,
    activation="gelu_tanh",
    positions="learned",
)
# Brown et al. 2020, arXiv 2005.14165, table 2.1, the largest; F is 4 C.
GPT3 = replace(GPT2, d_model=12_288, n_heads=96, n_layers=96, d_ff=49_152, max_len=2048)


def parameter_count(config: ModelConfig, kind: str = "transformer") -> int:
    """Count the weights of a model of these sizes, without building it.

    One attention: 4 C (C + 1). Feed-forward: 2 C F + F + C. Layer norm: 2 C. The
    encoder has L (attention + feed-forward + 2 norms), the decoder L (2 attentions +
    feed-forward + 3 norms), each one norm more if pre-norm; the embedding, shared
    with the output, V C, and C for each learned position.

    Raises:
        ValueError: the kind is unknown.
    """
    C, F, L = config.d_model, config.d_ff, config.n_layers
    attention, feed_forward, norm = 4 * C * (C + 1), 2 * C * F + F + C, 2 * C
    last = norm * config.norm_first
    encoder = L * (attention + feed_forward + 2 * norm) + last
    decoder = L * (2 * attention + feed_forward + 3 * norm) + last
    positions = config.max_len * C * (config.positions == "learned")
    embedding = config.vocab_size * C + positions + norm * config.norm_embeddings
    sizes = {"encoder": encoder, "language_model": embedding + encoder}
    sizes["transformer"] = embedding + encoder + decoder
    if kind not in sizes:
        raise ValueError(f"kind={kind!r} is not one of {tuple(sizes)}")
    return sizes[kind]


def weight_bytes(weights: nn.Module | int, dtype: torch.dtype = torch.float32) -> int:
    """Return the bytes that weights take: their number times the bytes of one.

    `weights` is a number, stored as `dtype`, or a module, whose parameters are
    weighed as they are: Σ elements · bytes of one element.
    """
    if isinstance(weights, int):
        return weights * dtype.itemsize
    return sum(weight.nbytes for weight in weights.parameters())


def forward_flops(
    config: ModelConfig, T: int, S: int = 0, kind: str = "transformer"
) -> int:
    """Count the operations of the matrix products for one text of T tokens.

    A product of (n, m) by (m, p) takes 2 n m p. Attention of T queries to S keys:
    4 T C² + 4 S C² for the four projections, 4 T S C for scores and averages.
    Feed-forward: 4 T C F. Output: 2 T V C. A transformer reads S tokens and writes T.

    Raises:
        ValueError: the kind is unknown.
    """
    C, F, L = config.d_model, config.d_ff, config.n_layers

    def attention(T: int, S: int) -> int:
        return 4 * C * C * (T + S) + 4 * C * T * S

    own, logits = attention(T, T) + 4 * C * F * T, 2 * C * config.vocab_size * T
    reading = attention(S, S) + 4 * C * F * S
    sizes = {"encoder": L * own, "language_model": L * own + logits}
    sizes["transformer"] = L * (reading + own + attention(T, S)) + logits
    if kind not in sizes:
        raise ValueError(f"kind={kind!r} is not one of {tuple(sizes)}")
    return sizes[kind]


def training_flops(
    config: ModelConfig, T: int, S: int = 0, kind: str = "transformer"
) -> int:
    """Count the operations of one training step for one text: 3 times `forward_flops`.

    The gradient of a product needs two more of the same size: one for its inputs, one
    for its weights.
    """
    return 3 * forward_flops(config, T, S, kind)
