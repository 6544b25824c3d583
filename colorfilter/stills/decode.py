"""Still pictures: the bytes of a file to an array and back.

Everything happens in memory. What is too large is refused before a pixel is decoded, and no metadata goes out,
neither the place nor the camera.
"""

from __future__ import annotations

import io
from typing import cast

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from colorfilter.filters import Picture
from colorfilter.stills import png

MEGA = 1_000_000
MAX_PIXELS = 50 * MEGA
MAX_BYTES = 25 * MEGA
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class PictureError(ValueError):
    """Bytes that are no picture, or only a part of one. The message is a sentence for people."""


class PictureTooLarge(PictureError):
    """More bytes or more pixels than the limit, refused before decoding."""


def read_picture(data: bytes) -> Picture:
    """Decode a PNG, JPEG, WebP, BMP or TIFF file or the first frame of a GIF.

    Returns uint8 RGB (H, W, 3), or RGBA (H, W, 4) if the file has transparency, as the picture is meant to be seen:
    turned by its EXIF orientation and converted from its ICC profile to sRGB (a profile that is broken or made for
    another kind of picture is ignored). Grey, palette and CMYK become RGB; 16 bits become 8.
    Raises PictureTooLarge above MAX_BYTES, MAX_PIXELS or png.MAX_SIDE, PictureError for whatever cannot be read.
    """
    if not data:
        raise PictureError("The picture is empty: it has zero bytes.")
    if len(data) > MAX_BYTES:
        raise PictureTooLarge(f"The picture has more than {MAX_BYTES // MEGA} MB, which is the limit.")
    image = _open(data)
    if image.width * image.height > MAX_PIXELS or max(image.size) > png.MAX_SIDE:
        raise _too_many_pixels(f"{image.width} x {image.height} pixels")
    try:
        return _read_png(data, image) if image.format == "PNG" else _read_any(image)
    except (PictureError, MemoryError):
        raise
    except Exception as error:  # decoders raise nearly everything on broken data, from IndexError to zlib.error
        raise _damaged(image) from error


def _too_many_pixels(size: str) -> PictureTooLarge:
    return PictureTooLarge(
        f"The picture has {size}; the limit is {MAX_PIXELS // MEGA} megapixels and {png.MAX_SIDE} pixels a side."
    )


def _damaged(image: Image.Image) -> PictureError:
    return PictureError(f"The {image.format} picture is truncated or damaged.")


def _open(data: bytes) -> Image.Image:
    """The picture with only its header read."""
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise PictureError("This is not a picture that can be read: PNG, JPEG, WebP, BMP, TIFF or GIF.") from None
    except Image.DecompressionBombError:
        raise _too_many_pixels("far too many pixels") from None
    except Exception as error:
        raise PictureError("The picture's header is truncated or damaged.") from error


def _read_png(data: bytes, image: Image.Image) -> Picture:
    kinds = png.chunk_kinds(data)
    if kinds[-1:] != [b"IEND"]:
        raise _damaged(image)
    if image.mode == "L" and "transparency" in image.info:
        # Pillow leaves the transparent grey in the file's own 2 or 4 bits, while the samples are widened to 8.
        image.info["transparency"] *= 255 // (2 ** data[24] - 1)
    return png.read_plain(data) if png.is_plain(data, kinds) else _read_any(image)


def _read_any(image: Image.Image) -> Picture:
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    profile = image.info.get("icc_profile")
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    image = _to_srgb(_to_8_bits(image), profile)
    if alpha is not None:
        image.putalpha(alpha)
    return np.array(image)


def _to_8_bits(image: Image.Image) -> Image.Image:
    """The picture in L, RGB or CMYK, without its transparency."""
    if image.mode.startswith("I;16"):
        return Image.fromarray(png.to_8_bits(np.asarray(image).astype(np.uint16)))
    if image.mode in ("I", "F", "LAB", "HSV"):
        raise PictureError(f"Only 8 or 16 bits a channel in grey, RGB or CMYK can be read, not {image.mode}.")
    grey = image.mode in ("1", "LA", "La")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("L" if grey else "RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in RGB, by its ICC profile unless that is sRGB, broken or made for another kind of picture."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if not ImageCms.getProfileDescription(source).startswith("sRGB"):
                return cast(Image.Image, ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB"))
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB")
