"""20-sides: which side of the ridge, from how many tokens on, and twice the text."""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {"side": "memory", "tokens": 10, "longer": 3.0}
REASONS = {
    ("side", "compute", "compute"): "One token uses each weight of 4 bytes for one "
    "multiplication and one addition: half an operation a byte. Compare that with what "
    "the processor could do in the time of a byte.",
    ("side", "form", "Memory"): "Write the choice just as it is listed, in small "
    "letters.",
    (
        "tokens",
        "ridge",
        5,
    ): "Five is the ridge itself, in operations a byte. Each token "
    "adds only *half* an operation a byte, as a weight has four bytes.",
    (
        "tokens",
        "no-addition",
        20,
    ): "Each weight serves two operations for each token, a "
    "multiplication and an addition: T / 2 operations a byte.",
    ("tokens", "four-bytes-forgotten", 2.5): "With T tokens each weight serves 2 T "
    "operations, but it has 4 bytes to be fetched.",
    ("tokens", "width", 1000): "The width hardly matters: with it grow both the "
    "operations and the bytes of the weights.",
    ("longer", "linear", 2): "The linear maps double. But half of the operations are "
    "those of scores and averages, and they do not.",
    ("longer", "square", 4): "Scores and averages take four times as many. But half of "
    "the operations are those of the linear maps, which only double.",
    ("longer", "sum", 6): "Two and four times as many, but of *one half* each.",
    ("longer", "middle", 2.5): "That is the growth where the linear maps are three "
    "quarters of the whole. Here they are half.",
}

CHECK = guess_several(RIGHT, REASONS, rtol=0.1)
