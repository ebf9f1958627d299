"""A phrasebook: English sentences with French and Chinese, made by one grammar."""

from course_utils.data.phrasebook.menus import compose, menus
from course_utils.data.phrasebook.nearest import nearest_sentence
from course_utils.data.phrasebook.pairs import Pair, pairs, phrasebook
from course_utils.data.phrasebook.phenomena import phenomena

__all__ = [
    "Pair",
    "compose",
    "menus",
    "nearest_sentence",
    "pairs",
    "phenomena",
    "phrasebook",
]
