"""01-guess: the loss of a model that hesitates between a few words."""

import math

from course_utils.checks.spec import guess

__all__ = ["CHECK"]

KNOWN, ALL = 8, 512

CHECK = guess(
    "hesitant_loss",
    math.log(KNOWN),
    {
        "all-words": (
            math.log(ALL),
            "That is ln 512, the loss of a model that hesitates between all words. "
            "This one has excluded all but 8.",
        ),
        "probability": (
            1 / KNOWN,
            "1/8 is the probability p of the word that comes. The loss is −ln p.",
        ),
        "number-of-words": (
            KNOWN,
            "8 is the number of words that it hesitates between. The loss is the "
            "logarithm of that number.",
        ),
        "sign": (
            -math.log(KNOWN),
            "That is ln p, which is negative. The loss is −ln p: small is good, and "
            "0 is perfect.",
        ),
        "other-logarithm": (
            math.log2(KNOWN),
            "That is the logarithm to the base 2. The loss here is in nats, and uses "
            "ln: 3 · ln 2, since 8 is 2 · 2 · 2.",
        ),
        "common-logarithm": (
            math.log10(KNOWN),
            "That is the logarithm to the base 10. The loss here uses ln, the natural "
            "one; `math.log` computes it.",
        ),
        "share-of-vocabulary": (
            math.log(ALL / KNOWN),
            "That is ln(512/8), what it *saves* against knowing nothing. What is left "
            "to pay is ln 512 minus that.",
        ),
        "surprised-eight-times": (
            KNOWN * math.log(KNOWN),
            "You add up over 8 words. The loss is the mean over the words that come, "
            "and each of them costs the same.",
        ),
        "certain": (
            0.0,
            "0 is the loss of a model that is sure and right. This one still hesitates "
            "between 8 words.",
        ),
    },
    rtol=0.01,
)
