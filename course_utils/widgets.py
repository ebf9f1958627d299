"""Turn a pure function and a drawing function into something to play with.

An explorer is three things kept apart: `compute(**state)` returns the data (and is
what tests and exercises call), `draw(fig, data)` draws them and returns a caption, and
a thin shell of sliders calls both. Where no kernel runs, the same cell shows a
storyboard: three states, one under the other.
"""

import html
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from course_utils.controls import Choice, Control, Slider, Switch, TextBox
from course_utils.figures import (
    MIN_ALT,
    Picture,
    figure,
    palette_png,
    png_bytes,
    render,
)

__all__ = ["Choice", "Control", "Explorer", "Slider", "Switch", "TextBox", "view_part"]

VIEW = "application/vnd.jupyter.widget-view+json"


class Explorer:
    """A picture with controls: end a cell with it.

    `compute(**state) -> dict` is pure; `draw(fig, data) -> caption` states the finding
    with its number; `controls` maps each name of the state to a control; `alt` says the
    kind of chart and its axes (the caption is added to it). `state` sets other initial
    values: the line under the picture, copied back, restores what it showed.
    """

    def __init__(
        self,
        compute: Callable[..., dict],
        draw: Callable[[Figure, dict], str],
        controls: Mapping[str, Control],
        alt: str,
        *,
        size: tuple[float, float] = (6, 3),
        storyboard: Sequence[Mapping[str, Any]] | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        if len(alt) < MIN_ALT:
            raise ValueError(f"alt={alt!r} is shorter than {MIN_ALT} characters")
        self.compute, self.draw, self.alt, self.size = compute, draw, alt, size
        self.controls = dict(controls)
        self.defaults = {name: control.value for name, control in controls.items()}
        self._storyboard = storyboard
        self.state = self._checked(state or {})

    def _checked(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in changes.items():
            if name not in self.controls:
                known = ", ".join(self.controls)
                raise ValueError(f"state has no {name!r}; there are {known}")
            if not self.controls[name].accepts(value):
                raise ValueError(f"{name}={value!r} does not fit {self.controls[name]}")
        current = getattr(self, "state", self.defaults)
        return {**current, **changes}

    def data(self, **changes: Any) -> dict:
        """Return what `compute` returns for the present state with `changes`."""
        return self.compute(**self._checked(changes))

    def picture(self, **changes: Any) -> Picture:
        """Return the picture of one state."""
        fig = figure(*self.size)
        caption = self.draw(fig, self.data(**changes))
        width = round(self.size[0] * 96)
        return Picture(png_bytes(fig), f"{self.alt} {caption}", caption, width)

    def states(self) -> list[dict[str, Any]]:
        """Return the storyboard's states: the first control low, as it is, high.

        An explorer whose story is another one was given its own list.
        """
        if self._storyboard is not None:
            return [{**self.state, **changes} for changes in self._storyboard]
        name, control = next(iter(self.controls.items()))
        samples = control.samples()
        values = [samples[0], self.state[name], samples[-1]]
        return [{**self.state, name: value} for value in dict.fromkeys(values)]

    def storyboard(self) -> Picture:
        """Return the states of `states`, one under the other, as one picture."""
        panels, captions = [], []
        for number, state in enumerate(self.states(), 1):
            fig = figure(self.size[0], self.size[1] + 0.3)
            top, body = fig.subfigures(2, 1, height_ratios=[0.3, self.size[1]])
            captions.append(self.draw(body, self.compute(**state)))
            changed = {k: v for k, v in state.items() if v != self.defaults[k]}
            title = f"{number}.  {_as_text(changed) or 'as it starts'}"
            top.text(0.01, 0.4, title, color="#0072B2", weight="bold")
            panels.append(np.asarray(render(fig, 108)))
        png = palette_png(Image.fromarray(np.concatenate(panels)), 108, 48)
        text = " ".join(f"{n}. {caption}" for n, caption in enumerate(captions, 1))
        return Picture(png, f"{self.alt} {text}", text, round(self.size[0] * 96))

    def state_line(self) -> str:
        """Return the state as Python, to copy into the call that made this explorer."""
        return f"state=dict({_as_text(self.state)})"

    @cached_property
    def widget(self) -> Any:
        """The live widget: controls, picture, spoken caption, state line, reset."""
        return _Shell(self).box

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        parts, metadata = self.storyboard()._repr_mimebundle_()
        return {**view_part(lambda: self.widget), **parts}, metadata


def _as_text(state: Mapping[str, Any]) -> str:
    tidy = {n: round(v, 9) if isinstance(v, float) else v for n, v in state.items()}
    return ", ".join(f"{name}={value!r}" for name, value in tidy.items())


def view_part(build: Callable[[], Any]) -> dict[str, Any]:
    """Return the live part of a bundle, or nothing when COURSE_STATIC=1 is set.

    Set that variable where a notebook front end cannot show widgets.
    """
    if os.environ.get("COURSE_STATIC"):
        return {}
    return {VIEW: build()._repr_mimebundle_()[VIEW]}


class _Shell:
    """The sliders around an explorer; they know nothing about what it shows."""

    def __init__(self, explorer: Explorer) -> None:
        import ipywidgets

        self.explorer = explorer
        self.fields = {
            name: control.widget(control.label or name.replace("_", " "))
            for name, control in explorer.controls.items()
        }
        self.image, self.caption, self.line = (ipywidgets.HTML() for _ in range(3))
        reset = ipywidgets.Button(description="Reset")
        reset.on_click(lambda _: self.set(explorer.defaults))
        self.set(explorer.state)
        for field in self.fields.values():
            field.observe(lambda _: self.update(), "value")
        wrap = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5em")
        rows = ipywidgets.Box([*self.fields.values(), reset], layout=wrap)
        self.box = ipywidgets.VBox([rows, self.image, self.caption, self.line])

    def set(self, state: Mapping[str, Any]) -> None:
        """Move every control, then draw once."""
        self.moving = True
        for name, field in self.fields.items():
            field.value = state[name]
        self.moving = False
        self.update()

    def update(self) -> None:
        """Draw the present state; say what is wrong where it cannot be drawn."""
        if self.moving:
            return
        values = {name: field.value for name, field in self.fields.items()}
        try:
            picture = self.explorer.picture(**values)
        except ValueError as error:
            self.caption.value = f'<p role="alert">{html.escape(str(error))}</p>'
            return
        self.explorer.state = values
        self.image.value = Picture(picture.png, picture.alt).to_html()
        live = '<p role="status" aria-live="polite" aria-atomic="true">{}</p>'
        self.caption.value = live.format(html.escape(picture.caption))
        self.line.value = f"<code>{html.escape(self.explorer.state_line())}</code>"
