"""What the course claims, one file a subject; each has a `claims()` that measures it.

from benchmarks.claims import Claim
"""

from dataclasses import dataclass

__all__ = ["Claim"]


@dataclass(frozen=True)
class Claim:
    """A sentence with a number, the least that it must be, and what was measured."""

    claim: str
    at_least: float  # a loss is claimed as its negative: at_least -1 BLEU point
    measured: float
    unit: str = "×"
    note: str = ""  # what was compared, how large the spread was
    needs: str = ""  # what this processor lacks: then nothing is claimed of it

    @property
    def holds(self) -> bool:
        """Return whether the measured number reaches the claimed one."""
        return self.measured >= self.at_least
