"""Run a learner's answers: what is asked, and what came back, as plain data.

This package knows nothing of right and wrong (see `course_utils.checks`), so that a
confined process can hold it without holding a single expected answer.
"""

from course_utils.answers.calls import Build, Call, Dice, Mine, Outcome, Ref, Value
from course_utils.answers.execute import execute

__all__ = ["Build", "Call", "Dice", "Mine", "Outcome", "Ref", "Value", "execute"]
