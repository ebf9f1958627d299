"""04-shift: which dot products change when everything moves five places?"""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {
    "codes": "same",
    "words_and_codes": "changes",
    "learned": "changes",
    "turned": "same",
}
REASONS = {
    "codes": "Every hand contributes sin·sin + cos·cos, the cosine of the angle "
    "between its two places. Five positions more turn both by the same angle.",
    "words_and_codes": "Multiply it out: a·b + a·p(7) + p(3)·b + p(3)·p(7). The first "
    "and the last stay. In the middle a word meets the code of *one* place, and that "
    "moves.",
    "learned": "The rows of a learned table are trained one by one. Nothing ties rows "
    "8 and 12 to rows 3 and 7.",
    "turned": "Both arrows turn by the same angle more. Their lengths stay, the angle "
    "between them stays, and a dot product knows nothing else.",
}

OTHER = {"same": "changes", "changes": "same"}

CHECK = guess_several(
    RIGHT,
    {(name, "turned", OTHER[RIGHT[name]]): text for name, text in REASONS.items()},
)
