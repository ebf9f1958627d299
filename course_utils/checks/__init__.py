"""What an exercise's answer must satisfy, and the diagnosis when it does not.

from course_utils.checks import check

check("02-scores")        # in a notebook, below the answer
"""

from course_utils.checks.check import check, check_notebook

__all__ = ["check", "check_notebook"]
