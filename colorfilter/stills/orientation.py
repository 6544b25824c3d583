"""How a picture that is stored on its side is turned upright, by EXIF 2.3, tag 274."""

from __future__ import annotations

from PIL import Image

ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def take_orientation(image: Image.Image) -> int:
    """The orientation of a picture that is not loaded yet, 1 to 8; 1, upright, where its EXIF cannot be read.

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
    """The same of EXIF by itself, as a PNG's chunk has it."""
    if not exif:
        return 1
    fields = Image.Exif()
    try:
        fields.load(exif)
        return _valid(fields.get(ORIENTATION))
    except Exception:
        return 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture, turned as it is seen."""
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _valid(value: object) -> int:
    return value if isinstance(value, int) and value in TURNS else 1
