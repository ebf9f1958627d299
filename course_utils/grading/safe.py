"""Make any text harmless: one line, no control characters, no markup, no formula."""

import hashlib
import html
import re
import unicodedata

__all__ = [
    "card_html",
    "clean",
    "code_html",
    "code_markdown",
    "csv_cell",
    "marked_html",
    "marked_markdown",
    "page_name",
    "plain_html",
    "plain_markdown",
]

LONGEST = 200
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
# Control sequences of a terminal: CSI, then OSC and its kin, then single letters.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_SPACE = re.compile(r"\s+")
_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_SLANTED = re.compile(r"\*([^*]+)\*")
# What Markdown may read as markup: anywhere, as a bare address, or at a line's start.
_MARKS = re.compile(
    r"([\\`*_\[\]<>|~$&#{}^@]|:(?=//)|(?<=\bwww)\.|^[-+=:]|!(?=\[))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(\d+)([.)])")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
# Some scripts and emoji need these two; all other invisible signs go.
_JOINERS = "\u200c\u200d"
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: object, longest: int = LONGEST) -> str:
    """Return a text as one line of visible characters, cut to `longest`."""
    line = _SPACE.sub(" ", _ESCAPES.sub("", str(text)[: 20 * longest]))
    seen = (c for c in line if c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
    whole = unicodedata.normalize("NFC", "".join(seen)).strip()
    return whole if len(whole) <= longest else f"{whole[: longest - 1]}…"


def csv_cell(value: object) -> object:
    """Return a value for a spreadsheet: no text of it is taken for a formula."""
    if not isinstance(value, str):
        return "" if value is None else value
    begins = value.lstrip(" ").startswith(FORMULA)
    text = clean(value, 1000)
    return f"'{text}" if begins or text.startswith(FORMULA) else text


def page_name(student: str) -> str:
    """Return a file name without ending, another one for every student.

    A name in plain lower-case letters is kept; any other is simplified and gets a
    part of its hash behind a dot, which no plain name contains.
    """
    simple = re.sub(r"[^a-z0-9_-]+", "-", student.lower())[:60].strip("-") or "student"
    if simple == student:
        return simple
    whole = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{simple}.{whole[:12]}"


def plain_html(text: object, longest: int = LONGEST) -> str:
    """Return a text that HTML shows as it is."""
    return html.escape(clean(text, longest))


def plain_markdown(text: object, longest: int = LONGEST) -> str:
    """Return a text that Markdown shows as it is."""
    return _escape(clean(text, longest))


def _escape(line: str) -> str:
    return _NUMBERED.sub(r"\1\\\2", _MARKS.sub(_harmless, line))


def _harmless(found: re.Match) -> str:
    sign = found[1]
    return _ENTITIES.get(sign, f"\\{sign}")


def code_html(text: object) -> str:
    """Return a text set as code in HTML."""
    return f"<code>{plain_html(text)}</code>"


def code_markdown(text: object) -> str:
    """Return a text set as code in Markdown; its own backticks become quotes."""
    return f"`{clean(text).replace('`', chr(39))}`"


def marked_html(text: str) -> str:
    """Return a sentence of ours in HTML: what stands in backticks is code."""
    return _CODE.sub(r"<code>\1</code>", plain_html(text, 2000))


def card_html(text: str) -> str:
    """Return a line of a card in HTML: code, bold and slanted words."""
    parts = _CODE.split(clean(text, 2000))
    return "".join(
        f"<code>{html.escape(part)}</code>" if place % 2 else _slanted(part)
        for place, part in enumerate(parts)
    )


def _slanted(text: str) -> str:
    bold = _BOLD.sub(r"<strong>\1</strong>", html.escape(text))
    return _SLANTED.sub(r"<em>\1</em>", bold)


def marked_markdown(text: str) -> str:
    """Return a sentence of ours in Markdown: what stands in backticks is code."""
    parts = _CODE.split(clean(text, 2000))
    return "".join(
        code_markdown(part) if place % 2 else _escape(part)
        for place, part in enumerate(parts)
    )
