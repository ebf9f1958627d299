"""Tables of measurements, as text and as HTML.

The first row holds the heads, the first column names; a note stands below.
"""

import html
from collections.abc import Sequence

__all__ = ["html_table", "text_table"]


def text_table(rows: Sequence[Sequence[str]], note: str) -> str:
    """Return the table ready to print: names on the left, numbers on the right."""
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = []
    for name, *cells in rows:
        pairs = zip(cells, others, strict=True)
        cells = [f"{cell:>{width}}" for cell, width in pairs]
        lines.append("  ".join([f"{name:<{first}}", *cells]).rstrip())
    return "\n".join([*lines, note])


def html_table(rows: Sequence[Sequence[str]], note: str) -> str:
    """Return the table for a notebook; texts are escaped, heads are marked as such."""
    cell = '<{0}{1} style="text-align:{2}">{3}</{0}>'
    [head, *body] = [[html.escape(one) for one in row] for row in rows]
    lines = ["".join(cell.format("th", ' scope="col"', "right", one) for one in head)]
    for name, *numbers in body:
        cells = [cell.format("th", ' scope="row"', "left", name)]
        cells += [cell.format("td", "", "right", one) for one in numbers]
        lines.append("".join(cells))
    caption = f'<caption style="caption-side:bottom">{html.escape(note)}</caption>'
    return f"<table>{caption}{''.join(f'<tr>{one}</tr>' for one in lines)}</table>"
