"""What holds for every explorer: no control breaks it, words equal data, it repeats."""

import math
import re
import statistics
import time

import matplotlib
import pytest
import torch
from matplotlib.figure import Figure

from course_utils.figures import COLOR_MAPS, figure
from course_utils.widgets import VIEW
from tests.explorers.cases import CASES


@pytest.fixture(scope="module", params=CASES, ids=list(CASES))
def explorer(request):
    return CASES[request.param]()


def swept(explorer):
    """Every control at each of its samples, the others at their defaults."""
    for name, control in explorer.controls.items():
        for value in control.samples():
            yield {name: value}


def numbers(value):
    """Every number inside a result, however it is nested."""
    if isinstance(value, torch.Tensor):
        yield from value.double().flatten().tolist()
    elif isinstance(value, dict):
        for item in value.values():
            yield from numbers(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, int | float):
        yield float(value)
    elif hasattr(value, "__dict__"):
        yield from numbers(vars(value))


def test_no_control_breaks_it(explorer):
    for changes in swept(explorer):
        data = explorer.data(**changes)
        assert all(map(math.isfinite, numbers(data))), changes
        caption = explorer.draw(figure(*explorer.size), data)
        assert len(caption) > 30, changes
        assert "nan" not in caption.lower().split(), changes


@pytest.mark.no_typecheck
def test_compute_is_quick_enough_to_follow_a_slider(explorer):
    explorer.data()
    seconds = []
    for changes in swept(explorer):
        start = time.process_time()
        explorer.data(**changes)
        seconds.append(time.process_time() - start)
    assert statistics.median(seconds) < 0.1


def test_same_state_same_data(explorer):
    first, second = explorer.data(), explorer.data()
    assert list(numbers(first)) == list(numbers(second))


def test_controls_matter(explorer):
    def shown(**changes):
        data = explorer.data(**changes)
        return list(numbers(data)), explorer.draw(figure(*explorer.size), data)

    start = shown()
    for name, control in explorer.controls.items():
        others = [v for v in control.samples() if v != explorer.state[name]]
        if not others:
            continue  # one layer only: nothing to choose
        changed = any(shown(**{name: value}) != start for value in others)
        assert changed or name in IDLE.get(explorer_name(explorer), ()), name


# Controls that change nothing in the state that comes first.
IDLE = {
    "mask_painter": ("size", "row", "column"),
    "metric_scalpel": ("own",),
    "beam_tree": ("length_penalty",),
}


def explorer_name(explorer):
    return explorer.draw.__module__.rsplit(".", 1)[-1]


def test_bundle_has_four_parts_and_a_description(explorer):
    parts, metadata = explorer._repr_mimebundle_()
    assert set(parts) == {VIEW, "text/html", "image/png", "text/plain"}
    assert 2_000 < len(parts["image/png"]) < 80_000
    assert parts["text/html"].count("<img alt=") == 1
    assert len(metadata["image/png"]["alt"]) >= 40
    assert len(explorer.states()) == 3
    assert len(set(captions(explorer))) == 3


def captions(explorer):
    return [
        explorer.draw(figure(*explorer.size), explorer.data(**state))
        for state in explorer.states()
    ]


def test_numbers_in_the_caption_are_those_of_the_data(explorer):
    checked = 0
    for state in explorer.states():
        data = explorer.data(**state)
        caption = explorer.draw(figure(*explorer.size), data)
        held = [abs(number) for number in numbers(data)]
        for text in re.findall(r"\d+\.\d+", caption):
            within = 0.51 * 10.0 ** -len(text.split(".")[1])
            gaps = [min(abs(float(text) - h), abs(float(text) - 100 * h)) for h in held]
            assert min(gaps) <= within, f"{text} in {caption!r}"
            checked += 1
    assert checked or explorer_name(explorer) == "mask_painter"  # it counts cells


def test_colors_and_labels(explorer):
    fig = figure(*explorer.size)
    explorer.draw(fig, explorer.data())
    axes = all_axes(fig)
    assert axes
    for ax in axes:
        for image in ax.images:
            is_map = image.get_array().ndim == 2  # otherwise colors are given
            assert not is_map or image.get_cmap().name in COLOR_MAPS
    texts = [t.get_text() for t in fig.findobj(matplotlib.text.Text)]
    assert any(len(text) > 8 for text in texts), "no title says anything"
    sizes = [
        text.get_fontsize()
        for text in fig.findobj(matplotlib.text.Text)
        if text.get_text()
    ]
    assert min(sizes) >= 10
    assert fig.get_facecolor() == (1, 1, 1, 1)
    assert fig.get_figwidth() <= 8


def all_axes(fig: Figure):
    found = list(fig.axes)
    for sub in fig.subfigs:
        found += [ax for ax in all_axes(sub) if ax not in found]
    return found


def test_state_line_restores_the_state(explorer):
    name, control = next(iter(explorer.controls.items()))
    other = control.samples()[-1]
    line = explorer.state_line().removeprefix("state=")
    assert eval(line) == explorer.state
    assert explorer._checked({name: other})[name] == other
