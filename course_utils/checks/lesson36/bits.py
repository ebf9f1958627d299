"""36-bits: predict the bytes of a file before it is written."""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

WEIGHTS, GROUP = 1_000_000, 64

CHECK = guess_several(
    {"four_bits": WEIGHTS * (4 + 16 / GROUP) / 8, "three_bits": WEIGHTS * 3.25 / 8},
    {
        ("four_bits", "no-scales", 500_000.0): "The scales are missing: each group of "
        "64 weights shares 16 bits.",
        ("four_bits", "bits", 4_250_000.0): "This is the number of bits. A byte has 8.",
        ("four_bits", "scale-each", 2_500_000.0): "Not every weight has a scale of its "
        "own: 64 of them share one, so it costs 16/64 bits for each.",
        ("four_bits", "four-bytes", 4_000_000.0): "This is float32: four *bytes* a "
        "weight. Here it is four bits, and a share of the scale.",
        ("four_bits", "one-byte-scale", 515_625.0): "A scale takes 16 bits here, not "
        "8.",
        ("three_bits", "no-scales", 375_000.0): "The scales do not shrink with the "
        "bits: each group of 64 still shares 16.",
        ("three_bits", "half-byte", 531_250.0): "Three bits are packed shoulder to "
        "shoulder: 8 weights take 3 bytes, so nothing is wasted.",
        ("three_bits", "bits", 3_250_000.0): "This is the number of bits. A byte has "
        "8.",
    },
    rtol=0.005,
)
