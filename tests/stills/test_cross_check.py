"""Each reader beside others: OpenCV and libvips, with libjpeg, libpng or libspng, libwebp and libtiff inside."""

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
import pyvips
from PIL import Image

from colorfilter.stills.decode import PictureError, read_picture
from tests.support.pictures import blocks, corpus, orientation_exif, photo, png, saved, tiff

# OpenCV converts no profile, reads no ink, and multiplies a TIFF's colors by its alpha.
LEFT_OUT = {"png-profile", "jpeg-cmyk", "tiff-cmyk", "tiff"}
FILES = {name: data for name, data in corpus().items() if name not in LEFT_OUT}
GREY, RGB = 1, 2


def by_opencv(data):
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def worst(data):
    """How far the two are apart, in levels of a channel, and at the 99th percentile."""
    ours, theirs = read_picture(data)[:, :, :3].astype(int), by_opencv(data)
    assert ours.shape == theirs.shape
    apart = np.abs(ours - theirs)
    return apart.max(), np.percentile(apart, 99)


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file(name):
    """JPEG and WebP leave to the decoder how color is spread over pixels; 16 bits are rounded here and cut there."""
    most, usual = worst(FILES[name])
    lossy = name.startswith("jpeg") or name == "webp"
    assert most <= (40 if lossy else 1)
    assert usual <= (6 if lossy else 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation(orientation):
    exif = b"Exif\0\0" + orientation_exif(orientation)
    assert worst(saved(blocks(), "JPEG", quality=100, subsampling=0, exif=exif))[0] <= 3


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("interlace", [0, 1])
@pytest.mark.parametrize(("color_type", "channels"), [(0, 1), (2, 3)])
def test_every_depth_of_png(color_type, channels, interlace, depth):
    samples = np.random.default_rng(depth).integers(0, 1 << depth, (29, 31, channels))
    assert worst(png(samples, color_type, depth, interlace))[0] <= (1 if depth == 16 else 0)


@pytest.mark.parametrize("quality", [50, 90])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_photos_as_jpeg(quality, subsampling):
    most, usual = worst(saved(photo(270, 480), "JPEG", quality=quality, subsampling=subsampling))
    assert usual <= 3
    assert most <= 12


def test_pages_and_bits_of_tiff():
    picture = blocks()
    for data in (tiff((picture, RGB, None, 0)), tiff((picture[:, :, :1], GREY, None, 0))):
        assert worst(data)[0] == 0
    assert worst(saved(Image.fromarray(picture).convert("1"), "TIFF", compression="group4"))[0] == 0


# ---- libvips, which writes these files too ----------------------------------------------------------------------

INTERPRETATIONS = {1: ("b-w", "grey16"), 2: ("b-w", "grey16"), 3: ("srgb", "rgb16"), 4: ("srgb", "rgb16")}
TIFFS = {
    "plain": {},
    "lzw": {"compression": "lzw"},
    "deflate": {"compression": "deflate", "predictor": "horizontal"},
    "packbits": {"compression": "packbits"},
    "tiles": {"tile": True},
    "pyramid": {"tile": True, "pyramid": True},
    "bigtiff": {"bigtiff": True},
}
PNGS = {"plain": {}, "interlaced": {"interlace": True}}
JPEGS = {
    "fine": {"Q": 100, "subsample_mode": "off"},
    "subsampled": {"Q": 90, "subsample_mode": "on"},
    "progressive": {"Q": 90, "interlace": True},
    "optimized": {"Q": 75, "optimize_coding": True},
    "restarts": {"Q": 90, "restart_interval": 4},
}
WEBPS = {"lossless": {"lossless": True, "exact": True}, "lossy": {"Q": 90}, "smart": {"Q": 90, "smart_subsample": True}}


def by_vips(data):
    """Color and, where the file has it, alpha, of 8 bits in (H, W, 3 or 4); CMYK as what each ink leaves of white."""
    image = pyvips.Image.new_from_buffer(data, "").autorot()
    samples = np.atleast_3d(image.numpy()).astype(float)
    if image.format == "ushort":
        samples = np.floor(samples / 257 + 0.5)
    if image.interpretation == "cmyk":
        return np.rint((255 - samples[:, :, :3]) * (255 - samples[:, :, 3:4]) / 255)
    return samples if samples.shape[2] > 2 else samples[:, :, [0, 0, 0, 1][: samples.shape[2] + 2]]


def written_by_vips(suffix, channels, bits=8, interpretation=None, **options):
    """A picture of flat blocks of 8x8 in every shade."""
    small = np.random.default_rng(channels).integers(0, 1 << bits, (9, 13, channels))
    blocks = small.repeat(8, axis=0).repeat(8, axis=1)[:-3, :-5].astype(f"u{bits // 8}")
    image = pyvips.Image.new_from_array(blocks if channels > 1 else blocks[:, :, 0])
    kind = interpretation or INTERPRETATIONS[channels][bits == 16]
    return image.copy(interpretation=kind).write_to_buffer(suffix, **options)


def apart(ours, theirs):
    """How far two pictures are apart; a color that is wholly transparent may be any."""
    if ours.shape[2] == 3 and theirs.shape[2] == 4:  # vips gives some pictures without transparency an alpha
        assert np.all(theirs[:, :, 3] == 255)
        theirs = theirs[:, :, :3]
    assert ours.shape == theirs.shape
    seen = (ours[:, :, 3:] > 0) if ours.shape[2] == 4 else True
    colors = np.abs(ours[:, :, :3].astype(float) - theirs[:, :, :3]) * seen
    return max(colors.max(), np.abs(ours[:, :, 3:].astype(float) - theirs[:, :, 3:]).max(initial=0))


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("options", TIFFS.values(), ids=TIFFS)
def test_every_layout_of_tiff(options, channels, bits):
    data = written_by_vips(".tif", channels, bits, **options)
    if (channels, bits) == (2, 16):
        with pytest.raises(PictureError, match="no alpha beside CMYK or grey of 16 bits"):
            read_picture(data)
    else:
        assert apart(read_picture(data), by_vips(data)) <= (1 if bits == 16 else 0)


@pytest.mark.parametrize(("bits", "most"), [(8, 1), (16, 2)])
@pytest.mark.parametrize("options", TIFFS.values(), ids=TIFFS)
def test_every_layout_of_ink(options, bits, most):
    """16 bits of ink are cut to 8 here and rounded there, and two inks are multiplied."""
    data = written_by_vips(".tif", 4, bits, "cmyk", **options)
    assert apart(read_picture(data), by_vips(data)) <= most


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("options", TIFFS.values(), ids=TIFFS)
def test_greys_in_which_0_is_white(options, bits):
    data = written_by_vips(".tif", 1, bits, miniswhite=True, **options)
    assert apart(read_picture(data), by_vips(data)) <= (1 if bits == 16 else 0)


def test_colors_that_were_multiplied_by_their_alpha():
    """Of 16 bits, 8 are left before the division, so that only what is seen, color x alpha, is the same."""
    data = written_by_vips(".tif", 4, premultiply=True)
    assert apart(read_picture(data), by_vips(data)) <= 1
    data = written_by_vips(".tif", 4, 16, premultiply=True)
    ours, theirs = read_picture(data).astype(float), by_vips(data)
    assert np.abs(ours[:, :, 3] - theirs[:, :, 3]).max() <= 1
    assert np.abs(ours[:, :, :3] * ours[:, :, 3:] - theirs[:, :, :3] * theirs[:, :, 3:]).max() / 255 <= 2


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize(
    ("suffix", "options"), [(".tif", {}), (".tif", {"miniswhite": True}), *((".png", o) for o in PNGS.values())]
)
def test_less_than_a_byte(suffix, options, depth):
    data = written_by_vips(suffix, 1, bitdepth=depth, **options)
    assert apart(read_picture(data), by_vips(data)) == 0


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("options", PNGS.values(), ids=PNGS)
def test_every_layout_of_png(options, channels, bits):
    data = written_by_vips(".png", channels, bits, **options)
    assert apart(read_picture(data), by_vips(data)) == 0


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("options", PNGS.values(), ids=PNGS)
def test_palettes(options, channels):
    data = written_by_vips(".png", channels, palette=True, **options)
    assert apart(read_picture(data), by_vips(data)) == 0


@pytest.mark.parametrize(("channels", "interpretation"), [(1, "b-w"), (3, "srgb"), (4, "cmyk")])
@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
def test_every_layout_of_jpeg(options, channels, interpretation):
    """Both have libjpeg-turbo inside, so the pixels are nearly the same."""
    data = written_by_vips(".jpg", channels, interpretation=interpretation, **options)
    assert apart(read_picture(data), by_vips(data)) <= 2


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("options", WEBPS.values(), ids=WEBPS)
def test_every_layout_of_webp(options, channels):
    data = written_by_vips(".webp", channels, **options)
    assert apart(read_picture(data), by_vips(data)) <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_every_orientation_by_vips(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(blocks(), kind, exif=exif, **options)
    assert apart(read_picture(data), by_vips(data)) <= (2 if kind == "JPEG" else 0)


# ---- Pictures that came with packages ---------------------------------------------------------------------------

PACKAGES = ("colour", "daltonlens", "pygame", "streamlit", "werkzeug")
SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".gif"}
MANY = 80


def pictures_of_packages():
    folders = [Path(folder) for name in PACKAGES for folder in find_spec(name).submodule_search_locations]
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
    return {path: path.read_bytes() for path in paths}


def test_pictures_that_came_with_packages():
    files = pictures_of_packages()
    assert len(files) >= MANY
    worse = {path.name: far for path, data in files.items() if (far := apart(read_picture(data), by_vips(data))) > 1}
    assert worse == {}
