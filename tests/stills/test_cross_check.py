"""Each reader beside one that shares no code with it: OpenCV, with libjpeg, libpng, libwebp and libtiff inside."""

import cv2
import numpy as np
import pytest
from PIL import Image

from colorfilter.stills.decode import read_picture
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
