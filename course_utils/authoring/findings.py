"""What a check of the lessons has to say."""

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """One thing that falls short: which rule, where, and what to do about it."""

    rule: str
    notebook: str
    message: str
    cell: str = ""

    def __str__(self) -> str:
        where = f"{self.notebook}[{self.cell}]" if self.cell else self.notebook
        return f"{where}: {self.message} ({self.rule})"
