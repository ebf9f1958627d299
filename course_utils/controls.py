"""The controls of an explorer, as plain data: what a state may hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Choice", "Control", "Slider", "Switch", "TextBox"]

_WIDE = {"description_width": "initial"}  # otherwise long labels are cut


@dataclass(frozen=True)
class Slider:
    """A number from `low` to `high` in steps."""

    low: float
    high: float
    value: float
    step: float = 1
    label: str = ""

    def samples(self) -> list[float]:
        """Return the lowest, the default and the highest value."""
        return [self.low, self.value, self.high]

    def accepts(self, value: Any) -> bool:
        """Tell whether `value` is a number on the slider."""
        return isinstance(value, int | float) and self.low <= value <= self.high

    def widget(self, label: str) -> Any:
        """Return the ipywidgets slider; it reports once, when released."""
        import ipywidgets

        whole = all(isinstance(n, int) for n in (self.low, self.value, self.step))
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        return kind(
            value=self.value,
            min=self.low,
            max=self.high,
            step=self.step,
            description=label,
            style=_WIDE,
            continuous_update=False,
        )


@dataclass(frozen=True)
class Choice:
    """One of several texts or numbers."""

    options: Sequence[Any]
    value: Any
    label: str = ""

    def samples(self) -> list[Any]:
        """Return every option when they are few, else the ends and the default."""
        options = list(self.options)
        return options if len(options) < 8 else [options[0], self.value, options[-1]]

    def accepts(self, value: Any) -> bool:
        """Tell whether `value` is one of the options."""
        return value in self.options

    def widget(self, label: str) -> Any:
        """Return the ipywidgets menu."""
        import ipywidgets

        return ipywidgets.Dropdown(
            options=list(self.options), value=self.value, description=label, style=_WIDE
        )


@dataclass(frozen=True)
class Switch:
    """On or off."""

    value: bool = False
    label: str = ""

    def samples(self) -> list[bool]:
        """Return both positions, the default first."""
        return [self.value, not self.value]

    def accepts(self, value: Any) -> bool:
        """Tell whether `value` is True or False."""
        return isinstance(value, bool)

    def widget(self, label: str) -> Any:
        """Return the ipywidgets check box."""
        import ipywidgets

        return ipywidgets.Checkbox(
            value=self.value, description=label, indent=False, style=_WIDE
        )


@dataclass(frozen=True)
class TextBox:
    """A line of text; `examples` are tried in tests and in the storyboard."""

    value: str
    examples: tuple[str, ...] = ()
    label: str = ""

    def samples(self) -> list[str]:
        """Return the default and the examples."""
        return [self.value, *self.examples]

    def accepts(self, value: Any) -> bool:
        """Tell whether `value` is text."""
        return isinstance(value, str)

    def widget(self, label: str) -> Any:
        """Return the ipywidgets text field; it reports on Enter."""
        import ipywidgets

        layout = ipywidgets.Layout(width="28em", max_width="100%")
        return ipywidgets.Text(
            value=self.value,
            description=label,
            style=_WIDE,
            layout=layout,
            continuous_update=False,
        )


Control = Slider | Choice | Switch | TextBox
