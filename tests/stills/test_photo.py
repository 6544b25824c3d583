import io

import numpy as np
import pytest
from PIL import Image

from colorfilter import PRESETS
from colorfilter.stills.decode import PictureError, read_picture
from colorfilter.stills.photo import SCREEN_SIDE, Photo, fit, read_small
from colorfilter.stills.pipeline import render_still
from colorfilter.views.options import ViewOptions
from tests.support.pictures import blocks, saved

RED = ViewOptions(PRESETS["red"])


def read(name, data):
    return Photo(name, data, *read_small(data))


def test_a_large_picture_is_kept_as_its_file_and_a_small_picture():
    large = np.zeros((1500, 3000, 3), np.uint8)
    large[:, 1500:] = (200, 100, 50)
    data = saved(large)
    photo = read("beach", data)
    assert photo.data == data
    assert photo.small.shape == (SCREEN_SIDE // 2, SCREEN_SIDE, 3)
    assert photo.size == "3000 × 1500"
    assert photo.held_bytes == len(data) + 3 * SCREEN_SIDE * SCREEN_SIDE // 2


def test_the_download_has_every_pixel_and_the_screen_a_small_picture():
    picture = np.random.default_rng(0).integers(0, 256, (20, 3000, 3), np.uint8)
    photo = read("noise", saved(picture))
    want = picture.copy()
    want[:, :, 1:] = 0
    assert np.array_equal(read_picture(render_still(photo.data, RED)), want)
    assert Image.open(io.BytesIO(photo.view(RED))).size == (SCREEN_SIDE, round(20 * SCREEN_SIDE / 3000))


def test_a_picture_that_cannot_be_read_is_refused():
    with pytest.raises(PictureError):
        read("broken", saved(blocks())[:50])


def test_each_pixel_of_the_small_picture_is_the_mean_of_those_that_it_covers():
    picture = 2 * np.arange(16, dtype=np.uint8).reshape(4, 4, 1).repeat(3, axis=2)
    assert fit(picture, 2)[:, :, 0].tolist() == [[5, 9], [21, 25]]
    assert fit(picture, 9) is picture


@pytest.mark.parametrize(
    ("place", "color"), [((0, 0), (10, 20, 30)), ((1, 1), (200, 100, 0)), ((0.9, 0.4), (200, 100, 0))]
)
def test_the_color_at_a_place(place, color):
    pixels = np.full((30, 600, 3), (10, 20, 30), np.uint8)
    pixels[:, 300:] = (200, 100, 0)
    assert Photo("a", b"", pixels, 600, 30).color_at(*place) == color


def test_the_color_at_a_place_is_the_mean_of_a_few_pixels():
    pixels = np.zeros((300, 300, 3), np.uint8)
    pixels[:, ::2] = 200
    assert Photo("a", b"", pixels, 300, 300).color_at(0.5, 0.5) == pytest.approx((100, 100, 100), abs=25)
