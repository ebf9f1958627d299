"""A phrasebook: English sentences with French and Chinese, made by one grammar."""

from course_utils.data.phrasebook.pairs import Pair, pairs, phrasebook
from course_utils.data.phrasebook.phenomena import phenomena

__all__ = ["Pair", "pairs", "phenomena", "phrasebook"]
