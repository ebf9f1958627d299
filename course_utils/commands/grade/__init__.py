"""`course grade`: grade the notebooks of a class, each in a sandbox of its own."""

from course_utils.commands.grade.command import grade

__all__ = ["grade"]
