"""The frame of a page: one file, no script, nothing from outside, for every screen."""

import html
from collections.abc import Iterable, Sequence

from course_utils.grading.safe import plain_html

__all__ = ["MARKS", "bar", "page", "table"]

# A sign beside every status, so that no color ever speaks alone.
MARKS = {"passed": "✓", "failed": "✗", "not attempted": "–", "graded": "✓"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"
STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a;
  --line: #d4d9df; --tint: #f4f6f8; --bar: #0072b2; --bad: #b3401a; --good: #00664b;
  --link: #005a94; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6eaee;
  --soft: #a3adb8; --line: #39424d; --tint: #1e242b; --bar: #56b4e9; --bad: #ff9e73;
  --good: #4fd1a5; --link: #7cc4f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 54rem; padding: 2rem 1.25rem 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  overflow-wrap: break-word; }
th[scope=row], td.t, dd, li, p, h1, h2, h3 { overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.75rem 0 .5rem; }
h3 { font-size: 1.05rem; line-height: 1.35; margin: 1.75rem 0 .35rem; }
p, ul { margin: .35rem 0 .8rem; max-width: 42rem; }
ul { padding-left: 1.2rem; } li { margin: .2rem 0; }
a { color: var(--link); } a:focus-visible { outline: 3px solid var(--bar);
  outline-offset: 2px; }
code { font: .9em/1.4 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  background: var(--tint); padding: .05em .3em; border-radius: 3px; }
.lede { font-size: 1.1rem; } .soft { color: var(--soft); }
.bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); }
table { border-collapse: collapse; width: 100%; margin: .75rem 0 1rem;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .9rem .45rem 0;
  border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .875rem; font-weight: 600; }
tbody th { font-weight: 600; } th:last-child, td:last-child { padding-right: 0; }
td.n, th.n { text-align: right; white-space: nowrap; } td.s { white-space: nowrap; }
td.s small { white-space: normal; }
th small, td small { display: block; font-weight: 400; }
th[scope=rowgroup] { padding-top: 1.1rem; }
th[scope=rowgroup] small { display: inline; }
td p { margin: 0 0 .3rem; } tbody th[scope=row] { min-width: 8.5rem; }
small { font-size: .875rem; color: var(--soft); }
.bars td:last-child { width: 45%; }
.meter { display: flex; align-items: center; gap: .6rem; min-width: 6rem; }
.track { flex: 1; height: .8rem; background: var(--tint); border-radius: 3px;
  overflow: hidden; } .fill { display: block; height: 100%; background: var(--bar);
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.meter b { font-weight: 400; min-width: 3.2em; text-align: right; }
.note { border-left: 4px solid var(--bad); background: var(--tint); margin: 1rem 0;
  padding: .7rem 1rem .3rem; } .note h3 { margin-top: 0; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: .2rem 1.1rem .5rem;
  margin: 1rem 0; } .card h3 { margin-top: .8rem; }
.card h3 small { font-weight: 400; white-space: nowrap; }
dl { margin: .5rem 0; } dl div { margin: .7rem 0; } dt { font-weight: 600; }
dd { margin: 0; } dd p { margin: 0 0 .3rem; } dd .label { color: var(--soft); }
dl div:last-child { background: var(--tint); border-left: 4px solid var(--good);
  padding: .55rem .9rem .35rem; margin: 1rem 0 .5rem; }
@media (min-width: 40rem) { dl div { display: grid; gap: 0 1rem;
  grid-template-columns: 9.5rem 1fr; } dd .label { display: inline-block;
  width: 5.5rem; } dl div:last-child { grid-template-columns: 8.3rem 1fr; } }
@media (max-width: 30rem) { body { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.4rem; }
  th, td { padding-right: .6rem; font-size: .9375rem; }
  .bars td:last-child { width: 38%; } tbody th[scope=row] { min-width: 6.2rem; }
  .card { padding: .1rem .8rem .4rem; } .meter { min-width: 4.5rem; gap: .4rem; } }
@media print { :root { --paper: #fff; --ink: #000; --soft: #444; --line: #bbb;
  --tint: #f2f2f2; --bar: #0072b2; --bad: #8a2d0f; --good: #00523c; --link: #000; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2, h3 { break-after: avoid; }
  tr, .card, .note { break-inside: avoid; } thead { display: table-header-group; } }
"""


def page(title: str, body: str) -> str:
    """Return a whole page; `title` is plain text and becomes its one H1."""
    name = plain_html(title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{name}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    sides: str = "",
    kind: str = "",
) -> str:
    """Return a table of cells that are HTML already; the first of a row names it.

    `sides` has a letter for each column: n for numbers, s for what stays on one line,
    t for text that may break anywhere, p for text that breaks between words.
    """
    sides = [f' class="{side}"' for side in sides or "t" * len(columns)]
    heads = zip(columns, sides, strict=True)
    head = "".join(f'<th scope="col"{side}>{name}</th>' for name, side in heads)
    body = "".join(_table_row(row, sides) for row in rows)
    attribute = f' class="{kind}"' if kind else ""
    return (
        f"<table{attribute}><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>\n"
    )


def _table_row(row: Sequence[str], sides: Sequence[str]) -> str:
    first, *rest = row
    cells = zip(rest, sides[1:], strict=True)
    others = "".join(f"<td{side}>{cell}</td>" for cell, side in cells)
    return f'<tr><th scope="row">{first}</th>{others}</tr>\n'


def bar(share: float, text: str) -> str:
    """Return a bar with its value as text; the bar itself says nothing aloud."""
    width = round(100 * min(max(share, 0.0), 1.0), 1)
    return (
        '<div class="meter"><span class="track" aria-hidden="true">'
        f'<span class="fill" style="width:{width:g}%"></span></span>'
        f"<b>{html.escape(text)}</b></div>"
    )
