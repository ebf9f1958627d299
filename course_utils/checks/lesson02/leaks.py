"""02-leaks: which cell of a mask lets the model cheat?"""

from course_utils.checks.spec import choose

__all__ = ["CHECK"]

CHECK = choose(
    "leaks",
    "c",
    {
        "a": "Cell (0, 0) lets the first word look at itself. It knows that word "
        "already; what it must predict is the second.",
        "b": "Cell (2, 0) lets the third word look back to the first. That is what "
        "attention is for: everything before is allowed.",
        "d": "Cell (3, 3) lets the last word look at itself, which it knows. The "
        "word after it is not in the picture at all.",
    },
)
