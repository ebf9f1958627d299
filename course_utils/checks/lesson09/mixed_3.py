"""09-mixed-3: what an untrained model reports."""

import math

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

V, REAL = 500, 0.6
RIGHT = {
    "first_loss": math.log(V),
    "first_perplexity": V,
    "reported_loss": REAL * math.log(V),
}
NATS = "Losses of this course are in nats, the natural logarithm: `math.log`. (01, 09)"
REASONS = {
    ("first_loss", "bits", math.log2(V)): NATS,
    ("first_loss", "log10", math.log10(V)): NATS,
    ("first_loss", "negative", -math.log(V)): "The logarithm of a probability is "
    "negative. The loss is *minus* that. (01)",
    ("first_loss", "chance", 1 / V): "1/500 is the probability that a guess is right. "
    "The loss is −ln of it. (01)",
    ("first_loss", "vocabulary", V): "500 is how many tokens the model hesitates "
    "between, its perplexity. The loss is the logarithm of that. (01, 09)",
    ("first_loss", "zero", 0): "0 is the loss of a model that is always sure and "
    "always right. This one knows nothing. (01)",
    ("first_perplexity", "logarithm", math.log(V)): "That is the loss. The perplexity "
    "undoes the logarithm: e to the power of the mean loss. (09)",
    ("first_perplexity", "two", 2 ** math.log(V)): "2 to the power of the loss is "
    "right for a loss in bits. Ours is in nats: take e. (09)",
    ("first_perplexity", "one", 1): "A perplexity of 1 is that of a model that never "
    "hesitates. (09)",
    ("reported_loss", "unchanged", math.log(V)): "Would padding change nothing? Its "
    "places add 0 to the sum, but they are counted in the division. (07)",
    ("reported_loss", "padding-only", 0.4 * math.log(V)): "You have taken the share of "
    "the *empty* places. The 60 % that are real tokens carry the loss. (07)",
    ("reported_loss", "larger", math.log(V) / REAL): "Zeros that are averaged in make "
    "a mean smaller, not larger. (07)",
}

CHECK = guess_several(RIGHT, REASONS, rtol=0.01)
