"""How close counts as equal: one table by dtype, and the comparison that reads it."""

import torch

# Absolute, and relative to the expected value: |actual - expected| / (1 + |expected|).
TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5, torch.bfloat16: 5e-2}


def assert_same(actual, expected, name="output"):
    """Demand the same shape, dtype and values; of dicts, the same names as well."""
    if isinstance(expected, dict):
        assert list(sorted(actual)) == list(sorted(expected))
        for key, value in expected.items():
            assert_same(actual[key], value, f"{name} {key}")
        return
    assert actual.dtype == expected.dtype, f"{name}: {actual.dtype}, {expected.dtype}"
    assert actual.shape == expected.shape, f"{name}: {actual.shape}, {expected.shape}"
    limit = TOLERANCE[expected.dtype]
    gap = ((actual - expected).abs() / (1 + expected.abs())).max().item()
    assert gap <= limit, f"{name} is not the same: it differs by {gap:.1e} > {limit:g}"
