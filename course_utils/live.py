"""Show in a notebook how far a training run is, and what stays to be done."""

import math
import time
from typing import Any

__all__ = ["LiveBar"]


class LiveBar:
    """A progress bar for `Trainer.run(on_step=...)`; its last state is what is saved.

    Plain HTML that the kernel replaces twice a second: no widget, so the finished bar
    is still there in a notebook that is reopened or exported.
    """

    def __init__(self, total: int, every: float = 0.5):
        from IPython.display import HTML, display

        self.total, self.every = total, every
        self.started, self.shown = time.perf_counter(), -math.inf
        self.handle = display(HTML(self.html(0, float("nan"))), display_id=True)

    def html(self, step: int, loss: float) -> str:
        """Return the bar as it looks after `step` steps."""
        seconds = time.perf_counter() - self.started
        left = seconds / step * (self.total - step) if step else float("nan")
        text = f"step {step} of {self.total}, loss {loss:.3f}, {seconds:.0f} s"
        if 0 < step < self.total:
            text += f", about {left:.0f} s left"
        bar = f'<progress value="{step}" max="{self.total}" aria-label="training">'
        return (
            f'<div role="status">{bar}</progress> {text if step else "starting"}</div>'
        )

    def __call__(self, trainer: Any) -> None:
        """Redraw, unless the last time was a moment ago."""
        now = time.perf_counter()
        if now - self.shown < self.every and trainer.step < self.total:
            return
        self.shown = now
        recent = [entry["loss"] for entry in trainer.history[-20:]]
        from IPython.display import HTML

        loss = sum(recent) / len(recent)
        self.handle.update(HTML(self.html(trainer.step, loss)))
