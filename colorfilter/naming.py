"""The name of a color in plain words: the nearest of some names that people gave colors.

The names are those of the xkcd color survey (2010, published as CC0) that are plain: the eleven basic color terms of
English alone, in pairs, or with light, dark, pale, bright, deep and very, and some words that everybody knows, such as
turquoise, beige and sky blue. `color_names.txt` has them.

Distance is DIN99o (DIN 6176), in which it is Euclidean; coloraide converts. In OKLab, white paper and dark cloth, whose
color is hardly one, get the names of colors.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from coloraide import Color as BaseColor
from coloraide.spaces.din99o import DIN99o
from numpy.typing import NDArray

from colorfilter.filters import Color

Point = NDArray[np.float64]  # L, a and b of DIN99o

# A color has to be so much nearer to another name than to the one it had: a camera's noise moves it by less.
HYSTERESIS = 2.0


class _Color(BaseColor):
    """Of our own, so that the space is registered for nobody else."""


_Color.register(DIN99o())


@cache
def color_names() -> dict[str, Color]:
    """Each name and its color in sRGB, 0..255."""
    lines = files("colorfilter").joinpath("color_names.txt").read_text("utf-8").splitlines()
    return {line[8:]: tuple(bytes.fromhex(line[1:7])) for line in lines}  # type: ignore[misc]


@lru_cache(maxsize=4096)
def color_name(color: Color, before: str | None = None) -> str:
    """The nearest name of an sRGB color, 0..255; or the name that it had before, if that is about as near."""
    names, points = _points()
    distances = np.linalg.norm(points - _point(color), axis=1)
    nearest = int(distances.argmin())
    if before is not None and distances[names.index(before)] < distances[nearest] + HYSTERESIS:
        return before
    return names[nearest]


@cache
def _points() -> tuple[list[str], Point]:
    return list(color_names()), np.array([_point(color) for color in color_names().values()])


def _point(color: Color) -> Point:
    return np.array(_Color("srgb", [c / 255 for c in color]).convert("din99o").coords())
