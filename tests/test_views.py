import numpy as np
import pytest

from colorfilter import PRESETS, filter_frame
from colorfilter.views import filtered_view

import reference


@pytest.mark.parametrize("size", [(64, 48), (642, 362), (7, 5)], ids=str)
def test_mirrored_is_the_filtered_picture_with_left_and_right_exchanged(size):
    rng = np.random.default_rng(0)
    frame = reference.make_frame(*size, lambda shape: rng.integers(0, 256, shape, np.uint8))
    frame.pts = 99
    plain = reference.read_planes(filter_frame(frame, PRESETS["pink"]))
    mirrored = filtered_view(frame, PRESETS["pink"], mirror=True)
    assert mirrored.pts == 99
    for ours, theirs in zip(reference.read_planes(mirrored), plain, strict=True):
        assert np.array_equal(ours, theirs[:, ::-1])
    unmirrored = filtered_view(frame, PRESETS["pink"], mirror=False)
    for ours, theirs in zip(reference.read_planes(unmirrored), plain, strict=True):
        assert np.array_equal(ours, theirs)
