"""Read a page the way a browser does, to see what it holds and what it asks for."""

import re
from html.parser import HTMLParser
from itertools import pairwise

__all__ = ["Page", "contrast", "palettes"]

VOID = {"meta", "br", "img", "link", "input", "hr", "base"}


class Page(HTMLParser):
    """All elements of a page with attributes and text; badly nested ones raise."""

    def __init__(self, text):
        super().__init__()
        self.elements, self._open, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        entry = {"tag": tag, "attrs": dict(attrs), "text": ""}
        self.elements.append(entry)
        if tag not in VOID:
            self._open.append(entry)

    def handle_endtag(self, tag):
        """Close the element that is open."""
        assert self._open.pop()["tag"] == tag

    def handle_data(self, data):
        """Add text to all elements around it."""
        if not self._open or self._open[-1]["tag"] != "style":
            self.text += data
        for entry in self._open:
            entry["text"] += data

    def all(self, tag):
        """Return the elements of a kind."""
        return [one for one in self.elements if one["tag"] == tag]

    def texts(self, tag):
        """Return the texts of the elements of a kind."""
        return [one["text"] for one in self.all(tag)]

    def check_frame(self):
        """Assert what holds for every page: self-contained, in order, labeled."""
        tags = {one["tag"] for one in self.elements}
        assert not tags & {"script", "img", "link", "iframe", "object", "form", "svg"}
        assert self.all("html")[0]["attrs"]["lang"] == "en"
        names = {name for one in self.elements for name in one["attrs"]}
        assert not {name for name in names if name.startswith("on")} | names & {"src"}
        levels = [
            int(tag[1]) for one in self.elements if re.match(r"h\d", tag := one["tag"])
        ]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert all(one["attrs"].get("scope") for one in self.all("th"))
        assert len(self.all("caption")) == len(self.all("table"))
        assert not {name for name in names if name in ("tabindex", "accesskey")}


def palettes(style):
    """Return the colors of the light, the dark and the printed page, by name."""
    blocks = re.findall(r":root\s*\{(.*?)\}", style, re.DOTALL)
    found = [dict(re.findall(r"--(\w+):\s*(#\w+)", block)) for block in blocks]
    assert len(found) == 3
    return found


def contrast(one, other):
    """Return the contrast of two colors, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color):
    digits = color[1:] if len(color) == 7 else "".join(2 * c for c in color[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
