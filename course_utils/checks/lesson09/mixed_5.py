"""09-mixed-5: whose output may a colder temperature change?"""

from course_utils.checks.spec import choose

__all__ = ["CHECK"]

CHECK = choose(
    "may_change",
    "c",
    {
        "a": "Drawing surely changes. But follow the beam on the garden path: “good "
        "evening” wins with 0.4 · 0.9 against 0.5 · 0.4. Very cold, “nice” gets nearly "
        "everything at the first step, and “good evening” cannot make up for it.",
        "b": "Greedy decoding takes the largest logit, and dividing all by one "
        "positive number leaves it the largest. Its text cannot change.",
        "d": "Greedy decoding takes the largest logit, and dividing all by one "
        "positive number leaves it the largest. Look at the other two again.",
        "e": "Drawing follows the probabilities, and a temperature changes those: that "
        "is what it is for.",
    },
)
