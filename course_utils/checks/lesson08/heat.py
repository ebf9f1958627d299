"""08-heat: what two temperatures do to 0.8 and 0.2."""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {"colder": 16 / 17, "hotter": 2 / 3}
SWAPPED = "This is what the other temperature gives: below 1 the favorite gains."
ODDS = "The odds 4 : 1 are the difference of the logits, ln 4."
REASONS = {
    ("colder", "swapped", 2 / 3): SWAPPED,
    ("colder", "unchanged", 0.8): "Dividing the *probabilities* by 0.5 and sharing "
    "out again changes nothing. The logits are divided, before the softmax.",
    ("colder", "above-one", 1.6): "0.8 / 0.5 is 1.6, and a probability cannot exceed "
    "1. The logits are divided, and the softmax comes after.",
    ("colder", "doubled-odds", 8 / 9): f"{ODDS} Divided by 0.5 it doubles: ln 16. You "
    "have doubled the odds; doubling their logarithm *squares* them.",
    ("colder", "greedy", 1.0): "Only near a temperature of 0 does the favorite take "
    "everything. At 0.5 the other one still has a chance.",
    ("colder", "squared", 0.64): "Squaring is right, but the two squares, 0.64 and "
    "0.04, do not add up to 1 yet.",
    ("colder", "percent", 94.1): "Right, in per cent. A probability is at most 1.",
    ("hotter", "percent", 66.7): "Right, in per cent. A probability is at most 1.",
    ("hotter", "swapped", 16 / 17): SWAPPED,
    ("hotter", "unchanged", 0.8): "Dividing the *probabilities* by 2 and sharing out "
    "again changes nothing. The logits are divided, before the softmax.",
    ("hotter", "halved", 0.4): "Half of 0.8 is 0.4, and then the two do not add up to "
    "1 any more. The logits are divided, and the softmax comes after.",
    ("hotter", "flat", 0.5): "Both are equally likely only at an endless temperature. "
    "At 2 the favorite is still ahead.",
    ("hotter", "root", 0.894): "The root is right, but the roots of 0.8 and 0.2 do not "
    "add up to 1 yet.",
}

CHECK = guess_several(RIGHT, REASONS, rtol=0.01)
