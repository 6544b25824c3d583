"""A vision filter: what it is, in words, and on an RGB picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from colorfilter.filters import WHITE, Color, Picture, check_strength
from colorfilter.vision import models
from colorfilter.vision.models import LightMap, Model

Floats = NDArray[np.float64]
Light = NDArray[np.uint16]

FULL = 65535  # linear light 1.0
BAND_PIXELS = 1 << 17


@dataclass(frozen=True)
class VisionFilter:
    """A named filter of linear light: a model and its severity, from 0 to 1.

    `full` says what it does at severity 1, with the source of a model; `partial` below 1, {} being the percentage.
    """

    name: str
    model: Model
    full: str
    partial: str
    severity: float = 1.0

    @property
    def color(self) -> Color | None:
        """White if it keeps every color as it is; else None, since no color does what it does."""
        return WHITE if self.severity == 0 else None

    @property
    def light_map(self) -> LightMap:
        """What it does to linear sRGB light."""
        return self.model(self.severity)

    def at_strength(self, strength: float) -> VisionFilter:
        """The same filter at a share of its severity: 0 is no filter, 1 the filter itself.

        Raises ValueError for a strength outside 0..1.
        """
        check_strength(strength)
        return replace(self, severity=self.severity * strength)

    def describe(self) -> str:
        """What the filter does, in words, with the source of a model."""
        percent = max(1, min(99, round(100 * self.severity)))
        words = self.full if self.severity == 1 else self.partial.format(percent)
        return f"{self.name.capitalize()} {words if self.severity else 'keeps every color as it is'}."

    def apply(self, image: Picture) -> Picture:
        """Filter a picture of uint8, (H, W), (H, W, 3) or (H, W, 4): a new array of the same shape, alpha as it was.

        Grey stays grey.
        """
        filtered = image.copy()
        if image.ndim == 3:
            light = self.light_map
            for band in _bands(image):
                x = cv2.LUT(np.ascontiguousarray(image[band][..., :3]), decoding_table())
                filtered[band][..., :3] = cv2.LUT(map_light(cast(Light, x), light), encoding_table())
        return filtered


def _bands(image: Picture) -> Iterator[slice]:
    """Some lines at a time, so that what is computed from them stays in the cache."""
    lines = max(1, BAND_PIXELS // image.shape[1])
    for top in range(0, len(image), lines):
        yield slice(top, top + lines)


def map_light(x: Light, light: LightMap) -> Light:
    """A x + b max(0, c . x) of linear light 0..FULL, (H, W, 3). Saturating arithmetic clips it."""
    out = cv2.transform(x, light.a)
    if not light.b.any():
        return cast(Light, out)
    # max(0, c . x) adds only where it is above 0: the larger sum counts where b is positive, the smaller elsewhere.
    added = cv2.transform(x, light.a + np.outer(light.b, light.c))
    if (light.b <= 0).all():
        return cast(Light, cv2.min(out, added, dst=out))
    least, out = cv2.min(out, added), cv2.max(out, added, dst=out)
    for channel in np.flatnonzero(light.b < 0):
        out[..., channel] = least[..., channel]
    return cast(Light, out)


def decode(levels: Floats) -> Floats:
    """Linear light of sRGB 0..1: IEC 61966-2-1, section 5.2."""
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def encode(light: Floats) -> Floats:
    """sRGB of linear light 0..1: the inverse of `decode`."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


@cache
def decoding_table() -> Light:
    """Linear light, 0..FULL, of each level: (1, 256)."""
    return np.rint(decode(np.arange(256) / 255) * FULL).astype(np.uint16)[np.newaxis]


@cache
def encoding_table() -> NDArray[np.uint8]:
    """The level of linear light of each of 0..FULL: (1, FULL + 1)."""
    return np.rint(encode(np.arange(FULL + 1) / FULL) * 255).astype(np.uint8)[np.newaxis]


VISION: dict[str, VisionFilter] = {
    one.name: one
    for one in (
        VisionFilter(
            "protan",
            models.protan,
            "shows what people without red (L) cones see (Viénot 1999)",
            "shows what people with shifted red (L) cones see, at {} % severity (Machado 2009)",
        ),
        VisionFilter(
            "deutan",
            models.deutan,
            "shows what people without green (M) cones see (Viénot 1999)",
            "shows what people with shifted green (M) cones see, at {} % severity (Machado 2009)",
        ),
        VisionFilter(
            "tritan",
            models.tritan,
            "shows what people without blue (S) cones see (Brettel 1997)",
            "takes each color {} % of the way to what people without blue (S) cones see (Brettel 1997)",
        ),
        VisionFilter(
            "achromat",
            models.achromat,
            "shows luminance alone: how light each color is",
            "takes each color {} % of the way to its luminance",
        ),
        VisionFilter(
            "daltonize-protan",
            models.daltonized_protan,
            "moves colors so that people without red (L) cones tell red and green apart (Fidaner 2005, Viénot 1999)",
            "moves colors so that people with shifted red (L) cones tell red and green apart, at {} % severity "
            "(Fidaner 2005, Machado 2009)",
        ),
        VisionFilter(
            "daltonize-deutan",
            models.daltonized_deutan,
            "moves colors so that people without green (M) cones tell red and green apart (Fidaner 2005, Viénot 1999)",
            "moves colors so that people with shifted green (M) cones tell red and green apart, at {} % severity "
            "(Fidaner 2005, Machado 2009)",
        ),
        VisionFilter(
            "daltonize-tritan",
            models.daltonized_tritan,
            "moves colors so that people without blue (S) cones tell blue and green apart (Fidaner 2005, Brettel 1997)",
            "takes each color {} % of the way to where people without blue (S) cones tell blue and green apart "
            "(Fidaner 2005, Brettel 1997)",
        ),
    )
}
