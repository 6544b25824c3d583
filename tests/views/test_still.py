import numpy as np
import pytest

from colorfilter import PRESETS, VISION, filter_image
from colorfilter.views.still import compared_image, sheet_image


def noise(shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("line", [0, 0.25, 1])
@pytest.mark.parametrize("chosen", [PRESETS["cyan"], VISION["tritan"]], ids=["cyan", "tritan"])
def test_the_comparison_is_the_original_left_of_the_line_and_the_filter_right_of_it(chosen, line, channels):
    image = noise((90, 120, channels))
    view = compared_image(image, chosen, line)
    middle = int(120 * line)
    assert np.array_equal(view[:, : max(0, middle - 4)], image[:, : max(0, middle - 4)])
    assert np.array_equal(view[:, middle + 4 :], filter_image(image, chosen)[:, middle + 4 :])
    assert view.shape == image.shape


@pytest.mark.parametrize("channels", [3, 4])
def test_the_sheet_shows_the_whole_picture_through_each_of_the_six(channels):
    image = np.full((90, 120, channels), 0, np.uint8)
    image[:] = (200, 120, 60, 80)[:channels]
    sheet = sheet_image(image)
    assert sheet.shape == (60, 120, channels)
    for i, shares in enumerate([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1)]):
        row, column = divmod(i, 3)
        tile = sheet[row * 30 + 14 : row * 30 + 30, column * 40 : column * 40 + 40]
        assert np.all(tile == (*np.multiply((200, 120, 60), shares), 80)[:channels])


def test_the_names_are_opaque():
    sheet = sheet_image(np.zeros((900, 1200, 4), np.uint8))
    assert sheet[5, 5].tolist() == [0, 0, 0, 255]
    assert sheet[299, 399].tolist() == [0, 0, 0, 0]
    assert sheet[:60, :200, :3].max() == 255


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 3, 4), (5, 1, 3)])
def test_a_picture_of_any_size(shape):
    assert compared_image(noise(shape), PRESETS["red"], 0.5).shape == shape
    assert sheet_image(noise(shape)).size > 0
