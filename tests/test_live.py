import time
from types import SimpleNamespace

import IPython.display

from course_utils.live import LiveBar


class Handle:
    def __init__(self):
        self.seen = []

    def update(self, html):
        self.seen.append(html.data)


def bar(monkeypatch, **options):
    handle = Handle()
    monkeypatch.setattr(IPython.display, "display", lambda *_, **__: handle)
    return LiveBar(10, **options), handle.seen


def at(step):
    return SimpleNamespace(step=step, history=[{"loss": 2.0}, {"loss": 1.0}])


def test_bar_says_step_and_mean_loss(monkeypatch):
    live, seen = bar(monkeypatch, every=0)
    live(at(4))
    assert 'value="4" max="10"' in seen[-1]
    assert "step 4 of 10, loss 1.500" in seen[-1]
    assert "left" in seen[-1]


def test_bar_skips_redraws_but_never_the_last_step(monkeypatch):
    live, seen = bar(monkeypatch, every=1000)
    live(at(1))
    live(at(2))
    live(at(10))
    assert [text.split(",")[0].split("> ")[-1] for text in seen] == [
        "step 1 of 10",
        "step 10 of 10",
    ]
    assert "left" not in seen[-1]


def test_bar_draws_the_first_step_however_young_the_clock(monkeypatch):
    monkeypatch.setattr(time, "perf_counter", lambda: 3.0)
    live, seen = bar(monkeypatch, every=1000)
    live(at(1))
    live(at(2))
    assert ["step 1 of 10" in text for text in seen] == [True]


def test_bar_before_the_first_step_says_starting(monkeypatch):
    live, _ = bar(monkeypatch)
    assert "starting" in live.html(0, 0.0)
