"""15-keep: which task is lost on the vectors of a pretrained model?"""

from course_utils.checks.spec import choose

__all__ = ["CHECK"]

CHECK = choose(
    "hardest",
    "c",
    {
        "a": "Whether a review is friendly is meaning, and the words for it are many: "
        "just where a pretrained model helps most with few labels.",
        "b": "The subject of a question is meaning. You saw a task of this kind in the "
        "lesson, and the probe won with every number of labels.",
        "d": "Two sentences that say the same in other words get like vectors: that is "
        "what this model was trained for.",
    },
)
