"""Claims that hold on any processor, behind a gate with room for a busy machine.

The whole list is measured by `course bench headline`; lessons assert the rest.
"""

from functools import partial

import pytest

from benchmarks.claims import generation, pruning, quantization

pytestmark = [pytest.mark.bench, pytest.mark.no_typecheck, pytest.mark.timeout(1200)]

GATE = 0.85


def reaches(measure) -> bool:
    """Say whether what is measured comes up to the gate; a neighbor may be loud."""
    return any((claim := measure()).measured >= GATE * claim.at_least for _ in range(3))


def test_the_loop_writes_faster_than_hugging_face(monkeypatch):
    monkeypatch.setattr(generation, "ROUNDS", 3)
    assert reaches(generation.same_tokens)


def test_the_small_file_translates_faster_than_hugging_face():
    assert reaches(quantization.speed_of_the_file)


@pytest.mark.parametrize("share", [0.5, 0.25])
def test_fewer_operations_take_less_time(share):
    assert reaches(partial(pruning.speed, share))
