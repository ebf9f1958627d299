"""06-reach: which inputs can change one output of the translator?"""

from course_utils.checks.spec import choose

__all__ = ["CHECK"]

CHECK = choose(
    "reach",
    "c",
    {
        "a": "That would be a causal mask on the source. The whole source is there "
        "before the first word is written: s2 counts as well.",
        "b": "A position may look at itself. t1 is the word *read* at position 1; what "
        "is guessed there is the word after it.",
        "d": "t2 is the very word that must be guessed at position 1, and t3 comes "
        "after it. The causal mask hides both.",
        "e": "The padding is hidden twice: from the encoder's self-attention, and from "
        "the cross-attention. It reaches no output.",
    },
)
