"""Still pictures: the bytes of a file to an array and back.

Everything happens in memory. What is too large is refused before a pixel is decoded, and no metadata goes out,
neither the place nor the camera.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from colorfilter.filters import Picture
from colorfilter.stills import png, tiff
from colorfilter.stills.color_profile import to_srgb
from colorfilter.stills.heif import REFUSALS, heif_kind
from colorfilter.stills.orientation import orientation_in, take_tiff_orientation, upright
from colorfilter.stills.png_chunks import END, EXIF, PROFILE, SIGNATURE, chunk_kinds, split, unpack_profile

MEGA = 1_000_000
MAX_PIXELS = 50 * MEGA
MAX_BYTES = 25 * MEGA
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
UNKNOWN = "This is not a picture that can be read: PNG, JPEG, WebP, BMP, TIFF or GIF."
UNKNOWN_TIFF = (
    "This kind of TIFF cannot be read: 8 or 16 bits a channel in grey, RGB or CMYK can, "
    "but no alpha beside CMYK or grey of 16 bits."
)
DAMAGED = "The {} picture is truncated or damaged."


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
    side: dict[bytes, bytes] = {}
    if data.startswith(SIGNATURE):
        try:
            data, side = split(data)
        except ValueError as error:
            raise PictureError(DAMAGED.format("PNG")) from error
    if data.startswith(tiff.SIGNATURES):
        data = tiff.without_lost_fields(data)
    image = _open(data)
    _check_size(image)
    try:
        return _read_png(data, image, side) if image.format == "PNG" else _read_any(image)
    except (PictureError, MemoryError):
        raise
    except Exception as error:  # decoders raise nearly everything on broken data, from IndexError to zlib.error
        raise _damaged(image) from error


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS or max(image.size) > png.MAX_SIDE:
        raise _too_many_pixels(f"{image.width} x {image.height} pixels")


def _too_many_pixels(size: str) -> PictureTooLarge:
    return PictureTooLarge(
        f"The picture has {size}; the limit is {MAX_PIXELS // MEGA} megapixels and {png.MAX_SIDE} pixels a side."
    )


def _damaged(image: Image.Image) -> PictureError:
    return PictureError(DAMAGED.format(image.format))


def _open(data: bytes) -> Image.Image:
    """The picture with only its header read."""
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        if data.startswith(tiff.SIGNATURES):
            raise PictureError(UNKNOWN_TIFF) from None
        refusal = REFUSALS.get(heif_kind(data) or "", UNKNOWN)
        raise PictureError(refusal) from None
    except Image.DecompressionBombError:
        raise _too_many_pixels("far too many pixels") from None
    except Exception as error:
        raise PictureError("The picture's header is truncated or damaged.") from error


def _read_png(data: bytes, image: Image.Image, side: dict[bytes, bytes]) -> Picture:
    """A PNG that `split` has split into what its pixels need and the rest."""
    if chunk_kinds(data)[-1:] != [END]:
        raise _damaged(image)
    profile, orientation = (
        unpack_profile(side.get(PROFILE)),
        orientation_in(side.get(EXIF)),
    )
    if not png.is_plain(data):
        if image.mode == "L" and "transparency" in image.info:
            # Pillow leaves the transparent grey in the file's own 2 or 4 bits, while the samples are widened to 8.
            image.info["transparency"] *= 255 // (2 ** data[24] - 1)
        image.load()
        return _as_seen(image, profile, orientation)
    pixels = png.read_plain(data)
    if profile is None and orientation == 1:
        return pixels
    color = Image.fromarray(pixels[:, :, 0] if png.is_grey(data) else pixels[:, :, :3])
    alpha = Image.fromarray(pixels[:, :, 3]) if pixels.shape[2] == 4 else None
    return _joined(color, alpha, profile, orientation)


def _read_any(image: Image.Image) -> Picture:
    if image.format == "TIFF":
        tiff.seek_whole_picture(image)
        _check_size(image)
        orientation = take_tiff_orientation(image)
    else:
        orientation = orientation_in(image.info.get("exif"))
    image.load()
    profile = image.info.get("icc_profile")
    return _as_seen(image, profile if isinstance(profile, bytes) else None, orientation)  # a TIFF's may be a number


def _as_seen(image: Image.Image, profile: bytes | None, orientation: int) -> Picture:
    if image.mode == "La":  # premultiplied, which Pillow converts to nothing but grey with alpha
        image = image.convert("LA")
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    return _joined(_to_8_bits(image), alpha, profile, orientation)


def _joined(color: Image.Image, alpha: Image.Image | None, profile: bytes | None, orientation: int) -> Picture:
    """Color in L, RGB or CMYK and its transparency as one picture in sRGB, turned upright."""
    picture = to_srgb(color, profile)
    if alpha is not None:
        picture.putalpha(alpha)
    return np.array(upright(picture, orientation))


def _to_8_bits(image: Image.Image) -> Image.Image:
    """The picture in L, RGB or CMYK, without its transparency."""
    if image.mode.startswith("I;16"):
        return Image.fromarray(png.to_8_bits(*tiff.wide_grey(image)))
    if image.mode in ("I", "F", "LAB", "HSV"):
        raise PictureError(f"Only 8 or 16 bits a channel in grey, RGB or CMYK can be read, not {image.mode}.")
    grey = image.mode in ("1", "LA")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("L" if grey else "RGB")
