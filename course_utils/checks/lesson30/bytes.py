"""30-bytes: predict what a layer weighs, and where the speed goes."""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

N, C = 4096, 1024
RIGHT = {"layer_bytes": N * C + 4 * N + 4 * N, "share_of_scales": 4 / C}
REASONS = {
    ("layer_bytes", "floats", 4 * N * C + 4 * N): "This is the layer in float32. Each "
    "weight takes one byte now.",
    ("layer_bytes", "integers-only", N * C): "The integers alone. Without their scales "
    "nobody could read them, and the bias is there too.",
    ("layer_bytes", "no-bias", N * C + 4 * N): "Integers and scales are there. The "
    "bias, 4096 floats, stays as it is.",
    (
        "layer_bytes",
        "scale-a-column",
        N * C + 4 * C + 4 * N,
    ): "You gave each *column* a scale. Each row has one: 4096 of them.",
    (
        "layer_bytes",
        "one-scale",
        N * C + 4 + 4 * N,
    ): "You count one scale for the whole matrix. Here each row has its own.",
    ("layer_bytes", "bias-in-bytes", N * C + 4 * N + N): "You count the bias in bytes. "
    "It stays in floats, 4 bytes each.",
    ("share_of_scales", "per-integer", 4.0): "One scale serves a whole row of 1024 "
    "integers.",
    ("share_of_scales", "one-byte", 1 / C): "A scale is a float: 4 bytes.",
    ("share_of_scales", "other-side", 4 / N): "You divide by the number of rows. A "
    "scale belongs to a row, which has 1024 integers.",
    ("share_of_scales", "percent", 400 / C): "Right, in per cent. The card asks for "
    "the share as a number below 1.",
}

CHECK = guess_several(RIGHT, REASONS, rtol=1e-3)
