"""One-minute questions about earlier lessons, asked again until they sit.

from course_utils.recall import recall, review

recall("05")     # three questions; every exercise notebook opens with them
review()         # all that are due today
"""

from course_utils.recall.ask import Recall, recall, review
from course_utils.recall.questions import Question, find_question, load_questions

__all__ = [
    "Question",
    "Recall",
    "find_question",
    "load_questions",
    "recall",
    "review",
]
