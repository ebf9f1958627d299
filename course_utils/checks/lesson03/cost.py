"""03-cost: by which factor does each cost grow?"""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {"more_heads": 1, "wider": 4, "longer_text": 4}
REASONS = {
    ("more_heads", 2): "Twice as many heads, yes, but each is half as wide: what is "
    "cut into pieces stays the same. H does not appear in 4 C (C + 1).",
    ("more_heads", 4): "The heads are pieces of one width. Cutting it into more "
    "pieces adds no matrix and no row: H does not appear in 4 C (C + 1).",
    ("more_heads", 0.5): "A head does get half as wide, and there are twice as many of "
    "them: together they are as wide as before.",
    ("wider", 1): "The number of heads changes nothing, but the width does: the "
    "matrices are C × C.",
    ("wider", 2): "A matrix grows in both directions: twice the rows *and* twice the "
    "columns.",
    ("wider", 8): "Each matrix is C × C: two directions, not three, and there are four "
    "of them before and after.",
    ("wider", 16): "There are four matrices before and after; the question is how much "
    "each of them grows. It is C × C.",
    ("longer_text", 1): "Parameters do not depend on the length; multiplications do: "
    "more words ask, and more are looked at.",
    ("longer_text", 2): "Twice as many words ask, and each of them looks at twice as "
    "many.",
    ("longer_text", 8): "Scores are T × T numbers of D products each. T appears twice, "
    "not three times; D stays as it is.",
}

CHECK = guess_several(
    RIGHT,
    {(name, f"{factor:g}", factor): text for (name, factor), text in REASONS.items()},
)
