"""“Which color is this?”: a cross on the picture, and the name of the color under it, before and after the filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from colorfilter.filters import Color, Filter, filter_image
from colorfilter.naming import color_name
from colorfilter.page.components import probe as component

READ_EVERY_S = 0.5
EASING = 0.4  # the share of a new reading in the color that is shown
JUMP = 40  # levels of a channel, from which on it is another color and no noise
SETTLED = 2  # readings with one name, after which it is read out


class SteadyColor:
    """A color that a camera's noise does not move, and its name."""

    def __init__(self) -> None:
        self.name: str | None = None
        self._mean: NDArray[np.float64] | None = None
        self._readings = 0

    def read(self, color: Color) -> None:
        """Take in a reading."""
        new = np.array(color, np.float64)
        if self._mean is None or np.abs(new - self._mean).max() > JUMP:
            self._mean = new
        self._mean = self._mean + EASING * (new - self._mean)
        name = color_name(self.color, self.name)
        self._readings = self._readings + 1 if name == self.name else 1
        self.name = name

    @property
    def color(self) -> Color:
        """The color, 0..255; black before the first reading."""
        red, green, blue = (0, 0, 0) if self._mean is None else (round(c) for c in self._mean.tolist())
        return red, green, blue

    @property
    def settled(self) -> bool:
        """Whether the name has stayed long enough to be read out."""
        return self._readings >= SETTLED

    def told(self) -> dict[str, str]:
        """The name and the color as "#rrggbb"."""
        return {"name": self.name or "", "hex": "#" + bytes(self.color).hex()}


@dataclass
class Probe:
    """One visitor's cross, 0..1 from the left and the top, and what is under it."""

    at: tuple[float, float] = (0.5, 0.5)
    before: SteadyColor = field(default_factory=SteadyColor)
    after: SteadyColor = field(default_factory=SteadyColor)
    said: str = ""

    def move(self, x: float, y: float) -> None:
        """Put the cross at another place."""
        place = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
        if place != self.at:
            self.at, self.before, self.after = place, SteadyColor(), SteadyColor()

    def read(self, color: Color, one: Filter) -> None:
        """Take in the color that the picture has there, which is seen through the filter."""
        self.before.read(color)
        red, green, blue = filter_image(np.array([[self.before.color]], np.uint8), one)[0, 0].tolist()
        self.after.read((red, green, blue))
        if self.before.settled and self.after.settled:
            same = self.before.name == self.after.name
            self.said = f"{self.before.name}{'' if same else f'; {self.after.name} through the filter'}"


def tell_color(probe: Probe, read: Callable[[float, float], Color | None], one: Filter, live: bool) -> None:
    """Draw the cross and tell its color. `read` gives the picture's color at a place, None if there is no picture."""

    @st.fragment(run_every=READ_EVERY_S if live else None)
    def look() -> None:
        if place := component.chosen_place():
            probe.move(*place)
        color = read(*probe.at)
        for _ in range(1 if live else SETTLED):  # a still picture settles at once
            if color is not None:
                probe.read(color, one)
        component.draw_cross(_data(probe, color is not None))

    look()


def _data(probe: Probe, seen: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"x": probe.at[0], "y": probe.at[1], "said": probe.said if seen else ""}
    return data | ({"before": probe.before.told(), "after": probe.after.told()} if seen else {})
