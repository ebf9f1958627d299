"""Count the points of a lesson, and say when it is complete."""

from course_utils.progress.store import Progress
from course_utils.syllabus import Lesson

__all__ = ["completion", "points_of"]


def points_of(progress: Progress, lesson: Lesson) -> float:
    """Return the best points of a lesson's exercises, each at most what it is worth."""
    return sum(
        min(progress.exercises[one.id]["points"], one.points)
        for one in lesson.exercises
        if one.id in progress.exercises
    )


def completion(progress: Progress, lesson: Lesson) -> str:
    """Return one line to say once all exercises of a lesson have passed, else ""."""
    ids = [one.id for one in lesson.exercises]
    passed = [progress.exercises.get(name, {}).get("passed") for name in ids]
    if not ids or not all(passed):
        return ""
    got = f"{points_of(progress, lesson):g} of {lesson.points}"
    return f"Lesson {lesson.number}, {lesson.title}, is complete: {got} points."
