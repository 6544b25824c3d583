"""What is drawn, pixel by pixel, from what it should show."""

import math

import numpy as np
import pytest

from colorfilter import PRESETS, filter_image
from colorfilter.stills import drawing

SIZE = 240
# Where the three discs of light lie, in sizes of the picture: their middles 0.2 from its own, each 0.26 wide.
LIGHTS = {"red": 90, "green": 210, "blue": 330}


def at(picture, share, degrees):
    """The pixel of a square picture that far from its middle, in its sizes, and at that angle against the clock."""
    size = len(picture)
    across, up = share * math.cos(math.radians(degrees)), share * math.sin(math.radians(degrees))
    return picture[int(size * (0.5 - up)), int(size * (0.5 + across))].tolist()


def test_lights_that_overlap_add_up():
    """Every pixel but those on an edge: 255 for each light whose disc it lies in."""
    picture = drawing.mixing_lights(SIZE)
    assert picture.shape == (SIZE, SIZE, 4)
    assert picture.dtype == np.uint8
    seen = set()
    for row in range(SIZE):
        for column in range(SIZE):
            x, y = (column + 0.5) / SIZE - 0.5, 0.5 - (row + 0.5) / SIZE
            far = [
                math.hypot(x - 0.2 * math.cos(math.radians(a)), y - 0.2 * math.sin(math.radians(a))) - 0.26
                for a in LIGHTS.values()
            ]
            outside = math.hypot(x, y) - 0.5
            if min(map(abs, [*far, outside])) * SIZE > 0.5:
                want = [255 * (f < 0) for f in far] + [255 * (outside < 0)]
                assert picture[row, column].tolist() == want
                seen.add(tuple(want))
    assert len(seen) == 9  # no light and nothing around it, three lights, three pairs, all three


def test_red_and_green_make_yellow_green_and_blue_cyan_blue_and_red_pink_and_all_three_white():
    picture = drawing.mixing_lights(SIZE)
    for name, angle in LIGHTS.items():
        assert at(picture, 0.4, angle) == [*PRESETS[name].color, 255]
    for name, angle in (("yellow", 150), ("cyan", 270), ("pink", 30)):
        assert at(picture, 0.2, angle) == [*PRESETS[name].color, 255]
    assert at(picture, 0, 0) == [255, 255, 255, 255]
    assert at(picture, 0.48, 150) == [0, 0, 0, 255]
    assert picture[0, 0, 3] == 0


def test_edges_are_soft():
    for picture in (drawing.mixing_lights(SIZE), drawing.wheel(SIZE)):
        assert len(np.unique(picture[:, :, 3])) > 50


def test_the_wheel_has_every_hue_at_its_angle_and_white_in_the_middle():
    wheel = drawing.wheel(SIZE)
    assert wheel.shape == (SIZE, SIZE, 4)
    for degrees, color in (
        (0, (255, 0, 0)),
        (60, (255, 255, 0)),
        (120, (0, 255, 0)),
        (180, (0, 255, 255)),
        (240, (0, 0, 255)),
        (300, (255, 0, 255)),
        (30, (255, 128, 0)),
    ):
        assert np.abs(np.array(at(wheel, 0.49, degrees)) - (*color, 255)).max() <= 7
        halfway = (255 + np.array(color)) / 2
        assert np.abs(np.array(at(wheel, 0.25, degrees)[:3]) - halfway).max() <= 4
    assert min(at(wheel, 0, 0)) >= 253
    assert {*wheel[[0, 0, -1, -1], [0, -1, 0, -1], 3].tolist()} == {0}


@pytest.mark.parametrize("name", PRESETS)
def test_the_wheel_through_a_filter_has_no_light_that_it_removes_and_all_that_it_keeps(name):
    wheel = drawing.wheel(SIZE)
    filtered = filter_image(wheel, PRESETS[name])
    for channel, share in enumerate(PRESETS[name].color):
        assert np.array_equal(filtered[:, :, channel], wheel[:, :, channel] if share else 0 * wheel[:, :, channel])
    assert np.array_equal(filtered[:, :, 3], wheel[:, :, 3])


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080), (7, 5)], ids=str)
def test_the_card_has_eight_bars_and_levels_from_dark_to_light(size):
    width, height = size
    card = drawing.card(width, height)
    assert card.shape == (height, width, 3)
    assert card.dtype == np.uint8
    if height < 100:
        return
    assert card[height // 10, [int(width * (i + 0.5) / 8) for i in range(8)]].tolist() == [
        [255, 255, 255], [255, 255, 0], [0, 255, 255], [0, 255, 0], [255, 0, 255], [255, 0, 0], [0, 0, 255], [0, 0, 0],
    ]  # fmt: skip
    for i, lights in enumerate([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)]):
        line = card[int(height * (0.825 + 0.05 * i))].astype(int)
        exact = np.linspace(0, 255, width)[:, np.newaxis] * lights
        assert np.abs(line - exact).max() <= 0.5


def test_the_card_has_the_wheel_in_the_middle_of_what_is_left():
    card = drawing.card(1280, 720)
    wheel = drawing.wheel(360)
    part = card[180:540, 460:820]
    whole = wheel[:, :, 3] == 255
    assert np.array_equal(part[whole], wheel[:, :, :3][whole])
    assert np.all(part[[0, 0, -1, -1], [0, -1, 0, -1]] == 128)
    assert drawing.dial(1280, 720) == (640, 360, 180)


def test_a_ray_lies_where_it_points_and_nowhere_else():
    picture = np.zeros((720, 1280), np.uint8)
    drawing.draw_ray(picture, 1 / 4, (0.5, 1), 9, (200,))  # to the right
    lines, columns = np.nonzero(picture > 100)
    assert picture[360, 640 + 135] == 200
    assert (columns.min(), columns.max()) == pytest.approx((640 + 90, 640 + 180), abs=6)
    assert lines.min() + lines.max() == 2 * 360 - 1  # as far above the middle as below it
    assert 9 <= np.ptp(lines) + 1 <= 12  # OpenCV's soft edges add to the thickness
