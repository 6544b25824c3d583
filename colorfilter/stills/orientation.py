"""How a picture that is stored on its side is turned upright, by EXIF 2.3, tag 274."""

from __future__ import annotations

import struct

from PIL import Image

ORIENTATION = 0x0112
PREFIX = b"Exif\0\0"
ORDERS = {b"II": "<", b"MM": ">"}  # of bytes (TIFF 6.0, section 2)
FORMATS = {3: "H", 4: "I", 8: "h", 9: "i"}  # SHORT, as the standard has it, and what else some write
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def take_tiff_orientation(image: Image.Image) -> int:
    """The orientation of a TIFF that is not loaded yet, 1 to 8; 1, upright, where it cannot be read.

    It is taken out: as Pillow loads a TIFF, it would turn it and write its EXIF anew, which one odd field prevents.
    """
    try:
        fields = image.getexif()
        orientation = _valid(fields.get(ORIENTATION))
        if ORIENTATION in fields:
            del fields[ORIENTATION]
    except Exception:  # Pillow raises nearly everything on broken EXIF
        return 1
    return orientation


def orientation_in(exif: bytes | None) -> int:
    """The orientation that EXIF says, 1 to 8; 1, upright, where it cannot be read.

    Only this field is looked at: whatever is wrong with the others, where they point to included, costs nothing.
    """
    exif = exif or b""
    while exif.startswith(PREFIX):  # some write it twice
        exif = exif[len(PREFIX) :]
    try:
        order = ORDERS[exif[:2]]
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, start)
        for place in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, values = struct.unpack_from(f"{order}HHI", exif, place)
            if tag == ORIENTATION and values:
                return _valid(struct.unpack_from(order + FORMATS[kind], exif, place + 8)[0])
    except (KeyError, struct.error):
        pass
    return 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture, turned as it is seen."""
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _valid(value: object) -> int:
    return value if isinstance(value, int) and value in TURNS else 1
