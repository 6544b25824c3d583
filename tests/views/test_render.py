import numpy as np
import pytest

from colorfilter import PRESETS, filter_image
from colorfilter.views.options import VIEWS, ViewOptions
from colorfilter.views.still import compared_image, render_image, six_image
from colorfilter.views.video import compared_view, filtered_view, render_frame, six_view
from tests.support import reference

RED = PRESETS["red"]
HALVES = tuple(PRESETS[name].at_strength(0.5) for name in ("cyan", "pink", "yellow", "blue", "green", "red"))


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    return reference.make_frame(64, 48, lambda shape: rng.integers(0, 256, shape, np.uint8))


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("view", VIEWS)
def test_a_frame_is_shown_as_chosen(frame, view, mirror):
    want = {
        "filter": filtered_view(frame, RED, mirror),
        "compare": compared_view(frame, RED, mirror, 0.3),
        "all six": six_view(frame, mirror, HALVES),
    }[view]
    shown = render_frame(frame, ViewOptions(RED, mirror, view, 0.3, HALVES))
    assert all(map(np.array_equal, reference.read_planes(shown), reference.read_planes(want)))


@pytest.mark.parametrize("view", VIEWS)
def test_a_still_is_shown_as_chosen_and_never_mirrored(view):
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    want = {
        "filter": filter_image(image, RED),
        "compare": compared_image(image, RED, 0.3),
        "all six": six_image(image, HALVES),
    }[view]
    assert np.array_equal(render_image(image, ViewOptions(RED, True, view, 0.3, HALVES)), want)
