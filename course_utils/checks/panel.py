"""A verdict as a panel in the notebook: readable by eye, by ear and in the dark."""

import html
import re

from torch import Tensor

from course_utils.checks.messages import WORDS
from course_utils.checks.verdict import Verdict

__all__ = ["to_html"]

COLORS = {"passed": "#009E73", "failed": "#D55E00", "not attempted": "#767676"}
MARKS = {"passed": "✓", "failed": "✗", "not attempted": "·"}
FRAME = (
    "border-left:5px solid {color};background:#fff;color:#1a1a1a;"
    "padding:8px 14px;max-width:760px;line-height:1.45"
)
LABEL = (
    "font-weight:600;white-space:nowrap;padding:1px 12px 1px 0;"
    "vertical-align:top;text-align:left"
)
CELL = "text-align:left;padding:1px 0;overflow-wrap:anywhere"


def to_html(verdict: Verdict) -> str:
    """Return the panel: the verdict in words, then a table of what happened."""
    frame = FRAME.format(color=COLORS[verdict.status])
    name = html.escape(verdict.headline, quote=True)
    head = f"<p style='margin:0'>{MARKS[verdict.status]} <b>{name}</b></p>"
    if verdict.status == "not attempted":
        head += f"<p style='margin:4px 0 0'>{_text(verdict.advice)}</p>"
    return (
        f'<div role="status" aria-label="{name}" style="{frame}">'
        f"{head}{_table(verdict)}{_picture(verdict)}</div>"
    )


def _table(verdict: Verdict) -> str:
    code = (WORDS["called"], WORDS["returned"], WORDS["expected"])
    rows = "".join(
        f'<tr style="background:transparent"><th scope="row" style="{LABEL}">{label}'
        f'</th><td style="{CELL}">'
        f"{f'<code>{html.escape(text)}</code>' if label in code else _text(text)}"
        "</td></tr>"
        for label, text in verdict.details
    )
    style = "margin:6px 0 0;border-collapse:collapse;font-size:inherit;color:inherit"
    return f'<table style="{style}">{rows}</table>' if rows else ""


def _text(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _picture(verdict: Verdict) -> str:
    if verdict.pair is None:
        return ""
    got, expected = verdict.pair
    top = max(float(one.abs().nan_to_num().max()) for one in (got, expected)) or 1.0
    tables = _matrix(WORDS["yours"], got, expected, top) + _matrix(
        WORDS["wanted"], expected, expected, top
    )
    return f'<div style="display:flex;gap:24px;margin-top:8px">{tables}</div>'


def _matrix(title: str, values: Tensor, expected: Tensor, top: float) -> str:
    """Return a small matrix as a table; cells that differ have a heavy frame."""
    differ = (values.double() - expected.double()).abs() > 1e-4 * top
    differ |= values.double().isnan()
    rows = "".join(
        f"<tr>{''.join(map(_cell, row, marks, [top] * len(row)))}</tr>"
        for row, marks in zip(values.tolist(), differ.tolist(), strict=True)
    )
    caption = f'<caption style="color:#1a1a1a;text-align:left">{title}</caption>'
    return f'<table style="border-collapse:collapse;margin:0">{caption}{rows}</table>'


def _cell(value: float, wrong: bool, top: float) -> str:
    share = min(abs(float(value)) / top, 1.0) if value == value else 0.0
    light = round(255 - 110 * share)
    frame = "2px solid #D55E00" if wrong else "1px solid #bbb"
    text = str(value) if isinstance(value, bool | int) else f"{value:.2f}"
    mark = "≠ " if wrong else ""
    return (
        f'<td style="border:{frame};background:rgb({light},{light},255);color:#1a1a1a;'
        f'padding:2px 6px;text-align:right">{mark}{text}</td>'
    )
