"""Weights, masks and a right encoder layer, for the checks of lessons 05 and 06."""

import torch
from torch import Tensor, nn

from course_utils.answers import Build
from course_utils.checks.lesson02.inputs import attend

__all__ = [
    "ALMOST_ALL",
    "Layer",
    "Parts",
    "config",
    "layer_state",
    "real_words",
    "silent_state",
    "weights",
]

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")
ALMOST_ALL = 1 - 1e-9  # a share to drop that leaves nothing


def config(**sizes) -> Build:
    """Return the description of a tiny ModelConfig, with an eps that shows."""
    tiny = {"d_model": 8, "n_heads": 2, "d_ff": 12, "norm_eps": 0.1}
    return Build("course_utils.config.ModelConfig", (11,), {**tiny, **sizes})


def weights(shapes: dict[str, tuple[int, ...]], seed: int) -> dict[str, Tensor]:
    """Return random weights of these shapes; a norm's scale lies around 1."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, shape in shapes.items():
        fan_in = shape[-1] if len(shape) > 1 else 4
        state[name] = torch.randn(shape, generator=generator) / fan_in**0.5
        if "norm" in name and name.endswith("weight"):
            state[name] += 1.0
    return state


def layer_state(
    seed: int, C: int, F: int, attentions=("attention",), norms: int = 2
) -> dict[str, Tensor]:
    """Return random weights of a layer, under the names that the package uses."""
    maps = [(f"{one}.{name}", C, C) for one in attentions for name in PROJECTIONS]
    maps += [("feed_forward.up_proj", F, C), ("feed_forward.down_proj", C, F)]
    shapes = {f"{name}.weight": (rows, columns) for name, rows, columns in maps}
    shapes |= {f"{name}.bias": (rows,) for name, rows, _ in maps}
    for number in range(1, norms + 1):
        shapes |= {f"norm{number}.weight": (C,), f"norm{number}.bias": (C,)}
    return weights(shapes, seed)


def silent_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return weights of 0, by which no part puts out anything; norms scale by 1."""
    return {
        name: one * 0 + ("norm" in name and name.endswith("weight"))
        for name, one in state.items()
    }


def real_words(lengths: list[int], S: int) -> Tensor:
    """Return (B, S), True where a sentence of this length still has a word."""
    return torch.arange(S)[None, :] < torch.tensor(lengths)[:, None]


class Parts(nn.Module):
    """The parts of a layer, each written from its definition."""

    attentions: tuple[str, ...] = ("attention",)
    norms = 2

    def __init__(self, config, attention=None):
        super().__init__()
        C, F = config.d_model, config.d_ff
        for name in self.attentions:
            maps = {one: nn.Linear(C, C) for one in PROJECTIONS}
            self.add_module(name, nn.ModuleDict(maps))
        maps = {"up_proj": nn.Linear(C, F), "down_proj": nn.Linear(F, C)}
        self.feed_forward = nn.ModuleDict(maps)
        for number in range(1, self.norms + 1):
            self.add_module(f"norm{number}", nn.LayerNorm(C))
        self.config, self.attend = config, attention or attend

    def look(self, name: str, x, source, mask):
        maps, H = getattr(self, name), self.config.n_heads
        q, k, v = (
            maps[one](given).unflatten(-1, (H, -1)).movedim(-2, 1)
            for one, given in zip(PROJECTIONS, (x, source, source), strict=False)
        )
        return maps["out_proj"](self.attend(q, k, v, mask).movedim(1, -2).flatten(-2))

    def think(self, x):
        hidden = self.feed_forward["up_proj"](x)
        bent = hidden.clamp(min=0)
        if self.config.activation == "gelu":
            bent = hidden * (1 + torch.erf(hidden / 2**0.5)) / 2
        return self.feed_forward["down_proj"](bent)

    def drop(self, x):
        keep = 1 - self.config.dropout if self.training else 1.0
        return x if keep == 1 else x * (torch.rand_like(x) < keep) / keep

    def norm(self, number: int, x):
        own = getattr(self, f"norm{number}")
        centered = x - x.mean(-1, keepdim=True)
        variance = centered.square().mean(-1, keepdim=True)
        return own.weight * centered / (variance + self.eps).sqrt() + own.bias

    @property
    def eps(self) -> float:
        return self.config.norm_eps

    @property
    def first(self) -> bool:
        return self.config.norm_first


class Layer(Parts):
    """A right encoder layer; the slips change one of its two orders, or a part."""

    def around(self, x, source, mask):
        return self.drop(self.look("attention", x, source, mask))

    def forward(self, x, mask=None):
        return self.pre(x, mask) if self.first else self.post(x, mask)

    def pre(self, x, mask):
        h = self.norm(1, x)
        x = x + self.around(h, h, mask)
        return x + self.drop(self.think(self.norm(2, x)))

    def post(self, x, mask):
        x = self.norm(1, x + self.around(x, x, mask))
        return self.norm(2, x + self.drop(self.think(x)))
