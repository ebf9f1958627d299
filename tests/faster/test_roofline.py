"""Work counted by formula is the work done; the roof is the lower of two."""

import itertools
import time

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from course_utils.config import ModelConfig
from course_utils.costs import forward_flops
from course_utils.faster import roofline
from course_utils.faster.roofline import (
    BETWEEN,
    Work,
    attainable,
    memory_bandwidth,
    peak_flops,
    product_work,
    quickest,
    reading_work,
    time_by_operation,
)
from course_utils.transformer import LanguageModel

CONFIG = ModelConfig(11, d_model=12, n_heads=3, n_layers=2, d_ff=10, max_len=9)


@pytest.mark.parametrize("sizes", [(2, 3, 4), (1, 5, 7), (6, 1, 2)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int8])
def test_a_product_counted_one_number_at_a_time(sizes, dtype):
    n, m, p = sizes
    operations, read, written = 0, set(), set()
    for i, j, k in itertools.product(range(n), range(m), range(p)):
        operations += 2  # multiply, add
        read |= {("left", i, j), ("right", j, k)}
        written.add((i, k))
    moved = (len(read) + len(written)) * dtype.itemsize
    assert product_work(n, m, p, dtype) == Work(operations, moved)


def test_the_product_of_the_lesson_by_hand():
    work = product_work(2, 3, 4)
    assert work == Work(48, 104)
    assert work.intensity == 48 / 104
    assert 3 * work == work + work + work == Work(144, 312)
    assert sum([work, work], Work()) == Work(96, 208)


@pytest.mark.parametrize("sizes", [(0, 3, 4), (2, -1, 4), (2, 3, 0)])
def test_a_product_without_numbers_is_refused(sizes):
    with pytest.raises(ValueError, match="each of them is 1 or more"):
        product_work(*sizes)


class ProductBytes(TorchDispatchMode):
    """Add up the bytes of what matrix products take and return, biases aside."""

    total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        name = function.overloadpacket.__name__
        if name in ("mm", "addmm", "bmm"):
            self.total += sum(one.nbytes for one in (*args[-2:], out))
        return out


@pytest.mark.no_typecheck
@pytest.mark.parametrize(("B", "T"), [(1, 1), (1, 7), (3, 5)])
def test_reading_work_is_what_the_model_does(B, T):
    model = LanguageModel(CONFIG).eval()
    ids = torch.randint(3, 11, (B, T), generator=torch.Generator().manual_seed(0))
    with torch.no_grad(), FlopCounterMode(display=False) as flops:
        model(ids)
    with torch.no_grad(), ProductBytes() as moved:
        model(ids)
    work = sum(reading_work(CONFIG, T, B=B).values(), Work())
    assert work == Work(flops.get_total_flops(), moved.total)
    assert work.flops == B * forward_flops(CONFIG, T, kind="language_model")


def test_one_token_that_looks_back_reads_each_key_for_itself():
    one = reading_work(CONFIG, 1, S=100)["attention"]
    four = reading_work(CONFIG, 1, S=100, B=4)["attention"]
    assert four.intensity == one.intensity < 1
    alone, shared = (reading_work(CONFIG, 1, B=B)["projections"] for B in (1, 4))
    assert shared.intensity > 2 * alone.intensity


def test_fewer_bytes_a_number_more_operations_a_byte():
    plain, half = (
        reading_work(CONFIG, 4, dtype=dtype) for dtype in (torch.float32, torch.half)
    )
    for name in plain:
        assert half[name].flops == plain[name].flops
        assert half[name].intensity == 2 * plain[name].intensity


def test_the_roof_by_hand():
    peak, bandwidth = 60.0, 12.0  # the ridge lies at 5
    assert [attainable(i, peak, bandwidth) for i in (0.5, 5.0, 80.0)] == [
        6.0,
        60.0,
        60.0,
    ]


@pytest.mark.parametrize(("peak", "bandwidth"), [(0.0, 1.0), (1.0, 0.0), (-2.0, 3.0)])
def test_a_roof_of_nothing_is_refused(peak, bandwidth):
    with pytest.raises(ValueError, match="measure them with peak_flops and memory"):
        attainable(1.0, peak, bandwidth)


class Clock:
    """Processor time that goes on by the next number of a list at each look."""

    def __init__(self, steps):
        self.steps, self.now = iter(steps), 0.0

    def __call__(self):
        self.now += next(self.steps)
        return self.now


def test_the_least_of_several_times_counts(monkeypatch):
    # Looks come in pairs: the odd steps lie between calls, the even ones are calls.
    monkeypatch.setattr(time, "process_time", Clock([9, 3, 9, 2, 9, 5]))
    calls = []
    assert quickest(lambda: calls.append(1), rounds=3) == 2
    assert len(calls) == 4  # and one to warm up


def test_peak_and_bandwidth_divide_work_by_time(monkeypatch):
    monkeypatch.setattr(roofline, "quickest", lambda function, rounds: 0.5)
    assert peak_flops(size=10) == 2 * 10**3 / 0.5
    assert memory_bandwidth(megabytes=1) == 2 * 1_000_000 / 0.5


def test_this_machine_has_a_peak_and_a_bandwidth():
    assert peak_flops(size=200, rounds=2) > 1e7
    assert memory_bandwidth(megabytes=4, rounds=2) > 1e6


def test_threads_are_as_before():
    before = torch.get_num_threads()
    quickest(lambda: None, rounds=1)
    assert torch.get_num_threads() == before


def test_times_of_operations_add_up_to_the_call(capfd):
    x = torch.ones(60, 60)
    started, taken = time.perf_counter(), []

    def call():
        start = time.perf_counter()
        for _ in range(3):
            (x @ x).relu()
        time.sleep(0.02)
        taken.append(time.perf_counter() - start)

    found = time_by_operation(call, calls=3)
    assert {"aten::mm", "aten::relu", BETWEEN} <= set(found)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert found[BETWEEN] >= 0.019
    assert min(taken) * 0.9 <= sum(found.values()) < time.perf_counter() - started
    assert len(taken) == 5  # one before, one to warm the profiler up
    assert "".join(capfd.readouterr()) == ""
