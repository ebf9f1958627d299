"""Timing and weighing: equal results first, ratios within rounds, honest notes."""

import math
import time

import pytest
import torch

from course_utils import machine, measure
from course_utils.measure import Comparison, DifferentResults, compare

pytestmark = pytest.mark.no_typecheck


def work(rows):
    x = torch.arange(float(rows * 64)).view(rows, 64) / rows
    return lambda: (x @ x.T).sum() * 0


def test_compare_ranks_more_work_as_slower():
    result = compare({"much": work(700), "little": work(70)}, rounds=5)
    assert result.ratio("much") == 1
    assert result.ratio("little") > 2
    low, high = result.spread("little")
    assert low <= result.ratio("little") <= high


def test_compare_takes_turns_in_changing_order():
    order = []

    def candidate(name):
        def run():
            order.append(name)
            end = time.process_time() + 0.006
            while time.process_time() < end:
                pass
            return 0

        return run

    names = ["a", "b", "c"]
    compare({name: candidate(name) for name in names}, rounds=3, warmup=1)
    assert order[-9:] == list("abcbcacab")


def test_different_results_name_both_and_the_gap():
    x = torch.ones(3, 5)
    with pytest.raises(DifferentResults) as caught:
        compare({"naive": lambda: x, "tiled": lambda: x + 0.25})
    message = str(caught.value)
    assert "'naive' and 'tiled' do not return equal results" in message
    assert "they differ by 0.125 > 1e-05" in message
    assert "check=False" in message


@pytest.mark.parametrize(
    ("expected", "got", "why"),
    [
        (torch.ones(3, 5), torch.ones(5, 3), r"shapes \(3, 5\) and \(5, 3\)"),
        ([1, 2], [1, 2, 3], "lengths 2 and 3"),
        ({"a": 1}, {"b": 1}, r"keys \['a'\] and \['b'\]"),
        ("a cat", "a dog", "'a cat' and 'a dog'"),
        (1.0, math.nan, "differ by inf"),
        (None, 1.0, "'one' returned None"),
    ],
)
def test_compare_refuses_unequal_structures(expected, got, why):
    with pytest.raises(DifferentResults, match=why):
        compare({"one": lambda: expected, "two": lambda: got})


def test_own_check_and_no_check():
    functions = {"one": lambda: torch.zeros(2), "two": lambda: torch.ones(2)}
    loose = compare(functions, check=lambda a, b: a.shape == b.shape, rounds=1)
    assert "results equal" in loose.note()
    blind = compare(functions, check=False, rounds=1)
    assert "results not compared" in blind.note()
    with pytest.raises(DifferentResults, match="check passed in returned False"):
        compare(functions, check=torch.equal)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"baseline='fast' is not among .*: slow"):
        compare({"slow": lambda: 1}, baseline="fast")
    with pytest.raises(ValueError, match="none were given"):
        compare({})
    with pytest.raises(ValueError, match="clock='sundial'"):
        compare({"slow": lambda: 1}, clock="sundial")


def test_threads_are_set_and_restored():
    before = torch.get_num_threads()
    seen = []
    compare({"f": lambda: seen.append(torch.get_num_threads()) or 0}, rounds=1)
    assert set(seen) == {1}
    assert torch.get_num_threads() == before


@pytest.fixture
def known():
    seconds = {"naive": [0.010, 0.030, 0.012], "ours": [0.005, 0.010, 0.006]}
    return Comparison(seconds, "naive")


def test_ratio_is_the_median_of_ratios_within_rounds(known):
    assert known.ratios("ours") == pytest.approx([2, 3, 2])
    assert known.ratio("ours") == pytest.approx(2)
    assert known.spread("ours") == pytest.approx((2, 2.5))
    assert known.milliseconds("naive") == pytest.approx(12)


def test_one_slow_round_does_not_move_the_ratio():
    seconds = {"naive": [1.0, 50.0, 1.0], "ours": [0.5, 25.0, 0.5]}
    assert Comparison(seconds, "naive").ratio("ours") == 2


def test_table_says_how_it_was_measured(known):
    text = known.table()
    assert text == repr(known)
    assert "naive" in text
    assert " 2.00 " in text
    assert "3 rounds" in text
    assert torch.__version__ in text
    assert "thread" in text
    assert known.machine.flags


def test_html_table_escapes_names():
    html = Comparison({"<b>": [1.0]}, "<b>")._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_wall_clock_sees_waiting_and_cpu_clock_does_not():
    functions = {"wait": lambda: time.sleep(0.02) or 0}
    wall = compare(functions, clock="wall", rounds=1, warmup=1)
    cpu = compare(functions, clock="cpu", rounds=1, warmup=1)
    assert wall.milliseconds("wait") >= 19
    assert cpu.milliseconds("wait") < 10


def test_least_seconds_rank_more_work_as_slower_and_take_turns():
    seen = []
    work = [lambda n=n: (seen.append(n), sum(range(n))) for n in (200_000, 20)]
    slow, fast = measure.least_seconds(work, rounds=2, calls=3)
    assert slow > 5 * fast
    assert seen == [200_000] * 3 + [20] * 3 + [200_000] * 3 + [20] * 3


def test_largest_difference():
    a = {"x": torch.tensor([1.0, 2.0]), "y": [3, (4.0,)]}
    b = {"x": torch.tensor([1.0, 2.5]), "y": [3, (4.25,)]}
    assert measure.largest_difference(a, b) == 0.5
    same = torch.tensor([math.nan, math.inf, 1])
    assert measure.largest_difference(same, same.clone()) == 0
    assert measure.largest_difference(math.inf, 1.0) == math.inf
    assert measure.largest_difference(torch.ones(0), torch.ones(0)) == 0


def test_timer_reports_both_clocks():
    with measure.timer() as clock:
        time.sleep(0.02)
    assert clock.seconds >= 0.019
    assert 0 <= clock.cpu_seconds < clock.seconds


def test_file_bytes_of_a_file_and_a_folder(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 17)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b").write_bytes(b"y" * 5)
    assert measure.file_bytes(tmp_path / "a") == 17
    assert measure.file_bytes(tmp_path) == 22


def allocate(megabytes):
    return lambda: torch.ones(megabytes * 250_000).sum()


@pytest.mark.parametrize("weigh", [machine.peak_memory, machine._watched_peak])
def test_peak_memory_sees_a_tensor_that_is_gone(weigh):
    allocate(80)()
    needed = weigh(allocate(80))
    assert 70e6 < needed < 100e6


def test_peak_memory_is_not_hidden_by_freed_memory():
    keep = [torch.ones(1000) for _ in range(20_000)]  # 80 MB in small pieces
    del keep
    assert measure.peak_memory(allocate(40)) > 30e6


def test_peak_memory_without_the_kernels_help(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "_RESET", tmp_path / "no" / "file")
    monkeypatch.setattr(machine, "_STATUS", tmp_path / "status")
    assert measure.peak_memory(allocate(60)) > 40e6


def test_machine_describes_itself_without_proc(monkeypatch):
    def missing(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(machine.Path, "read_text", missing)
    assert len(measure.Machine.here().flags) == 1


def test_machine_reads_as_one_line():
    text = str(measure.Machine(2, ("avx2",), "2.13.0", "3.12.1"))
    assert text == "2 threads, avx2, torch 2.13.0, Python 3.12.1"
