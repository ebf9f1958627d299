"""09-fooled: which of four wrong texts does BLEU like best?"""

from course_utils.checks.spec import choose

__all__ = ["CHECK"]

CHECK = choose(
    "highest",
    "b",
    {
        "a": "It is one word short of the reference, and that word is the one that "
        "matters; but BLEU does not know that. It sees a seam in the middle, which "
        "breaks three of four 4-grams, and a text that is too short: 51.5.",
        "c": "One word is wrong, as in b, but it stands in the middle. Four of the "
        "five 4-grams hold it, so four are broken: 50. Near the edge a word is part "
        "of fewer runs.",
        "d": "All words are right, so the precision of single words is 1. But moving "
        "“old” makes two pairs that the reference does not have, and every longer run "
        "that holds one of them is broken: 61.5.",
    },
)
