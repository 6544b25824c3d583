"""What Pillow leaves to its callers of a TIFF (TIFF 6.0): which page is the picture, and what its wide greys mean."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two are BigTIFF's
NEW_SUBFILE_TYPE, REDUCED, MASK = 254, 1, 4
BITS_PER_SAMPLE, PHOTOMETRIC, WHITE_IS_ZERO = 258, 262, 0
MAX_PAGES = 100  # among which the whole picture is looked for


def seek_whole_picture(image: Image.Image) -> None:
    """Go to the largest page, if the first is but a reduced picture of another (NewSubfileType)."""
    if not _subfile_type(image) & REDUCED:
        return
    sizes = {0: image.width * image.height}
    for page in range(1, MAX_PAGES):
        try:
            image.seek(page)
        except Exception:  # there is no other page, or none that can be read
            break
        if not _subfile_type(image) & MASK:
            sizes[page] = image.width * image.height
    image.seek(max(sizes, key=lambda page: sizes[page]))


def wide_grey(image: Image.Image) -> tuple[NDArray[np.uint16], int]:
    """The samples (H, W) of a picture in I;16, 0 for black, and their bits: 12 or 16.

    Pillow leaves them as the file has them: 12 bits are not widened, and white may be 0 (PhotometricInterpretation).
    """
    samples = np.asarray(image).astype(np.uint16)
    bits = 12 if _tag(image, BITS_PER_SAMPLE) == (12,) else 16
    if _tag(image, PHOTOMETRIC) == WHITE_IS_ZERO:
        samples = (1 << bits) - 1 - samples
    return samples, bits


def _subfile_type(image: Image.Image) -> int:
    kind = _tag(image, NEW_SUBFILE_TYPE)
    return kind if isinstance(kind, int) else 0


def _tag(image: Image.Image, tag: int) -> object:
    return cast(Any, image).tag_v2.get(tag)
