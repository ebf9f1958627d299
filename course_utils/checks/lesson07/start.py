"""07-start: how bad is a model before it has learned anything?"""

import math

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

V, EPS = 1000, 0.1
EVEN = math.log(V)
RIGHT = {"even": EVEN, "smoothed": EVEN, "betting": math.log(2 * V)}
BITS = "You took another logarithm. The loss is in nats, so it is the natural one: "
REASONS = {
    ("even", "rounded", 7.0): "Nearly: give one decimal at least.",
    ("even", "common-logarithm", math.log10(V)): f"{BITS}`math.log`.",
    ("even", "bits", math.log2(V)): f"{BITS}`math.log`, not `math.log2`.",
    ("even", "probability", 1 / V): "That is the probability of the right word. The "
    "loss is −ln of it.",
    ("even", "number", V): "That is the number of words. The loss is its logarithm.",
    ("even", "sign", -EVEN): "ln p is negative, since p is below 1. The loss is −ln p.",
    ("even", "certain", 0.0): "0 is the loss of a model that is sure and right. This "
    "one gives the right word 1/1000.",
    ("smoothed", "smaller", (1 - EPS) * EVEN): "The other part of the loss, ε times "
    "the mean of −ln p over all words, is not 0: here every word has −ln p = ln 1000.",
    ("smoothed", "larger", (1 + EPS) * EVEN): "The shares are 1 − ε and ε, which make "
    "1 together, not 1 and ε.",
    ("smoothed", "added", EVEN + EPS): "ε is a share, no price: it says how much of "
    "the mean of −ln p over all words is mixed in.",
    (
        "smoothed",
        "floor",
        -0.9001 * math.log(0.9001) - 0.0999 * math.log(0.0001),
    ): "That "
    "is where training *ends* at best: a model that gives exactly what is asked. "
    "This one has not begun.",
    ("smoothed", "rest-only", EPS * EVEN): "That is the part that is spread alone. The "
    "right word's part, (1 − ε) times ln 1000, belongs to it.",
    ("betting", "bet-is-free", EVEN): "Half of the probability is gone, bet on a word "
    "that does not come. The words share what is left, so each has half as much.",
    ("betting", "bet-wins", math.log(2)): "ln 2 would be right if the word it bets on "
    "came. Another one comes, and that one has a share of the other half.",
    ("betting", "half-the-words", math.log(V / 2)): "Each word has *less* than "
    "1/1000 now, not more, so the loss must be above ln 1000.",
    ("betting", "half-the-loss", EVEN / 2): "The probability is halved, not the loss: "
    "−ln (p/2) is −ln p plus ln 2.",
    ("betting", "half-more", 1.5 * EVEN): "−ln (p/2) is −ln p plus ln 2: halving a "
    "probability adds the same to the loss, however large it was.",
    ("betting", "doubled", 2 * EVEN): "−ln (p/2) is −ln p plus ln 2: halving the "
    "probability does not double the loss.",
}

CHECK = guess_several(RIGHT, REASONS, rtol=0.01)
