"""31-bits: predict what weights cost, with scales and with codes."""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {"grouped_bits": 3.5, "packed_bytes": 375.0, "coded_bits": 1.5}
REASONS = {
    ("grouped_bits", "no-scales", 3.0): "These are the levels alone. Each group of 32 "
    "also has a scale of 16 bits.",
    ("grouped_bits", "scale-each", 19.0): "The scale is shared by 32 weights.",
    ("grouped_bits", "scale-of-32", 4.0): "That would be a scale of 32 bits. Here it "
    "has 16.",
    ("packed_bytes", "a-byte-each", 1000.0): "That is a byte for each level, before "
    "packing.",
    ("packed_bytes", "bits", 3000.0): "These are bits. Eight of them make a byte.",
    ("packed_bytes", "two-a-byte", 500.0): "Two levels of 3 bits in a byte waste two "
    "of its bits. Packed, levels may straddle bytes.",
    ("coded_bits", "fixed", 2.0): "Two bits tell four levels apart, but here there are "
    "three, and the frequent one may have a shorter code.",
    ("coded_bits", "mean", 0.5): "You multiplied p by log2(1/p) for the first level "
    "only. Add the other two.",
    ("coded_bits", "log-three", 1.584962500721156): "That would be three equally "
    "likely levels. Here one has half of the probability.",
}

CHECK = guess_several(RIGHT, REASONS, rtol=1e-3)
