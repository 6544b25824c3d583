"""A still picture as the page needs it: quick and small on the screen, whole in the download."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import cv2

from colorfilter.filters import Picture
from colorfilter.stills.png import write_png
from colorfilter.views.options import ViewOptions
from colorfilter.views.still import render_image

# A 1080p photo is filtered and encoded in 7 ms and 0.36 MB at this size; whole, in 17 ms and 1.7 MB.
LONGEST_SIDE = 1280
SAMPLE = 160
# Without subsampling: under a filter, colors have edges as sharp as the picture's.
JPEG_OPTIONS = (
    *(cv2.IMWRITE_JPEG_QUALITY, 90),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
)


def fit(image: Picture, longest: int) -> Picture:
    """The picture with its longer side at most `longest` pixels, each pixel the mean of those that it covers."""
    scale = longest / max(image.shape[:2])
    if scale >= 1:
        return image
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    return cast(Picture, cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))


def for_screen(image: Picture) -> bytes:
    """uint8 RGB (H, W, 3) as JPEG, RGBA (H, W, 4) as PNG."""
    if image.shape[2] == 4:
        return write_png(image)
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), JPEG_OPTIONS)
    return jpeg.tobytes()


@dataclass(frozen=True)
class Photo:
    """A picture that a visitor has chosen: a name without ending, and pixels, uint8 RGB or RGBA (H, W, 3 or 4)."""

    name: str
    pixels: Picture

    @cached_property
    def _small(self) -> Picture:
        return fit(self.pixels, LONGEST_SIDE)

    @property
    def size(self) -> str:
        """Width and height in pixels, in words."""
        return f"{self.pixels.shape[1]} × {self.pixels.shape[0]}"

    @cached_property
    def original(self) -> bytes:
        """The picture as it came, for the screen."""
        return for_screen(self._small)

    @property
    def sample(self) -> Picture:
        """Some thousand of its pixels, RGB uint8 (H, W, 3)."""
        step = max(1, max(self._small.shape) // SAMPLE)
        return self._small[::step, ::step, :3]

    def shown(self, options: ViewOptions) -> bytes:
        """The picture as it is to be seen, for the screen."""
        return for_screen(render_image(self._small, options))

    def png(self, options: ViewOptions) -> bytes:
        """The picture as it is to be seen, every pixel of it, as PNG."""
        return write_png(render_image(self.pixels, options))
