"""21-memory: what a cache costs and saves, in numbers."""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {"megabytes": 36.864, "reads": 199}
REASONS = {
    ("megabytes", "keys-alone", 18.432): "Each token has a key *and* a value in every "
    "layer: twice as much.",
    ("megabytes", "four-bytes", 73.728): "A number takes two bytes here, not four.",
    ("megabytes", "one-layer", 3.072): "That is one layer. There are twelve.",
    ("megabytes", "heads-too", 442.368): "The heads *share* the width of 768: twelve "
    "heads of 64. Do not multiply by their number.",
    ("megabytes", "bytes", 36_864_000): "Right, in bytes. A megabyte is a million.",
    ("megabytes", "gigabytes", 0.036864): "Right, in gigabytes.",
    ("reads", "every-time", 14_950): "So many without a cache: 100 + 101 + … + 199. "
    "With one, each token is read once.",
    ("reads", "the-last-too", 200): "Almost. The hundredth new token is written, but "
    "nobody asks what follows it, so it is never read.",
    ("reads", "new-alone", 100): "The beginning must be read as well, once: its keys "
    "and values are needed.",
    ("reads", "steps", 99): "The beginning must be read as well, once: its keys and "
    "values are needed.",
}

CHECK = guess_several(RIGHT, REASONS, rtol=0.002)
