"""33-teacher: which teacher helps?"""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {"certain": "same", "beginner": "worse", "hesitant": "better"}
REASONS = {
    ("certain", "better"): "If the teacher gives everything to the right word, its "
    "list *is* the text: there is nothing more in it to learn from.",
    ("certain", "worse"): "It repeats the text word for word. That costs time, but "
    "what the student learns is the same.",
    ("beginner", "better"): "The student is asked to become like the teacher, and this "
    "one is worse than what the student reaches alone.",
    ("beginner", "same"): "The loss pulls the student towards the beginner's "
    "mistakes, and past what it would reach alone.",
    ("hesitant", "same"): "Its list says which other words would fit, and how well: "
    "more than the one word of the text.",
    ("hesitant", "worse"): "To hesitate where several words are right is no mistake. "
    "Its list is closer to the truth than a single word.",
}

CHECK = guess_several(
    RIGHT,
    {(name, choice, choice): text for (name, choice), text in REASONS.items()},
)
