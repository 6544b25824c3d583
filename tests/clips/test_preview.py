"""One frame of a clip at any second."""

from fractions import Fraction

import numpy as np
import pytest

from colorfilter.clips.options import ClipError
from colorfilter.clips.preview import frame_at
from colorfilter.frames import to_rgb
from tests.support import clips


def near(one, other):
    return one.shape == other.shape and np.abs(one.astype(int) - other).mean() <= 3


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_the_frame_of_a_second_and_at_the_end_the_last(tmp_path, suffix):
    options = {"codec": "libvpx-vp9", "audio": None} if suffix == ".webm" else {}
    path = clips.write_clip(tmp_path / f"in{suffix}", size=(192, 96), frames=60, **options)
    frames = clips.frames_of(path)
    for second, number in ((0, 0), (0.5, 15), (1.5, 45), (2.0, 59), (100, 59)):
        assert near(frame_at(path.read_bytes(), second), to_rgb(frames[number])), second


def test_between_two_frames_the_earlier_one_is_seen(tmp_path):
    times = [seconds * 30 * clips.FRAME_TICKS for seconds in (0, 1, 5)]
    path = clips.write_clip(tmp_path / "in.mp4", size=(192, 96), times=times, audio=None)
    frames = clips.frames_of(path)
    for second, number in ((0.9, 0), (1.0, 1), (4.5, 1), (5.0, 2)):
        assert near(frame_at(path.read_bytes(), second), to_rgb(frames[number])), second


def test_it_stands_upright_with_square_pixels(tmp_path):
    path = clips.write_clip(tmp_path / "in.mp4", size=(96, 48), rotation=90, aspect=Fraction(2, 1))
    upright = np.rot90(to_rgb(clips.frames_of(path)[0]))
    assert near(frame_at(path.read_bytes(), 0), upright.repeat(2, 0))


def test_it_is_as_large_as_the_screen_at_most(tmp_path):
    path = clips.write_clip(tmp_path / "in.mp4", size=(1920, 1080), frames=2, options={"preset": "ultrafast"})
    assert frame_at(path.read_bytes(), 0).shape == (720, 1280, 3)


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_an_animation(kind):
    for second, red in ((0, 0), (0.3, 60), (0.5, 120), (9, 120)):
        picture = frame_at(clips.animation(kind), second)
        assert picture.shape == (20, 30, 3)
        assert np.abs(picture[0, 0].astype(int) - (red, 100, 200)).max() <= 4


def test_what_is_no_clip_is_a_sentence():
    with pytest.raises(ClipError, match="no video file that can be read"):
        frame_at(b"words", 0)
