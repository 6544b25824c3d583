"""What Pillow leaves to its callers of a TIFF (TIFF 6.0): which page is the picture, and what its wide greys mean."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two are BigTIFF's
NEW_SUBFILE_TYPE, REDUCED, MASK = 254, 1, 4
BITS_PER_SAMPLE, PHOTOMETRIC, WHITE_IS_ZERO = 258, 262, 0
MAX_PAGES = 100  # among which the whole picture is looked for
# Bytes of a value by the type of its field (TIFF 6.0, section 2; 13 is a supplement's, 16 to 18 are BigTIFF's).
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
NO_TYPE = b"\0\0"


class Layout(NamedTuple):
    """How a TIFF or a BigTIFF writes its numbers, in struct's letters: bytes, places, the number of fields, a field."""

    order: str
    place: str
    number: str
    field: str

    def read(self, code: str, data: bytes, at: int) -> tuple[Any, ...]:
        """Numbers at a place. Raises struct.error beyond the end."""
        return struct.unpack_from(self.order + code, data, at)


def without_lost_fields(data: bytes) -> bytes:
    """The TIFF with no type for each field of its first page whose values lie beyond the end, so that none reads it.

    With such a field Pillow would drop all that follow it too, those that the pixels need among them. Other pages stay
    as they are: where the file says that one begins there may be pixels.
    """
    layout = _layout(data)
    small, lost = struct.calcsize(layout.place), []
    for at in _fields(data, layout):
        _, kind, number, place = layout.read(layout.field, data, at)
        size = SIZES.get(kind, 0) * number
        if size > small and place + size > len(data):
            lost.append(at)
    if not lost:
        return data
    mended = bytearray(data)
    for at in lost:
        mended[at + 2 : at + 4] = NO_TYPE
    return bytes(mended)


def _layout(data: bytes) -> Layout:
    order = "<" if data.startswith(b"II") else ">"
    return Layout(order, "Q", "Q", "HHQQ") if b"+" in data[2:4] else Layout(order, "I", "H", "HHII")


def _fields(data: bytes, layout: Layout) -> range:
    """Where each field of the first page begins, as far as the data goes."""
    try:
        (page,) = layout.read(layout.place, data, 4 if layout.place == "I" else 8)
        (number,) = layout.read(layout.number, data, page)
    except struct.error:
        return range(0)
    first, step = page + struct.calcsize(layout.number), struct.calcsize(layout.order + layout.field)
    return range(first, min(first + step * number, len(data) - step + 1), step)


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
