import numpy as np
import pytest

from colorfilter import PRESETS, VISION, filter_frame, filter_image
from colorfilter.views.options import VIEWS, VISION_SHEET, ViewOptions
from colorfilter.views.still import compared_image, render_image, sheet_image
from colorfilter.views.video import compared_view, filtered_view, render_frame, sheet_view
from tests.support import reference

RED = PRESETS["red"]
HALVES = tuple(PRESETS[name].at_strength(0.5) for name in ("cyan", "pink", "yellow", "blue", "green", "red"))


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    return reference.make_frame(64, 48, lambda shape: rng.integers(0, 256, shape, np.uint8))


@pytest.mark.parametrize("chosen", [RED, VISION["protan"]], ids=["red", "protan"])
@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("view", VIEWS)
def test_a_frame_is_shown_as_chosen(frame, view, mirror, chosen):
    want = {
        "filter": filtered_view(frame, chosen, mirror),
        "compare": compared_view(frame, chosen, mirror, 0.3),
        "all": sheet_view(frame, mirror, HALVES),
    }[view]
    shown = render_frame(frame, ViewOptions(chosen, mirror, view, 0.3, HALVES))
    assert all(map(np.array_equal, reference.read_planes(shown), reference.read_planes(want)))


@pytest.mark.parametrize("chosen", [RED, VISION["protan"]], ids=["red", "protan"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_still_is_shown_as_chosen_and_never_mirrored(view, chosen):
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    want = {
        "filter": filter_image(image, chosen),
        "compare": compared_image(image, chosen, 0.3),
        "all": sheet_image(image, HALVES),
    }[view]
    assert np.array_equal(render_image(image, ViewOptions(chosen, True, view, 0.3, HALVES)), want)


def test_the_vision_sheet_of_a_still_has_four_tiles():
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    sheet = render_image(image, ViewOptions(VISION["protan"], view="all", sheet=VISION_SHEET))
    assert sheet.shape == image.shape
    small = image[::2, ::2]
    for name, rows, columns in (("protan", 0, 1), ("deutan", 1, 0), ("tritan", 1, 1)):
        tile = sheet[rows * 192 : rows * 192 + 192, columns * 256 : columns * 256 + 256]
        assert np.array_equal(tile[100:], filter_image(small, VISION[name])[100:])  # the name lies above
    assert np.array_equal(sheet[100:192, :256], small[100:])


def test_the_vision_sheet_of_a_frame_has_four_tiles():
    """Tiles of flat color, each as `filter_frame` has it."""
    frame = reference.make_frame(64, 48, lambda shape: np.full(shape, 90, np.uint8))
    sheet = reference.read_planes(render_frame(frame, ViewOptions(VISION["tritan"], view="all", sheet=VISION_SHEET)))
    assert [plane.shape for plane in sheet] == [(48, 64), (24, 32), (24, 32)]
    for name, row, column in (("protan", 0, 1), ("deutan", 1, 0), ("tritan", 1, 1)):
        want = reference.read_planes(filter_frame(frame, VISION[name]))
        y, x = row * 24 + 22, column * 32 + 30
        got = [sheet[0][y, x], *(plane[y // 2, x // 2] for plane in sheet[1:])]
        assert got == [plane[0, 0] for plane in want]
