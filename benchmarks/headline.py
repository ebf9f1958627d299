"""The course's claims, each measured here and now.

    course bench headline --json

Every file of benchmarks/claims measures one subject, at one thread, in processor time,
rivals taking turns; equality or quality is asserted before anything is timed.
"""

import importlib
import json as to_json
from collections.abc import Iterator
from pathlib import Path

import torch

from benchmarks.claims import Claim
from course_utils.machine import Machine

__all__ = ["excerpt", "main", "measure"]

BESIDE = "\n\nBeside these:\n\n"


def measure() -> Iterator[Claim]:
    """Measure subject by subject."""
    torch.set_num_threads(1)
    for path in sorted(Path(__file__).with_name("claims").glob("[!_]*.py")):
        yield from importlib.import_module(f"benchmarks.claims.{path.stem}").claims()


def main(json: bool = False) -> None:
    """Print the claims; raise if one of them does not hold."""
    found = list(measure())
    print(_as_json(found) if json else _as_table(found))
    missed = [one.claim for one in found if not one.holds and not one.needs]
    assert not missed, "; ".join(missed)


def _as_json(found: list[Claim]) -> str:
    rows = [
        {
            "claim": one.claim,
            "at_least": one.at_least,
            "measured": round(one.measured, 4),
            "unit": one.unit,
            "holds": one.holds,
            "note": one.note,
            "needs": one.needs,
        }
        for one in found
    ]
    return to_json.dumps({"claims": rows, "machine": str(Machine.here())}, indent=1)


def _verdict(one: Claim) -> str:
    if one.holds:
        return "yes"
    return f"no: this processor lacks {one.needs}" if one.needs else "no"


def _as_table(found: list[Claim]) -> str:
    headlines = _rows([one for one in found if not one.beside])
    others = _rows([one for one in found if one.beside])
    how = f"One thread, processor time. {Machine.here()}."
    return f"{headlines}{BESIDE}{others}\n\n{how}"


def _rows(found: list[Claim]) -> str:
    lines = ["| claim | at least | measured | holds |", "|---|---|---|---|"]
    for one in found:
        lines.append(
            f"| {one.claim} | {one.at_least:g} {one.unit} "
            f"| {one.measured:.3g} {one.unit} | {_verdict(one)} |"
        )
    return "\n".join(lines)


def excerpt(table: str) -> str:
    """Return what the README quotes: the headlines, and how they were measured."""
    headlines, _, others = table.partition(BESIDE)
    return "\n\n".join([headlines, *others.split("\n\n")[1:]])
