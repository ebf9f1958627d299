"""Remember how far a reader is, in `.course/progress.json` of the course's folder.

    from course_utils.progress import show_progress

    show_progress()           # a table of the exercises and their points
    show_progress("02")       # one lesson

Nothing here ever raises because of that file: a damaged one is set aside, and a
folder that cannot be written to is left as it is.
"""

from course_utils.progress.panel import show_progress
from course_utils.progress.points import completion, points_of
from course_utils.progress.records import (
    due_questions,
    mark,
    next_due,
    record_recall,
    record_verdict,
)
from course_utils.progress.store import Progress, course_root, read_progress

__all__ = [
    "Progress",
    "completion",
    "course_root",
    "due_questions",
    "mark",
    "next_due",
    "points_of",
    "read_progress",
    "record_recall",
    "record_verdict",
    "show_progress",
]
