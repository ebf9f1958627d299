"""Recipes: what `course train NAME` runs, each from random numbers to a file.

Every recipe takes `out` (a folder, by default the course's weights) and `resume` (go
on where a stopped run was), shows its progress, and can be interrupted at any moment.
"""

from course_utils.recipes.ablations import train_ablations
from course_utils.recipes.language_model import train_language_model
from course_utils.recipes.lesson07 import train_lesson07
from course_utils.recipes.scan import train_scan
from course_utils.recipes.small_translator import train_small_translator
from course_utils.recipes.student import train_student
from course_utils.recipes.subjects import train_subjects
from course_utils.recipes.translator import train_translator

RECIPES = {
    "lesson07": train_lesson07,
    "translator": train_translator,
    "translator-small": train_small_translator,
    "translator-scan": train_scan,
    "student": train_student,
    "subjects": train_subjects,
    "ablations": train_ablations,
    "language-model": train_language_model,
}

__all__ = ["RECIPES"]
