"""What a page shows of the camera's eight bars."""

import itertools

import numpy as np

from tests.support.camera import BARS
from tests.support.patience import until

CENTERS = [[(i + 0.5) / len(BARS), 0.5] for i in range(len(BARS))]


def expected(color, mirrored=True):
    """The bars under a filter of that color, by the definition."""
    bars = np.rint(np.array(BARS) * np.array(color) / 255)
    return bars[::-1] if mirrored else bars


# Levels of RGB: both encoders leave two levels of a chroma plane as they were, which are four of blue (BT.601).
NEAR = 8
# A browser's encoder may keep more of its first, coarse picture for as long as the scene stands still.
LOOKS = 100  # after which the scene changes for a moment


def assert_shows(live_page, want, points=CENTERS):
    """The video comes to have those colors at those points, to within `NEAR` levels: the bars at their centers."""

    looks = itertools.count(1)

    def seen():
        return np.array(live_page.pixels(points))

    def pause():
        if next(looks) % LOOKS == 0:
            live_page.cover_camera()
        live_page.wait_for_frames(3)

    until(
        lambda: np.abs(seen() - want).max() <= NEAR,
        pause=pause,
        told=lambda: f"seen {seen().tolist()}, want {np.array(want).tolist()}",
    )
