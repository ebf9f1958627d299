"""What an answer is asked, and what came back: tensors and JSON, nothing else."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Build", "Call", "Dice", "Mine", "Outcome", "Ref", "Request", "Value"]


@dataclass(frozen=True)
class Ref:
    """A function or class of `course_utils` or `torch`, by its dotted name."""

    path: str


@dataclass(frozen=True)
class Mine:
    """Another thing that the learner has defined, by its name."""

    name: str


@dataclass(frozen=True)
class Dice:
    """A fresh `torch.Generator` with this seed."""

    seed: int


@dataclass(frozen=True)
class Build:
    """An object that `path(*args, **kwargs)` makes; a module then loads `state`."""

    path: str
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    state: dict | None = None


@dataclass(frozen=True)
class Call:
    """Call the learner's `target` with these arguments.

    A class is built with `args` and `kwargs`, loads `state` strictly where one is
    given, and the object is then called with `inputs`. With `grads` the gradients of
    a fixed weighted sum of the result come back as well. `watch` lists the arguments
    (by place) whose weights after the call are wanted; those may be changed. `take`
    is how many items to draw from an iterator that is returned. With `train` a module
    stays in training mode, its dropout on.
    """

    target: str
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    inputs: tuple | None = None
    state: dict | None = None
    grads: bool = False
    watch: tuple[int, ...] = ()
    take: int = 3
    seed: int = 0
    train: bool = False


@dataclass(frozen=True)
class Value:
    """Ask for the value of the learner's variable `target`."""

    target: str


Request = Call | Value


@dataclass
class Outcome:
    """What came back.

    `status` is value, error, slow, missing (no such name) or blank (not attempted).
    `kind` names the type that was returned, `grads` maps an input or weight to its
    gradient (None: no gradient reached it), `changed` lists arguments that the call
    altered, `printed` counts characters, `stable` says whether a second equal call
    gave the same. `uses` are the names that the code mentions, `reads` those among
    them that are data of the notebook, not of the function.
    """

    status: str
    value: Any = None
    kind: str = ""
    error: str = ""
    line: str = ""
    grads: dict[str, Any] = field(default_factory=dict)
    watched: list = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    printed: int = 0
    stable: bool = True
    uses: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
