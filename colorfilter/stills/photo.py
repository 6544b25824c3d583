"""A still picture for the page: the file as it came, and a small picture for the screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import cv2

from colorfilter.filters import Color, Picture, mean_color
from colorfilter.stills.decode import read_picture
from colorfilter.stills.png import write_png
from colorfilter.views.options import ViewOptions
from colorfilter.views.still import render_image

# In pixels. A 1080p photo is filtered and encoded in 7 ms and 0.36 MB at this size; whole, in 17 ms and 1.7 MB.
SCREEN_SIDE = 1280
MAX_SMALL_BYTES = SCREEN_SIDE * SCREEN_SIDE * 4
SAMPLE_SIDE = 160
POINT_SHARE = 150  # a point is so small a share of the longer side, to each side of it
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


def encode_for_screen(image: Picture, optimize: bool = False) -> bytes:
    """Encode uint8 RGB (H, W, 3) as JPEG, RGBA (H, W, 4) as PNG.

    To `optimize` it takes twice the time and changes no pixel: the JPEG gets Huffman tables of its own.
    """
    if image.shape[2] == 4:
        return write_png(image)
    _, jpeg = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (*JPEG_OPTIONS, cv2.IMWRITE_JPEG_OPTIMIZE, int(optimize))
    )
    return jpeg.tobytes()


def read_small(data: bytes) -> tuple[Picture, int, int]:
    """The small picture of a file, and the width and height of the whole. Raises PictureError as `read_picture`."""
    pixels = read_picture(data)
    return fit(pixels, SCREEN_SIDE), pixels.shape[1], pixels.shape[0]


@dataclass(frozen=True, eq=False)
class Photo:
    """A picture that a visitor has chosen: its name without ending, its file, and a small picture for the screen.

    `small` is uint8 RGB or RGBA (H, W, 3 or 4); `width` and `height` are those of the file's picture, in pixels.
    """

    name: str
    data: bytes
    small: Picture
    width: int
    height: int

    @property
    def held_bytes(self) -> int:
        """The memory that it takes."""
        return len(self.data) + self.small.nbytes

    @property
    def size(self) -> str:
        """Width and height in pixels, in words."""
        return f"{self.width} × {self.height}"

    @cached_property
    def original(self) -> bytes:
        """The picture as it came, for the screen."""
        return encode_for_screen(self.small)

    @property
    def sample(self) -> Picture:
        """Some thousand of its pixels, RGB uint8 (H, W, 3)."""
        step = max(1, max(self.small.shape) // SAMPLE_SIDE)
        return self.small[::step, ::step, :3]

    def color_at(self, x: float, y: float) -> Color:
        """The mean color, 0..255, of a few pixels around a place, 0..1 from the left and the top."""
        reach = max(self.small.shape[:2]) // POINT_SHARE
        middles = (min(int(share * side), side - 1) for share, side in zip((y, x), self.small.shape, strict=False))
        lines, columns = (slice(max(0, middle - reach), middle + reach + 1) for middle in middles)
        return mean_color(self.small[lines, columns, :3])

    def view(self, options: ViewOptions) -> bytes:
        """The picture with these options, for the screen."""
        return encode_for_screen(render_image(self.small, options))
