import io

import numpy as np
import pytest
from PIL import Image

from colorfilter import PRESETS
from colorfilter.stills.decode import PictureError, read_picture
from colorfilter.stills.photo import SCREEN_SIDE, Photo, fit
from colorfilter.views.options import ViewOptions
from tests.support.pictures import blocks, saved

RED = ViewOptions(PRESETS["red"])


def test_a_large_picture_is_kept_as_its_file_and_a_small_picture():
    large = np.zeros((1500, 3000, 3), np.uint8)
    large[:, 1500:] = (200, 100, 50)
    data = saved(large)
    photo = Photo.read("beach", data)
    assert photo.data == data
    assert photo.small.shape == (SCREEN_SIDE // 2, SCREEN_SIDE, 3)
    assert photo.size == "3000 × 1500"


def test_the_download_has_every_pixel_and_the_screen_a_small_picture():
    picture = np.random.default_rng(0).integers(0, 256, (20, 3000, 3), np.uint8)
    photo = Photo.read("noise", saved(picture))
    want = picture.copy()
    want[:, :, 1:] = 0
    assert np.array_equal(read_picture(photo.png(RED)), want)
    assert Image.open(io.BytesIO(photo.view(RED))).size == (SCREEN_SIDE, round(20 * SCREEN_SIDE / 3000))


def test_a_picture_that_cannot_be_read_is_refused():
    with pytest.raises(PictureError):
        Photo.read("broken", saved(blocks())[:50])


def test_each_pixel_of_the_small_picture_is_the_mean_of_those_that_it_covers():
    picture = 2 * np.arange(16, dtype=np.uint8).reshape(4, 4, 1).repeat(3, axis=2)
    assert fit(picture, 2)[:, :, 0].tolist() == [[5, 9], [21, 25]]
    assert fit(picture, 9) is picture
