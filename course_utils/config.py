"""The sizes of a model, in one frozen object.

Axis letters, used in every signature of the course:

    B  batch              T  query positions     S  key positions
    C  model width        H  query heads         G  key/value heads
    D  head width         F  feed-forward width  V  vocabulary     L  layers
"""

from dataclasses import dataclass

ACTIVATIONS = ("relu", "gelu", "gelu_tanh")
POSITIONS = ("sinusoidal", "learned")

__all__ = ["ModelConfig"]


@dataclass(frozen=True)
class ModelConfig:
    """Describe a Transformer; impossible sizes are refused.

    The fields are what the original Transformer, GPT-2 and BERT need to be told
    apart, and no more. Make a variant with `dataclasses.replace`.

    Raises:
        ValueError: a size is not positive, heads do not divide the width, the
            dropout is no probability, or a choice is unknown.
    """

    vocab_size: int
    d_model: int = 128
    n_heads: int = 4
    n_layers: int = 2
    d_ff: int = 512
    max_len: int = 64
    dropout: float = 0.0
    activation: str = "relu"
    positions: str = "sinusoidal"
    norm_first: bool = True
    norm_eps: float = 1e-5
    norm_embeddings: bool = False

    def __post_init__(self):
        sizes = "vocab_size d_model n_heads n_layers d_ff max_len".split()
        for name in sizes:
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} must be at least 1")
        if self.d_model % self.n_heads:
            better = self.d_model + -self.d_model % self.n_heads
            raise ValueError(
                f"d_model={self.d_model} is not divisible by n_heads={self.n_heads}; "
                f"choose a multiple, for example {better}"
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout={self.dropout} must lie in [0, 1)")
        for name, known in (("activation", ACTIVATIONS), ("positions", POSITIONS)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name}={getattr(self, name)!r} is not one of {known}"
                )

    @property
    def d_head(self) -> int:
        """Width of one head, D = C / H."""
        return self.d_model // self.n_heads
