"""The blocks keep up with their rivals; a gate with room for a busy machine."""

import pytest

from benchmarks import blocks

pytestmark = [pytest.mark.bench, pytest.mark.no_typecheck, pytest.mark.timeout(1200)]

GATE = 0.85 * blocks.REQUIRED


def test_no_block_is_slower_than_its_rivals(monkeypatch):
    monkeypatch.setattr(blocks, "REQUIRED", GATE)
    for _ in range(3):  # a neighbor may be loud
        worst = min(blocks.measure(rounds=5), key=lambda row: row.same_work)
        if worst.same_work >= GATE:
            break
    assert worst.same_work >= GATE, worst


def test_a_slow_attention_is_found(monkeypatch):
    by_hand = blocks.ATTENTIONS["by hand"]

    def four_times(q, k, v, mask=None):
        for _ in range(3):
            by_hand(q, k, v, mask)
        return by_hand(q, k, v, mask)

    rival = "torch, pre-norm"
    monkeypatch.setattr(blocks, "ATTENTIONS", {"slow": four_times})
    monkeypatch.setattr(blocks, "RIVALS", {rival: blocks.RIVALS[rival]})
    monkeypatch.setattr(blocks, "BATCHES", ((3, 128),))
    assert min(row.same_work for row in blocks.measure_layers(rounds=3)) < GATE
