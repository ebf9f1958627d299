"""09-mixed-1: shapes on the way through a decoder layer."""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {
    "weights_shape": (3, 4, 5, 7),
    "layer_shape": (3, 5, 32),
    "logits_shape": (3, 5, 500),
}
REASONS = {
    ("weights_shape", "turned", (3, 4, 7, 5)): "Rows and columns are exchanged. The "
    "target asks: its 5 positions are the rows, the 7 of the source the columns. (02)",
    ("weights_shape", "self", (3, 4, 5, 5)): "That would be self-attention. Here the "
    "target looks at the *source*, which has 7 positions. (06)",
    ("weights_shape", "source", (3, 4, 7, 7)): "Those are the encoder's weights, the "
    "source looking at itself. Who asks in cross-attention? (06)",
    ("weights_shape", "no-heads", (3, 5, 7)): "Each of the 4 heads has weights of its "
    "own: one axis is missing. (03)",
    ("weights_shape", "heads-last", (3, 5, 7, 4)): "The heads stand before the "
    "positions, so that each head's weights are a matrix. (03)",
    ("layer_shape", "source", (3, 7, 32)): "The values come from the source, but one "
    "average is made for each *query*, and those are the 5 target positions. (02, 06)",
    ("layer_shape", "head", (3, 5, 8)): "8 is the width of one head. They are put side "
    "by side again: 4 · 8. (03)",
    ("layer_shape", "heads", (3, 4, 5, 8)): "The heads are merged inside the module. "
    "What leaves a layer has the shape of what came in. (03, 05)",
    ("layer_shape", "feed-forward", (3, 5, 128)): "The feed-forward part widens to 128 "
    "and comes back: the residual must be added to it. (05)",
    ("logits_shape", "last", (3, 500)): "Every position guesses its next token, not "
    "only the last one: that is what makes training fast. (06, 07)",
    ("logits_shape", "source", (3, 7, 500)): "The decoder writes the target, which has "
    "5 positions. (06)",
    ("logits_shape", "width", (3, 5, 32)): "The width comes in; what comes out is a "
    "score for each token of the vocabulary. (01, 06)",
}

CHECK = guess_several(RIGHT, REASONS)
