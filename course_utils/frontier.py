"""The frontier board: translators, each weighed on this machine (lesson 36).

    board = measure_board(contenders())
    board                     # in a notebook: a table
    show(board.figure(), alt=board.alt())
    board.save("frontier.json")

A row belongs to one artifact: the same file gives its bytes, its quality, its speed and
its memory. Speed is relative to the reference in the same run, round by round, since
milliseconds of different runs cannot be compared.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from course_utils.data.phrasebook import Pair, phrasebook
from course_utils.figures import COLORS, figure
from course_utils.files import replace_text
from course_utils.machine import Machine, peak_memory
from course_utils.measure import compare, limited_threads
from course_utils.metrics.answers import exact_match
from course_utils.metrics.bleu import corpus_bleu
from course_utils.tables import html_table, text_table
from course_utils.text import split_words

__all__ = [
    "Board",
    "Contender",
    "Row",
    "bleu_of",
    "measure_board",
    "read_board",
    "unseen_pairs",
]

COLUMNS = (
    "translator",
    "BLEU",
    "exact",
    "bytes",
    "smaller",
    "ms a sentence",
    "faster",
    "middle half",
    "peak MB",
)
SEED = 36
CLOCK = 1.1  # two times within a tenth of each other count as equal

Translate = Callable[[str], str]


@dataclass(frozen=True)
class Contender:
    """A translator to be weighed: its files, and how they become a function of text."""

    name: str
    files: tuple[Path, ...]
    load: Callable[[], Translate]

    @property
    def bytes(self) -> int:
        """The bytes of all its files on disk."""
        return sum(path.stat().st_size for path in self.files)


@dataclass(frozen=True)
class Row:
    """What was measured of one contender; `faster` is relative to the first row."""

    name: str
    bleu: float
    exact: float  # share of sentences
    bytes: int
    ms: float  # median, one sentence at a time
    faster: float
    low: float  # the middle half of the ratios
    high: float
    peak_mb: float  # beyond what the process held before the file was loaded

    def is_quicker(self, other: "Row") -> bool:
        """Return whether this one is faster by more than the clock's own unrest.

        It takes a tenth, and middle halves that do not meet: one file that is weighed
        twice differs by less.
        """
        return self.faster > CLOCK * other.faster and self.low > other.high

    def beats(self, other: "Row") -> bool:
        """Return whether this one is nowhere worse, and somewhere better."""
        mine, theirs = ((one.bleu, -one.bytes) for one in (self, other))
        if other.is_quicker(self) or mine[0] < theirs[0] or mine[1] < theirs[1]:
            return False
        return mine != theirs or self.is_quicker(other)


@dataclass(frozen=True)
class Board:
    """The rows of one run, the reference first, and how they were measured."""

    rows: tuple[Row, ...]
    machine: str
    sentences: int

    def frontier(self) -> list[Row]:
        """Return the rows that no other row beats."""
        return [
            row for row in self.rows if not any(other.beats(row) for other in self.rows)
        ]

    def smaller(self, row: Row) -> float:
        """Return how many times smaller a row's files are than the reference's."""
        return self.rows[0].bytes / row.bytes

    def cells(self) -> list[tuple[str, ...]]:
        """Return the table, its heads first."""
        best, lines = self.frontier(), [COLUMNS]
        for row in self.rows:
            lines.append(
                (
                    f"{'★ ' if row in best else ''}{row.name}",
                    f"{row.bleu:.1f}",
                    f"{row.exact:.1%}",
                    f"{row.bytes:,}",
                    f"{self.smaller(row):.1f}×",
                    f"{row.ms:.2f}",
                    f"{row.faster:.2f}×",
                    f"{row.low:.2f} to {row.high:.2f}",
                    f"{row.peak_mb:.1f}",
                )
            )
        return lines

    def note(self) -> str:
        """Return how this was measured, in one line."""
        return (
            f"{self.sentences} unseen sentences, one at a time; processor time, one "
            f"thread, rounds interleaved; ★: no other row beats it, times within a "
            f"tenth counted as equal; {self.machine}"
        )

    def __repr__(self) -> str:
        return text_table(self.cells(), self.note())

    def _repr_html_(self) -> str:
        return html_table(self.cells(), self.note())

    def figure(self) -> Figure:
        """Return the picture: bytes across, speed up, quality beside each point."""
        fig = figure(6.5, 3.6)
        ax, best = fig.subplots(), self.frontier()
        for i, row in enumerate(self.rows):
            on = row in best
            color = COLORS["ours"] if on else COLORS["baseline"]
            at = row.bytes / 1000, row.faster
            name = "no other beats it" if on else "beaten"
            ax.plot(*at, "o" if on else "x", color=color, label=name)
            place = {"xytext": (6, 4 if i % 2 else -19), "textcoords": "offset points"}
            text = f"{row.name}\nBLEU {row.bleu:.1f}"
            ax.annotate(text, at, color=color, fontsize=8, **place)
        ax.set(xscale="log", yscale="log", xlabel="kilobytes on disk")
        ax.set_ylabel("× as fast as the original")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(ScalarFormatter())
        small = min(best, key=lambda row: row.bytes)
        ax.set_title(
            f"{self.smaller(small):.1f} times smaller, {small.faster:.1f} times "
            f"faster: {small.name}"
        )
        handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
        ax.legend(handles.values(), handles, loc="best", fontsize=8)
        ax.margins(0.25)
        ax.grid(alpha=0.5)
        return fig

    def alt(self) -> str:
        """Return the description of the picture."""
        points = "; ".join(
            f"{row.name}: {row.bytes / 1000:.0f} kB, {row.faster:.1f} times as fast, "
            f"BLEU {row.bleu:.1f}"
            for row in self.rows
        )
        return f"A scatter plot of translators, kilobytes by relative speed. {points}."

    def as_json(self) -> dict:
        """Return everything as plain data."""
        return {
            "version": 1,
            "rows": [asdict(row) for row in self.rows],
            "machine": self.machine,
            "sentences": self.sentences,
        }

    def save(self, path: str | Path) -> Path:
        """Write the board as JSON, in one step."""
        path = Path(path)
        replace_text(path, json.dumps(self.as_json(), indent=1) + "\n")
        return path


def unseen_pairs(n: int = 200, language: str = "fr", seed: int = SEED) -> list[Pair]:
    """Return `n` pairs whose combinations of words no training has seen."""
    return phrasebook(language, n, "test", seed)


def bleu_of(contender: Contender, draws: Sequence[Sequence[Pair]]) -> list[float]:
    """Return the BLEU of one contender on each draw of pairs; nothing else is weighed.

    Draws that disagree say how little one of them alone is worth.
    """
    with limited_threads(1):
        translate = contender.load()
        written = [[translate(one.source) for one in pairs] for pairs in draws]
    return [_quality(texts, p)[0] for texts, p in zip(written, draws, strict=True)]


def measure_board(
    contenders: Sequence[Contender],
    pairs: Sequence[Pair] = (),
    rounds: int = 7,
    timed: int = 12,
    tell: Callable[[str], None] = lambda name: None,
) -> Board:
    """Weigh contenders; the first is the reference of all ratios.

    `pairs` are the sentences of the quality, `timed` of them are timed, `rounds` times.
    `tell` hears the name of each contender before its turn.

    Raises:
        ValueError: there is no contender, or two have one name.
    """
    names = [one.name for one in contenders]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"contenders={names}: name at least one, each by its own name")
    pairs = list(pairs) or unseen_pairs()
    texts = [one.source for one in pairs]
    quality, work, peaks = {}, {}, {}
    with limited_threads(1):  # one sentence is too little work for two
        for one in contenders:
            tell(one.name)
            peaks[one.name] = _peak(lambda one=one: one.load()(texts[0])) / 1e6
            translate = one.load()
            quality[one.name] = _quality([translate(text) for text in texts], pairs)
            work[one.name] = _work(translate, texts[:timed])
    times = compare(work, check=False, rounds=rounds)  # what differs shows as BLEU
    rows = []
    for one in contenders:
        ms = times.milliseconds(one.name) / min(timed, len(texts))
        speed = times.ratio(one.name), *times.spread(one.name)
        facts = *quality[one.name], one.bytes, ms, *speed, peaks[one.name]
        rows.append(Row(one.name, *facts))
    return Board(tuple(rows), str(Machine.here(1)), len(texts))


def _peak(function: Callable[[], str]) -> int:
    """Return what a call needs; a first one also loads code, and is not weighed."""
    function()
    return peak_memory(function)


def _work(translate: Translate, texts: Sequence[str]) -> Callable[[], list[str]]:
    return lambda: [translate(text) for text in texts]


def _quality(written: Sequence[str], pairs: Sequence[Pair]) -> tuple[float, float]:
    wanted = [one.target for one in pairs]
    return corpus_bleu(written, wanted, split_words), exact_match(written, wanted)


def read_board(path: str | Path) -> Board:
    """Return a board from its file.

    Raises:
        ValueError: the file holds no board of this version.
    """
    try:
        data: Mapping = json.loads(Path(path).read_text(encoding="utf-8"))
        if data["version"] != 1:
            raise ValueError(f"version {data['version']}")
        rows = tuple(Row(**row) for row in data["rows"])
        return Board(rows, data["machine"], data["sentences"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ValueError(f"{path} holds no frontier board ({problem})") from None
