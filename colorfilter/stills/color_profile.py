"""From a picture's ICC profile to sRGB."""

from __future__ import annotations

import io
from functools import cache
from typing import cast

import numpy as np
from PIL import Image, ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
# LittleCMS takes shortcuts that cost up to 10 levels of a dark grey; the 256 greys are converted without.
FLAGS = {"L": ImageCms.Flags.NOOPTIMIZE, "RGB": ImageCms.Flags.NONE, "CMYK": ImageCms.Flags.NONE}
CUBE_STEP = 51  # levels between the colors by which a profile is judged: 6 of each channel


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A picture in L, RGB or CMYK in RGB, by its profile, unless that is broken or made for another kind of picture.

    A profile that is sRGB's, by what it does and whatever its name, changes nothing: its rounding would.
    """
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return _converted(image, ImageCms.buildTransform(source, SRGB, image.mode, "RGB", flags=FLAGS[image.mode]))
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB")


def _converted(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    if image.mode == "CMYK":
        return cast(Image.Image, ImageCms.applyTransform(image, transform))
    colors = _judges(image.mode)
    moved = np.asarray(ImageCms.applyTransform(colors, transform))
    if np.abs(moved.astype(int) - np.asarray(colors.convert("RGB"))).max() <= 1:
        return image.convert("RGB")
    if image.mode == "L":
        return Image.fromarray(moved[0][np.asarray(image)])
    return cast(Image.Image, ImageCms.applyTransform(image, transform))


@cache
def _judges(mode: str) -> Image.Image:
    """The colors by which a profile is judged, in a picture of one line: all greys, or a coarse cube of RGB."""
    if mode == "L":
        return Image.fromarray(np.arange(256, dtype=np.uint8)[np.newaxis])
    levels = np.arange(0, 256, CUBE_STEP, dtype=np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3))
