"""Picture files that the tests make: PNG written by hand from its standard, and every kind that comes to us."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # samples a pixel for each color type, ISO/IEC 15948
# The first boxes of a HEIC file and nothing after: file type (ISO/IEC 14496-12) and an empty "meta".
HEIC = struct.pack(">I4s4sI8sI4sI", 24, b"ftyp", b"heic", 0, b"mif1heic", 12, b"meta", 0)
ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def chunk(kind, body=b""):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width, height, depth=8, color_type=2, interlace=0):
    body = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", body)


def png(samples, color_type, depth, interlace=0, extra=()):
    """A PNG of whole-number samples (H, W, SAMPLES[color_type]), with (kind, body) chunks before its data."""
    passes = [samples[y::dy, x::dx] for y, x, dy, dx in (ADAM7 if interlace else [(0, 0, 1, 1)])]
    data = b"".join(_lines(part, depth) for part in passes if part.size)
    header = png_header(samples.shape[1], samples.shape[0], depth, color_type, interlace)
    chunks = [chunk(kind, body) for kind, body in extra]
    return b"".join([header, *chunks, chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND")])


def tiff(*pages):
    """A TIFF of pages, each (samples (H, W, C) of 8 bits, PhotometricInterpretation, ExtraSamples, NewSubfileType)."""
    data, offset = bytearray(b"II*\0\0\0\0\0"), 4
    for samples, photometric, extra, subfile in pages:
        height, width, channels = samples.shape
        strip = len(data)
        data += samples.astype(np.uint8).tobytes()
        depths = len(data)
        data += struct.pack(f"<{channels}H", *[8] * channels) + b"\0" * (channels % 2)
        short, long = 3, 4
        fields = [(254, long, 1, subfile), (256, long, 1, width), (257, long, 1, height)]
        fields += [(258, short, channels, depths if channels > 2 else 8 | 8 << 16), (259, short, 1, 1)]
        fields += [(262, short, 1, photometric), (273, long, 1, strip), (277, short, 1, channels)]
        fields += [(278, long, 1, height), (279, long, 1, samples.size)]
        fields += [] if extra is None else [(338, short, 1, extra)]
        struct.pack_into("<I", data, offset, len(data))
        data += struct.pack("<H", len(fields)) + b"".join(struct.pack("<HHII", *field) for field in fields)
        offset = len(data)
        data += bytes(4)
    return bytes(data)


def _lines(samples, depth):
    lines = samples.reshape(len(samples), -1)
    if depth >= 8:
        packed = lines.astype(f">u{depth // 8}").view(np.uint8)
    else:
        bits = np.unpackbits(lines.astype(np.uint8)[:, :, np.newaxis], axis=2)[:, :, 8 - depth :]
        packed = np.packbits(bits.reshape(len(lines), -1), axis=1)
    return np.pad(packed, ((0, 0), (1, 0))).tobytes()  # filter type 0 before each line


def orientation_exif(orientation):
    """EXIF with nothing but how the picture is turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes().removeprefix(b"Exif\0\0")


def saved(image, kind="PNG", **options):
    """The bytes of a Pillow image, or of an array, saved as `kind`."""
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, kind, **options)
    return file.getvalue()


def blocks(shape=(32, 48), seed=0):
    """An RGB picture of flat 8x8 blocks, which JPEG keeps to a level or two."""
    small = np.random.default_rng(seed).integers(0, 256, (shape[0] // 8, shape[1] // 8, 3), np.uint8)
    return small.repeat(8, axis=0).repeat(8, axis=1)


def photo(height=1080, width=1920, seed=1):
    """Something as hard to compress as a photo: soft shapes of many sizes under the noise of a sensor."""
    rng = np.random.default_rng(seed)
    picture = rng.normal(120, 2.5, (height, width, 3))
    for columns, contrast in ((8, 60), (32, 40), (128, 25), (512, 10)):
        small = rng.normal(0, contrast, (columns * height // width + 1, columns, 3))
        for channel in range(3):
            layer = Image.fromarray(small[:, :, channel].astype(np.float32))
            picture[:, :, channel] += np.asarray(layer.resize((width, height), Image.Resampling.BICUBIC))
    return picture.clip(0, 255).astype(np.uint8)


def swapped_profile():
    """An ICC profile like sRGB with red and blue in each other's place."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace(b"rXYZ", b"tmp!", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"tmp!", b"bXYZ", 1)
    return profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def corpus():
    """One small file of each kind, by name: all formats, modes, depths and compressions."""
    rgb = Image.fromarray(blocks())
    rgba = rgb.copy()
    rgba.putalpha(Image.linear_gradient("L").resize(rgb.size))
    exif = Image.Exif()
    exif[0x0112] = 6
    wide = np.arange(32 * 48, dtype=np.uint16).reshape(32, 48) * 42
    return {
        "png": saved(rgb),
        "png-alpha": saved(rgba),
        "png-palette": saved(rgb.quantize(16)),
        "png-1": saved(rgb.convert("1")),
        "png-16": saved(wide),
        "png-interlaced": png(blocks(), 2, 8, interlace=1),
        "png-profile": saved(rgb, icc_profile=swapped_profile()),
        "jpeg": saved(rgb, "JPEG", exif=exif),
        "jpeg-progressive": saved(rgb, "JPEG", progressive=True),
        "jpeg-grey": saved(rgb.convert("L"), "JPEG"),
        "jpeg-cmyk": saved(rgb.convert("CMYK"), "JPEG"),
        "webp": saved(rgb, "WEBP"),
        "webp-alpha": saved(rgba, "WEBP", lossless=True),
        "bmp": saved(rgb, "BMP"),
        "bmp-palette": saved(rgb.quantize(16), "BMP"),
        "tiff": saved(rgba, "TIFF"),
        "tiff-16": saved(wide, "TIFF"),
        "tiff-lzw": saved(rgb, "TIFF", compression="tiff_lzw"),
        "tiff-cmyk": saved(rgb.convert("CMYK"), "TIFF", compression="tiff_adobe_deflate"),
        "gif": saved(rgb.quantize(16), "GIF"),
        "gif-animated": saved(rgb.quantize(16), "GIF", save_all=True, append_images=[rgb.rotate(180).quantize(16)]),
    }
