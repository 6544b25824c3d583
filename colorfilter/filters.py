"""What a filter is, what a color filter is, and any filter on an RGB picture.

A filter maps light to light, pixel by pixel. A color filter *is* a color: the share of red, green and blue light that
it lets through.

    out = in x color / 255, channel by channel
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Color = tuple[int, int, int]

CHANNELS = ("red", "green", "blue")
WHITE: Color = (255, 255, 255)


class Filter(Protocol):
    """What every filter has: a color filter, and a vision filter (`colorfilter.vision`)."""

    @property
    def name(self) -> str: ...

    @property
    def color(self) -> Color | None:
        """The share of each channel if the filter is no more than that, 0..255; WHITE if it changes nothing."""

    def at_strength(self, strength: float) -> Filter:
        """The same filter weaker: 0 is no filter, 1 the filter itself. Raises ValueError outside 0..1."""

    def describe(self) -> str:
        """What it does, in words: one sentence."""

    def apply(self, image: Picture) -> Picture:
        """Filter a picture that `filter_image` has checked."""


@dataclass(frozen=True)
class ColorFilter:
    """A named color filter.

    `color` is (red, green, blue), whole numbers from 0 to 255: 255 lets all of that light through, 0 none.
    Raises ValueError for any other color.
    """

    name: str
    color: Color

    def __post_init__(self) -> None:
        if len(self.color) != 3 or not all(isinstance(c, int) and 0 <= c <= 255 for c in self.color):
            raise ValueError(f"A filter's color is three whole numbers from 0 to 255, not {self.color!r}.")

    @classmethod
    def from_hex(cls, text: str) -> ColorFilter:
        """The filter of a color written "#rrggbb". Raises ValueError for any other text."""
        if not isinstance(text, str) or not re.fullmatch("#[0-9a-fA-F]{6}", text):
            raise ValueError(f"A color is written as # and six hex digits, such as #ff8800, not {text!r}.")
        red, green, blue = bytes.fromhex(text[1:])
        return cls(text.lower(), (red, green, blue))

    @property
    def hex(self) -> str:
        """The color as "#rrggbb"."""
        return "#" + bytes(self.color).hex()

    def at_strength(self, strength: float) -> ColorFilter:
        """The same filter moved towards white: 0 is no filter, 1 the filter itself.

        Raises ValueError for a strength outside 0..1.
        """
        check_strength(strength)
        red, green, blue = (round(255 - (255 - c) * strength) for c in self.color)
        return ColorFilter(self.name, (red, green, blue))

    def describe(self) -> str:
        """What the filter does, in words: "Yellow keeps red and green and removes blue."."""
        kept = [name for name, c in zip(CHANNELS, self.color, strict=True) if c == 255]
        removed = [name for name, c in zip(CHANNELS, self.color, strict=True) if c == 0]
        dimmed = [
            f"{name} to {max(1, min(99, round(c / 2.55)))} %"
            for name, c in zip(CHANNELS, self.color, strict=True)
            if 0 < c < 255
        ]
        if self.color == WHITE:
            return f"{self.name.capitalize()} keeps every color as it is."
        if not any(self.color):
            return f"{self.name.capitalize()} removes all light."
        parts = [
            f"{verb} {_listed(names)}"
            for verb, names in (("keeps", kept), ("dims", dimmed), ("removes", removed))
            if names
        ]
        return f"{self.name.capitalize()} {_listed(parts)}."

    def apply(self, image: Picture) -> Picture:
        """Filter a picture that `filter_image` has checked: see `multiply`."""
        return multiply(image, self.color)


def check_strength(strength: float) -> None:
    """Raise ValueError, with a sentence, for a strength outside 0..1."""
    if not 0 <= strength <= 1:
        raise ValueError(f"A filter's strength lies between 0 and 1, not at {strength!r}.")


def _listed(words: list[str]) -> str:
    """Join words as a sentence does: "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


PRESETS: dict[str, ColorFilter] = {
    name: ColorFilter(name, color)
    for name, color in {
        "original": WHITE,
        "red": (255, 0, 0),
        "green": (0, 255, 0),
        "blue": (0, 0, 255),
        "yellow": (255, 255, 0),
        "pink": (255, 0, 255),
        "cyan": (0, 255, 255),
    }.items()
}


def filter_image(image: Picture, color_filter: Filter) -> Picture:
    """Filter a picture, with a color filter `out = round(in x color / 255)` for each channel.

    `image` is uint8 in any memory layout, RGB (H, W, 3), RGBA (H, W, 4) or grey (H, W); it is never written.
    Returns a new array of the same shape, alpha as it was. Only a grey picture under a color filter that is
    not itself grey becomes RGB (H, W, 3), since light that was grey comes out colored.
    Raises TypeError for another dtype or no array at all, ValueError for another shape.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        came = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
        raise TypeError(f"A picture is a numpy array of uint8, not {came}.")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (3, 4)):
        raise ValueError(f"A picture has the shape (H, W), (H, W, 3) or (H, W, 4), not {image.shape}.")
    if color_filter.color == WHITE or image.size == 0:
        return image.copy()
    return color_filter.apply(image)


def multiply(image: Picture, color: Color) -> Picture:
    """`out = round(in x color / 255)` for each channel of a picture as `filter_image` takes it."""
    red, green, blue = color
    if image.ndim == 2 and not red == green == blue:
        image = np.repeat(image[:, :, np.newaxis], 3, axis=2)
    table = lookup_table((red, green, blue, 255)[: image.shape[2]] if image.ndim == 3 else (red,))
    filtered = cv2.LUT(np.ascontiguousarray(image), table).reshape(image.shape)
    return filtered.astype(np.uint8, copy=False)


def mean_color(picture: Picture) -> Color:
    """The mean color, 0..255, of an RGB picture, uint8 (H, W, 3)."""
    red, green, blue = (round(mean) for mean in cv2.mean(picture)[:3])
    return red, green, blue


def lookup_table(color: tuple[int, ...]) -> NDArray[np.uint8]:
    """round(in x color / 255) for each `in`, (1, 256, channels). No half is ever rounded, 255 being odd."""
    levels = np.arange(256)[:, np.newaxis] * np.array(color)
    table: NDArray[np.uint8] = np.rint(levels / 255).astype(np.uint8)[np.newaxis]
    return table
