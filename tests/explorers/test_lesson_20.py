"""What the roofline of lesson 20 claims, checked on the data that it draws."""

import pytest

from course_utils.explorers.roofline import compute, show_roofline
from course_utils.figures import figure

MACHINE = {"peak": 50e9, "bandwidth": 10e9}  # the ridge lies at 5


def test_one_token_lies_left_of_the_ridge_and_a_whole_text_right():
    one = compute(reads="decode", **MACHINE)
    text = compute(reads="prefill", **MACHINE)
    assert one["total"] < one["ridge"] == 5 < text["total"]
    assert max(one["rates"].values()) < one["peak"]
    assert text["rates"]["feed-forward"] == text["peak"]


def test_a_batch_shares_weights_and_no_keys():
    one, many = (compute(batch=batch, **MACHINE) for batch in (1, 64))
    assert many["intensity"]["projections"] > 20 * one["intensity"]["projections"]
    assert many["intensity"]["attention"] == one["intensity"]["attention"]
    assert many["each"] < one["each"] / 3


def test_memory_bound_time_is_bytes_over_bandwidth():
    plain, small = (compute(dtype=d, **MACHINE) for d in ("float32", "int8"))
    assert small["milliseconds"] == pytest.approx(plain["milliseconds"] / 4)


def test_the_roof_drawn_is_that_of_the_machine():
    explorer = show_roofline(**MACHINE)
    fig = figure()
    explorer.draw(fig, explorer.data())
    roof = fig.axes[0].get_lines()[0]
    assert roof.get_xdata()[1] == 5
    assert list(roof.get_ydata()[1:]) == [50, 50]
    assert roof.get_ydata()[0] == pytest.approx(10 * roof.get_xdata()[0])


@pytest.mark.parametrize("wrong", [{"peak": 0}, {"bandwidth": float("inf")}])
def test_a_machine_without_a_roof_is_refused(wrong):
    with pytest.raises(ValueError, match="measure them with peak_flops"):
        show_roofline(**{**MACHINE, **wrong})
