"""A page for each student, in HTML and in Markdown: kind, concrete, in our own words.

What students made, their names, values and error texts, stands in these pages as plain
text only, on one line, cut.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from course_utils.files import replace_text
from course_utils.grading.advice import place
from course_utils.grading.feedback_text import (
    FACTS,
    Line,
    exercise_points,
    greeting,
    heading,
    lines_of,
    message_of,
    open_ones,
    points_line,
    state_of,
    title_of,
)
from course_utils.grading.gradebook import Standing, settle
from course_utils.grading.page import bar, page, table
from course_utils.grading.policy import Rules, same_name
from course_utils.grading.safe import (
    card_html,
    clean,
    code_html,
    code_markdown,
    marked_html,
    marked_markdown,
    page_name,
    plain_html,
    plain_markdown,
)
from course_utils.grading.wording import FEEDBACK

__all__ = ["feedback_html", "feedback_markdown", "write_feedback"]

# How each kind of line is written: a sentence of ours, a card's Markdown, a value.
HTML = {"ours": marked_html, "card": card_html}
MARKDOWN = {"ours": marked_markdown, "card": partial(clean, longest=2000)}


def feedback_html(*results: Any, rules: Rules | None = None, lessons: str = "") -> str:
    """Return the page of one student, given the results of one or more lessons.

    `lessons` is the address of the folder of notebooks, where there is one: sections
    to reread become links then.
    """
    return _html(_settled(results, rules), lessons)


def feedback_markdown(
    *results: Any, rules: Rules | None = None, lessons: str = ""
) -> str:
    """Return what `feedback_html` says, as Markdown."""
    return _markdown(_settled(results, rules), lessons)


def write_feedback(
    out: Path, results: Iterable[Any], rules: Rules | None = None, lessons: str = ""
) -> list[Path]:
    """Write `feedback/NAME.html` and `.md` for everybody, also for who is missing.

    Returns the paths of the HTML pages, in the order of the gradebook.
    """
    folder = out / "feedback"
    folder.mkdir(exist_ok=True)
    paths = []
    for student, group in groupby(settle(results, rules), key=lambda one: one.student):
        standings = list(group)
        path = folder / f"{page_name(same_name(student))}.html"
        replace_text(path, _html(standings, lessons))
        replace_text(path.with_suffix(".md"), _markdown(standings, lessons))
        paths.append(path)
    return paths


def _settled(results: Sequence[Any], rules: Rules | None) -> list[Standing]:
    """Settle the results of one student, without anybody else of the roster."""
    rules = rules or Rules()
    name = same_name(results[0].student)
    mine = {name: rules.roster[name]} if name in rules.roster else {}
    return settle(results, replace(rules, roster=mine, lessons=()))


# --- HTML --------------------------------------------------------------------------


def _html(standings: Sequence[Standing], lessons: str) -> str:
    name = clean(standings[0].name, 80)
    hello = html.escape(FEEDBACK["hello"].format(name=name))
    parts = [f'<p class="lede">{hello} {plain_html(greeting(standings), 1000)}</p>']
    parts += [_lesson_html(one, len(standings) == 1, lessons) for one in standings]
    if any(open_ones(one) for one in standings):
        parts.append(f'<p class="soft">{plain_html(FEEDBACK["closing"], 1000)}</p>')
    return page(FEEDBACK["title"].format(name=name), "\n".join(parts))


def _lesson_html(one: Standing, alone: bool, lessons: str) -> str:
    parts = [f"<h2>{plain_html(heading(one))}</h2>", _points_html(one)]
    message = message_of(one, alone)
    if message:
        parts.append(f"<p>{plain_html(message, 1000)}</p>")
    if one.exercises and one.status == "graded":
        parts.append(_overview_html(one))
        parts += [_card_html(each, lessons) for each in open_ones(one)]
    return "\n".join(parts)


def _points_html(one: Standing) -> str:
    text = f"<p><strong>{plain_html(points_line(one))}</strong></p>"
    notes = "".join(f"<li>{plain_html(note, 400)}</li>" for note in one.notes)
    return f"{text}<ul>{notes}</ul>" if notes else text


def _overview_html(one: Standing) -> str:
    rows = [
        (
            plain_html(title_of(each)),
            plain_html(state_of(each)).replace(" ", "&nbsp;", 1),
            bar(_share(each), _of(each)),
        )
        for each in one.exercises
    ]
    columns = ("Exercise", "Result", "Points")
    return table(FEEDBACK["overview"], columns, rows, "tps")


def _of(verdict: Mapping[str, Any]) -> str:
    return f"{verdict.get('points', 0)} of {verdict.get('most_points', 0)}"


def _share(verdict: Mapping[str, Any]) -> float:
    return float(verdict.get("points", 0)) / (float(verdict.get("most_points", 0)) or 1)


def _card_html(verdict: Mapping[str, Any], lessons: str) -> str:
    state = f"{state_of(verdict)} · {exercise_points(verdict)}"
    title = plain_html(title_of(verdict))
    head = f"<h3>{title} <small>{plain_html(state)}</small></h3>"
    rows = []
    for label, group in groupby(lines_of(verdict), key=lambda line: line[0]):
        texts = [_line_html(line, verdict, lessons) for line in group]
        told = "".join(f"<p>{text}</p>" for text in texts)
        rows.append(f"<div><dt>{FEEDBACK[label]}</dt><dd>{told}</dd></div>")
    return f'<section class="card">{head}<dl>{"".join(rows)}</dl></section>'


def _line_html(line: Line, verdict: Mapping[str, Any], lessons: str) -> str:
    _, kind, text = line
    if kind in FACTS:
        label = f'<span class="label">{FEEDBACK[kind]}</span>'
        return f"{label} {code_html(text)}"
    if kind != "place":
        return HTML[kind](text)
    if not lessons:
        return plain_html(text)
    address = html.escape(f"{lessons.rstrip('/')}/{place(verdict).address}")
    return f'<a href="{address}">{plain_html(text)}</a>'


# --- Markdown ----------------------------------------------------------------------


def _markdown(standings: Sequence[Standing], lessons: str) -> str:
    name = plain_markdown(standings[0].name, 80)
    hello = FEEDBACK["hello"].format(name=name)
    blocks = [
        f"# {FEEDBACK['title'].format(name=name)}",
        f"{hello} {marked_markdown(greeting(standings))}",
    ]
    for one in standings:
        blocks += _lesson_markdown(one, len(standings) == 1, lessons)
    if any(open_ones(one) for one in standings):
        blocks.append(marked_markdown(FEEDBACK["closing"]))
    return "\n\n".join(blocks) + "\n"


def _lesson_markdown(one: Standing, alone: bool, lessons: str) -> list[str]:
    blocks = [
        f"## {plain_markdown(heading(one))}",
        f"**{plain_markdown(points_line(one))}**",
    ]
    blocks += [f"- {plain_markdown(note, 400)}" for note in one.notes]
    message = message_of(one, alone)
    if message:
        blocks.append(marked_markdown(message))
    if one.exercises and one.status == "graded":
        blocks.append("\n".join(map(_item_markdown, one.exercises)))
        for each in open_ones(one):
            blocks += _card_markdown(each, lessons)
    return blocks


def _item_markdown(verdict: Mapping[str, Any]) -> str:
    title, state = plain_markdown(title_of(verdict)), plain_markdown(state_of(verdict))
    return f"- {title}: {state}, {plain_markdown(exercise_points(verdict))}"


def _card_markdown(verdict: Mapping[str, Any], lessons: str) -> list[str]:
    blocks = [f"### {plain_markdown(title_of(verdict))}"]
    for label, group in groupby(lines_of(verdict), key=lambda line: line[0]):
        texts = [_line_markdown(line, verdict, lessons) for line in group]
        blocks.append(f"**{FEEDBACK[label]}:** " + "\n\n".join(texts))
    return blocks


def _line_markdown(line: Line, verdict: Mapping[str, Any], lessons: str) -> str:
    _, kind, text = line
    if kind in FACTS:
        return f"{FEEDBACK[kind]} {code_markdown(text)}"
    if kind != "place":
        return MARKDOWN[kind](text)
    if not lessons:
        return plain_markdown(text)
    address = f"{lessons.rstrip('/')}/{place(verdict).address}"
    return f"[{plain_markdown(text)}](<{address}>)"
