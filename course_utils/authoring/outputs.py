"""Make stored outputs the same on every machine, and find what cannot be stored."""

import re
from html.parser import HTMLParser

from nbformat import NotebookNode

from course_utils.authoring.findings import Finding
from course_utils.authoring.notebooks import as_text, code_cells

__all__ = [
    "MAX_BYTES",
    "MIN_ALT",
    "check_outputs",
    "clear_outputs",
    "images",
    "normalize",
]

MAX_BYTES = 400_000
MIN_ALT = 40
KERNEL = {
    "display_name": "Python 3 (ipykernel)",
    "language": "python",
    "name": "python3",
}
LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "pygments_lexer": "ipython3",
}
NOTEBOOK_KEYS = {"kernelspec", "language_info", "course"}
FLEETING = {"execution", "ExecuteTime", "trusted", "scrolled", "collapsed"}
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
# What differs from machine to machine or from run to run, and what to do about it.
NOT_REPRODUCIBLE = {
    "machine path": re.compile(
        r"(?<![\w.])(?:/home/\w|/Users/\w|/root/|/tmp/|/var/folders/|[A-Z]:\\\\?Users)"
        r"|site-packages|ipykernel_\d+"
    ),
    "memory address": re.compile(r"\b0x[0-9a-f]{8,}\b"),
    "time stamp": re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d"),
}


def normalize(nb: NotebookNode) -> None:
    """Remove from the outputs and metadata what is not the same on every machine."""
    _settle_metadata(nb)
    for count, cell in enumerate(code_cells(nb), start=1):
        cell.execution_count = count
        cell.outputs = _merged(cell.outputs)
        for output in cell.outputs:
            _settle(output, count)


def clear_outputs(nb: NotebookNode) -> None:
    """Remove all outputs, and what a session left in the metadata."""
    _settle_metadata(nb)
    for cell in code_cells(nb):
        cell.execution_count = None
        cell.outputs = []


def _settle_metadata(nb: NotebookNode) -> None:
    for key in set(nb.metadata) - NOTEBOOK_KEYS:
        del nb.metadata[key]
    nb.metadata.kernelspec = KERNEL
    nb.metadata.language_info = LANGUAGE
    nb.nbformat, nb.nbformat_minor = 4, max(5, nb.nbformat_minor)
    for cell in nb.cells:
        for key in FLEETING & set(cell.metadata):
            del cell.metadata[key]


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighboring chunks of one stream and play its carriage returns."""
    merged: list[NotebookNode] = []
    for output in outputs:
        previous = merged[-1] if merged else None
        if previous and output.output_type == previous.output_type == "stream":
            if output.name == previous.name:
                previous.text += output.text
                continue
        merged.append(output)
    for output in merged:
        if output.output_type == "stream":
            output.text = re.sub(r"[^\n]*\r(?=[^\n])", "", output.text)
            output.text = re.sub(r"\r+(?=\n|$)", "", output.text)
    return merged


def _settle(output: NotebookNode, count: int) -> None:
    """Number a result by its cell; drop the link to a widget that no longer lives."""
    if output.output_type == "execute_result":
        output.execution_count = count
    if len(output.get("data", {})) > 1:
        output.data.pop(WIDGET, None)


class _Images(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.found.append({key: value or "" for key, value in attrs})


def images(html: str) -> list[dict[str, str]]:
    """Return the attributes of every `<img>` in a piece of HTML."""
    parser = _Images()
    parser.feed(html)
    return parser.found


def check_outputs(nb: NotebookNode, name: str) -> list[Finding]:
    """Find errors, warnings, bare figures, leftovers of one machine, and bulk."""
    findings = []
    for cell in code_cells(nb):
        for output in cell.outputs:
            for rule, message in _problems(output):
                findings.append(Finding(rule, name, message, cell.id))
    if "widgets" in nb.metadata:
        message = "the widgets' state is stored; write notebooks with `course build`"
        findings.append(Finding("widget-state", name, message))
    size = len(as_text(nb).encode())
    if size > MAX_BYTES:
        message = f"{size / 1000:.0f} KB with outputs, over {MAX_BYTES / 1000:.0f}"
        findings.append(Finding("too-large", name, message))
    return findings


def _problems(output: NotebookNode) -> list[tuple[str, str]]:
    if output.output_type == "error":
        return [("error-output", f"{output.ename}: {output.evalue}; mend the cell")]
    if output.get("name") == "stderr":
        line = (output.text.strip().splitlines() or [""])[-1][:160]
        return [("stderr", f"wrote to stderr: {line!r}; fix the cause")]
    data = output.get("data", {"text/plain": output.get("text", "")})
    found = [*_picture_problems(data), *_text_problems(data)]
    if WIDGET in data:
        message = "a bare widget shows nothing until it runs; give it a static picture"
        found.append(("bare-widget", message))
    return found


def _text_problems(data: dict) -> list[tuple[str, str]]:
    texts = (value for kind, value in data.items() if kind not in PICTURES)
    text = "\n".join(value for value in texts if isinstance(value, str))
    text = re.sub(r"data:[\w/+;=-]+,[A-Za-z0-9+/=%]+", "", text)
    return [
        ("not-reproducible", f"a {what}, {match[0]!r}, stands in the output")
        for what, pattern in NOT_REPRODUCIBLE.items()
        if (match := pattern.search(text))
    ]


def _picture_problems(data: dict) -> list[tuple[str, str]]:
    shown = images(data.get("text/html", ""))
    found = []
    if not shown and any(kind in data for kind in PICTURES):
        found.append(("bare-figure", "a figure without text; use show(fig, alt=...)"))
    for image in shown:
        alt = " ".join(image.get("alt", "").split())
        if len(alt) < MIN_ALT:
            message = f"alt text of {len(alt)} characters, {alt!r}; say what it shows"
            found.append(("short-alt", f"{message} in {MIN_ALT} or more"))
        if re.match(r"(?i)\s*(https?:)?//", image.get("src", "")):
            found.append(("remote-image", "an image from the network; draw it here"))
    return found
