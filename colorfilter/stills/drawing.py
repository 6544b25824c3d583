"""Pictures that code draws, with soft edges: the color wheel, lights that mix, and the test card."""

from __future__ import annotations

import math
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from colorfilter.filters import CHANNELS, Picture

Floats = NDArray[np.float64]

GREY = 128
# Every color of full lights and none, from bright to dark: white, yellow, cyan, green, pink, red, blue, black.
BARS = np.array(
    [
        (255, 255, 255),
        (255, 255, 0),
        (0, 255, 255),
        (0, 255, 0),
        (255, 0, 255),
        (255, 0, 0),
        (0, 0, 255),
        (0, 0, 0),
    ],
    np.uint8,
)
# Shares of the card's height.
BARS_HEIGHT, RAMP_HEIGHT, WHEEL_SIZE = 1 / 5, 1 / 20, 1 / 2
MARKS = 12
FRACTION_BITS = 4  # OpenCV takes points in sixteenths of a pixel


def wheel(size: int) -> Picture:
    """The color wheel, RGBA (size, size, 4) with nothing around it.

    Red lies to the right, green and blue a third of a turn further each, against the clock; white in the middle.
    """
    y, x = _from_middle(size)
    angle, radius = np.degrees(np.arctan2(-y, x)), np.hypot(x, y) / (size / 2)
    return _picture(_hue(angle, np.minimum(radius, 1)), 255 * _disc(size, 0, 0, size / 2))


def mixing_lights(size: int) -> Picture:
    """Red, green and blue light in three discs that overlap, on a black one: RGBA (size, size, 4).

    Red is above, green below it to the left, blue to the right. Where discs overlap, their lights add up.
    """
    lights = [
        255 * _disc(size, 0.2 * size * math.cos(angle), -0.2 * size * math.sin(angle), 0.26 * size)
        for angle in np.radians([90, 210, 330])
    ]
    return _picture(np.stack(lights, axis=2), 255 * _disc(size, 0, 0, size / 2))


def card(width: int, height: int) -> Picture:
    """A test card, RGB (height, width, 3).

    From top to bottom: eight bars of full color, the color wheel in the dial of a clock, and all levels of red,
    green, blue and grey, dark to the left.
    """
    picture = np.full((height, width, 3), GREY, np.uint8)
    picture[: round(BARS_HEIGHT * height)] = BARS[np.arange(width) * len(BARS) // width]
    _draw_dial(picture)
    levels = np.rint(np.linspace(0, 255, width)).astype(np.uint8)
    lines = round(RAMP_HEIGHT * height)
    for i, color in enumerate([*np.eye(len(CHANNELS), dtype=np.uint8), np.ones(3, np.uint8)]):
        top = height - (len(CHANNELS) + 1 - i) * lines
        picture[top : top + lines] = levels[:, np.newaxis] * color
    return picture


def dial(width: int, height: int) -> tuple[float, float, float]:
    """The middle of the card's wheel and its radius, in pixels: x, y, radius."""
    middle = height * (BARS_HEIGHT + 1 - (len(CHANNELS) + 1) * RAMP_HEIGHT) / 2
    return width / 2, middle, WHEEL_SIZE * height / 2


def draw_ray(picture: Picture, turn: float, reach: tuple[float, float], thickness: int, color: tuple[int, ...]) -> None:
    """Draw a line on the card's dial into a picture of the card, or into one plane of it in any size.

    It points `turn` of a whole turn past twelve, clockwise, and reaches from reach[0] to reach[1] radii of the wheel.
    """
    height, width = picture.shape[:2]
    x, y, radius = dial(width, height)
    right, up = math.sin(2 * math.pi * turn), math.cos(2 * math.pi * turn)
    start, end = (_point(x + share * radius * right, y - share * radius * up) for share in reach)
    cv2.line(picture, start, end, color, thickness, cv2.LINE_AA, FRACTION_BITS)


def _point(x: float, y: float) -> tuple[int, int]:
    """A point as OpenCV takes it: counted in fractions of a pixel, from the middle of the first one."""
    return round((x - 0.5) * 2**FRACTION_BITS), round((y - 0.5) * 2**FRACTION_BITS)


def _draw_dial(picture: Picture) -> None:
    height, width = picture.shape[:2]
    for mark in range(MARKS):
        draw_ray(picture, mark / MARKS, (1.06, 1.12), max(1, height // 180), (255, 255, 255))
    x, y, radius = dial(width, height)
    size = round(2 * radius)
    top, left = round(y - size / 2), round(x - size / 2)
    part = picture[top : top + size, left : left + size]
    *colors, alpha = np.moveaxis(wheel(size).astype(np.float64), 2, 0)
    cover = alpha[:, :, np.newaxis] / 255
    part[:] = np.rint(cover * np.dstack(colors) + (1 - cover) * part)


def _from_middle(size: int) -> Floats:
    """How far each pixel of a square lies below and to the right of its middle: (2, size, size)."""
    return np.mgrid[:size, :size] - (size - 1) / 2


def _disc(size: int, x: float, y: float, radius: float) -> Floats:
    """How much of each pixel of a square a disc covers, 0..1; its middle lies x right of and y below the square's."""
    down, right = _from_middle(size)
    return cast(Floats, np.clip(radius - np.hypot(right - x, down - y) + 0.5, 0, 1))


def _hue(angle: Floats, saturation: Floats) -> Floats:
    """RGB 0..255 of the brightest color of a hue in degrees: 0 red, 120 green, 240 blue; saturation 0..1."""
    distance = np.abs((angle[..., np.newaxis] - np.array([0, 120, 240]) + 180) % 360 - 180)
    missing = np.clip(distance / 60 - 1, 0, 1)
    return cast(Floats, 255 * (1 - saturation[..., np.newaxis] * missing))


def _picture(colors: Floats, alpha: Floats) -> Picture:
    return cast(Picture, np.rint(np.dstack([colors, alpha])).astype(np.uint8))
