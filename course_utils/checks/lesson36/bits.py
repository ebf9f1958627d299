"""36-bits: predict the bytes of a file before it is written."""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

WEIGHTS, GROUP = 1_000_000, 64

CHECK = guess_several(
    {"three_bits": WEIGHTS * (3 + 16 / GROUP) / 8, "coded": WEIGHTS * 1.5 / 8},
    {
        ("three_bits", "no-scales", 375_000.0): "The scales are missing: each group of "
        "64 weights shares 16 bits.",
        ("three_bits", "half-byte", 531_250.0): "Three bits are packed shoulder to "
        "shoulder: 8 weights take 3 bytes, so nothing is wasted.",
        ("three_bits", "bits", 3_250_000.0): "This is the number of bits. A byte has "
        "8.",
        ("three_bits", "scale-each", 2_375_000.0): "Not every weight has a scale of "
        "its own: 64 of them share one, so it costs 16/64 bits for each.",
        ("three_bits", "one-byte-scale", 390_625.0): "A scale takes 16 bits here, not "
        "8.",
        ("coded", "bits", 1_500_000.0): "This is the number of bits. A byte has 8.",
        ("coded", "fixed", 250_000.0): "Two bits a level would do without codes. But "
        "the frequent 0 may have a shorter one.",
        ("coded", "scales", 218_750.0): "There are no groups here, so no scales: one "
        "step serves the whole matrix.",
        ("coded", "log-three", 198_120.3): "That would be three equally likely levels. "
        "Here one has half of the probability.",
    },
    rtol=0.005,
)
