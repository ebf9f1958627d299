"""Compose a sentence from menus, or type one, and see it translated (lesson 00)."""

import time
from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from course_utils.controls import Choice, TextBox
from course_utils.data.phrasebook.menus import compose, menus
from course_utils.data.phrasebook.nearest import nearest_sentence
from course_utils.figures import COLORS
from course_utils.plots import heatmap
from course_utils.translator import Translator
from course_utils.widgets import Explorer
from course_utils.words import UnknownWordError, split_words

__all__ = ["ACTIONS", "SUBJECTS", "compute", "draw", "show_composer"]

ACTIONS = {
    "reads a book": ("read", "a book"),
    "reads the letters": ("read", "the letters"),
    "eats an apple": ("eat", "an apple"),
    "sees a cat": ("see", "a cat"),
    "buys some bread": ("buy", "some bread"),
    "sings": ("sing", ""),
    "sleeps": ("sleep", ""),
}
SUBJECTS = ("i", "you", "she", "we", "the teacher", "the girl", "the doctors")
TENSES = ("present", "past", "future", "can", "must", "want to")
ALT = (
    "A heat map, a row for each French word that is written, a column for each English "
    "word: how much the writer looks at it."
)


def compute(
    translators: Mapping[str, Translator],
    subject: str = "the teacher",
    action: str = "reads a book",
    tense: str = "present",
    form: str = "statement",
    own: str = "",
) -> dict[str, Any]:
    """Translate the sentence with each translator, and keep the French one's looks.

    `translators` maps "fr" and "zh". A sentence of one's own wins over the menus;
    unknown words come back with the nearest known sentence, and that is translated.
    """
    note = ""
    if own.strip():
        english, note = _known(own, translators["fr"])
    else:
        verb, thing = ACTIONS[action]
        form = form if form in menus(verb, tense)["form"] else "statement"
        english = compose(subject, verb, thing, tense, form).source
    before = time.perf_counter()
    reading = translators["fr"].read(english)
    answers = {name: one.translate([english])[0] for name, one in translators.items()}
    return {
        "english": english,
        "answers": answers,
        "note": note,
        "seconds": time.perf_counter() - before,
        "source": reading.source,
        "target": reading.target,
        "map": reading.weights.mean(dim=(0, 1)),
    }


def _known(text: str, translator: Translator) -> tuple[str, str]:
    """Return a sentence that can be translated, and what had to be changed."""
    try:
        translator.encode([text])
    except UnknownWordError as error:
        near = nearest_sentence(split_words(text)).sentence
        unknown = ", ".join(f"“{word}”" for word in error.suggestions)
        return near, f"I do not know {unknown}. The nearest sentence that I know: "
    except ValueError as error:
        return "the teacher reads a book.", f"{error}. Instead: "
    return text, ""


def draw(fig: Figure, data: dict[str, Any]) -> str:
    """Draw where each French word was read from; return the caption."""
    ax = fig.subplots()
    weights, source, target = data["map"], data["source"], data["target"]
    few = weights.numel() <= 90
    heatmap(ax, weights, target, source, values=few, limits=(0, 1), digits=1)
    for row, column in enumerate(weights.argmax(dim=1).tolist()):
        ax.plot(column + 0.38, row, marker="o", ms=4, color=COLORS["warning"])
    ax.set_title("Where each French word was read from (● looks there most)")
    answers = data["answers"]
    shown = "; ".join(f"{name}: {text}" for name, text in answers.items())
    milliseconds = 1000 * data["seconds"]
    return f"{data['note']}{data['english']} → {shown} ({milliseconds:.0f} ms)"


def show_composer(
    translators: Mapping[str, Translator], state: Mapping[str, Any] | None = None
) -> Explorer:
    """Return the composer: menus, a field for one's own sentence, the translations."""
    controls = {
        "subject": Choice(SUBJECTS, "the teacher", label="who"),
        "action": Choice(tuple(ACTIONS), "reads a book", label="does what"),
        "tense": Choice(TENSES, "present", label="when, how"),
        "form": Choice(("statement", "negation", "question"), "statement"),
        "own": TextBox("", label="or type your own sentence"),
    }

    def of_translators(**state: Any) -> dict[str, Any]:
        return compute(translators, **state)

    story = [{}, {"form": "negation"}, {"subject": "we", "action": "eats an apple"}]
    return Explorer(
        of_translators,
        draw,
        controls,
        ALT,
        size=(6, 3.4),
        storyboard=story,
        state=state,
    )
