"""One picture to show: *my translator*, what it weighs and what it says."""

import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path

from matplotlib.figure import Figure

from course_utils.figures import COLORS, Picture, figure, show
from course_utils.frontier import Board, Row

__all__ = ["Card", "make_card"]

WIDTH = 44  # letters in a line of the card


@dataclass(frozen=True)
class Card:
    """A translator's measurements relative to the reference, and a sentence of it."""

    row: Row
    smaller: float
    sentence: str
    translation: str
    machine: str

    def numbers(self) -> list[tuple[str, str]]:
        """Return what stands on the card, large number and small words."""
        return [
            (f"{self.row.bytes / 1000:,.0f} kB", f"{self.smaller:.1f}× smaller"),
            (f"{self.row.ms:.1f} ms", f"a sentence, {self.row.faster:.1f}× as fast"),
            (f"{self.row.bleu:.1f}", "BLEU on unseen sentences"),
        ]

    def figure(self) -> Figure:
        """Return the card as a figure."""
        fig = figure(6, 2.9)
        ax = fig.subplots()
        ax.set_axis_off()
        ax.set(xlim=(0, 3), ylim=(0, 3))
        ax.set_title(f"My translator: {self.row.name}", fontsize=14)
        for i, (large, small) in enumerate(self.numbers()):
            style = {"ha": "center", "color": COLORS["ours"]}
            ax.text(i + 0.5, 2.3, large, fontsize=22, **style)
            ax.text(i + 0.5, 1.9, small, ha="center", fontsize=9)
        for y, text, weight in (
            (1.25, self.sentence, "normal"),
            (0.65, self.translation, "bold"),
        ):
            lines = "\n".join(textwrap.wrap(text, WIDTH)[:2])
            ax.text(1.5, y, lines, ha="center", va="center", fontsize=13, weight=weight)
        ax.text(1.5, 0.05, self.machine, ha="center", fontsize=7)
        return fig

    def picture(self) -> Picture:
        """Return the card with its description."""
        facts = ", ".join(f"{large} ({small})" for large, small in self.numbers())
        text = f"{self.sentence} → {self.translation}"
        return show(self.figure(), alt=f"A card. {self.row.name}: {facts}. {text}")

    def as_json(self) -> dict:
        """Return everything as plain data."""
        return {"version": 1, **asdict(self)}

    def save(self, path: str | Path) -> Path:
        """Write the picture."""
        path = Path(path)
        self.picture().save(path)
        return path


def make_card(board: Board, name: str, sentence: str, translation: str) -> Card:
    """Return the card of one row of a board; the first row is the reference.

    Raises:
        ValueError: the board has no such row.
    """
    row = next((one for one in board.rows if one.name == name), None)
    if row is None:
        known = ", ".join(one.name for one in board.rows)
        raise ValueError(f"the board has no row {name!r}; it has: {known}")
    return Card(row, board.smaller(row), sentence, translation, board.machine)
