"""What the course claims, one file a subject; each has a `claims()` that measures it.

from benchmarks.claims import Claim
"""

from dataclasses import dataclass

from course_utils.machine import Machine
from course_utils.measure import Comparison

__all__ = ["Claim", "lacking", "spread"]


@dataclass(frozen=True)
class Claim:
    """A sentence with a number, the least that it must be, and what was measured."""

    claim: str
    at_least: float  # a loss is claimed as its negative: at_least -1 BLEU point
    measured: float
    unit: str = "×"
    note: str = ""  # what was compared, how large the spread was
    needs: str = ""  # what this processor lacks: then nothing is claimed of it
    beside: bool = False  # it supports a headline, and is none itself

    @property
    def holds(self) -> bool:
        """Return whether the measured number reaches the claimed one."""
        return self.measured >= self.at_least


def spread(result: Comparison, name: str) -> str:
    """Say how far the ratios were apart, and how long a call took."""
    low, high = result.spread(name)
    return f"middle half {low:.2f} to {high:.2f}; {result.milliseconds(name):.0f} ms"


def lacking(flag: str) -> str:
    """Return the flag if this processor is without it, else "": what a claim needs."""
    return "" if flag in Machine.here().flags else flag
