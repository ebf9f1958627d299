"""09-mixed-6: what a reordered sentence scores, and which measure cannot tell."""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {"bleu": 100 * (7 / 8 * 5 / 7 * 4 / 6) ** 0.25, "blind": "ROUGE-1"}
SEAM = "There is one seam, before “we”, and every run across it is broken."
REASONS = {
    ("bleu", "full", 100): "All words are right, but BLEU looks at runs of up to four. "
    + SEAM,
    ("bleu", "share", 0.803): "Right, as a share. BLEU is given from 0 to 100.",
    ("bleu", "mean", 100 * (1 + 7 / 8 + 5 / 7 + 4 / 6) / 4): "You took the plain mean "
    "of the precisions. BLEU takes the geometric mean: multiply, then the fourth root.",
    ("bleu", "product", 100 * 7 / 8 * 5 / 7 * 4 / 6): "The product is right; the "
    "fourth root is missing.",
    ("bleu", "pairs", 87.5): "7 of 8 is the precision of pairs alone. BLEU joins those "
    "of 1, 2, 3 and 4 words.",
    ("bleu", "zero", 0): "Nothing is lost but the runs across one seam: all shorter "
    "stretches are still in the reference.",
    ("blind", "BLEU", "BLEU"): "BLEU counts runs of up to four words, and one seam "
    "breaks five of them: it sees the new order, a little.",
    ("blind", "chrF", "chrF"): "chrF counts runs of up to six characters, and some of "
    "them reach from one word into the next: it notices the seam.",
    ("blind", "ROUGE-2", "ROUGE-2"): "ROUGE-2 counts pairs, and one pair is new: "
    "“morning we”.",
    ("blind", "ROUGE-L", "ROUGE-L"): "ROUGE-L looks for the longest list in the same "
    "order, and order is what has changed.",
}

CHECK = guess_several(RIGHT, REASONS, rtol=0.01)
