"""The live test card: its colors, its hand, and its time."""

import asyncio
import math
from fractions import Fraction

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from av.video.reformatter import ColorRange

from colorfilter.live import testcard
from colorfilter.stills import drawing
from tests.support import reference

SIZES = [(640, 480), (1280, 720), (1920, 1080)]


def rgb(frame):
    return reference.to_rgb(*reference.read_planes(frame))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_frame_is_the_card_in_limited_range_yuv420p(size):
    """Half a level of Y, U and V each is 2 levels of RGB."""
    width, height = size
    frame = testcard.TestCard(*size).frame(0)
    assert (frame.width, frame.height, frame.format.name) == (*size, "yuv420p")
    assert frame.color_range != ColorRange.JPEG
    seen = rgb(frame)
    for i, color in enumerate(drawing.BARS):
        bar = seen[8 : height // 5 - 8, width * i // 8 + 8 : width * (i + 1) // 8 - 8]
        assert np.abs(bar - color).max() <= 2
    for i, lights in enumerate([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)]):
        line = seen[round(height * (0.825 + 0.05 * i))]
        assert np.abs(line - np.linspace(0, 255, width)[:, np.newaxis] * lights).max() <= 4  # chroma of two pixels
    x, y, radius = drawing.dial(*size)
    assert np.abs(seen[round(y), round(x + 0.97 * radius)] - (255, 7, 7)).max() <= 5


def test_without_a_size_it_is_720p():
    frame = testcard.TestCard().frame(0)
    assert (frame.width, frame.height) == (1280, 720)


def hand(size, seconds):
    """The hand at that time: its length in radii of the wheel, and its angle in degrees, clockwise from twelve."""
    card = testcard.TestCard(*size)
    luma = reference.read_planes(card.frame(seconds))[0]
    without = reference.from_rgb(drawing.card(*size).astype(float))[0]
    lines, columns = np.nonzero(np.abs(luma - without) > 8)
    x, y, radius = drawing.dial(*size)
    right, up = columns + 0.5 - x, y - lines - 0.5
    angle = math.degrees(math.atan2(right.mean(), up.mean())) % 360
    return np.hypot(right, up).max() / radius, angle


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    ("seconds", "degrees"),
    [(1 / 30, 3), (0.5, 45), (1, 90), (1.25, 112.5), (2, 180), (3, 270), (3.9, 351), (4.5, 45), (4001, 90)],
)
def test_the_hand_goes_round_in_four_seconds(size, seconds, degrees):
    length, angle = hand(size, seconds)
    assert abs(angle - degrees) <= 0.5
    assert length == pytest.approx(1, abs=0.06)


def test_at_its_start_the_hand_points_up():
    frame = testcard.TestCard().frame(0)
    seen = rgb(frame)
    assert seen[360 - 90, 640].tolist() == pytest.approx([255, 255, 255], abs=1)
    assert seen[360 - 90, 640 - 6].max() < 60  # its edge
    assert np.ptp(seen[360 - 90, 632:648], axis=1).max() <= 2  # without color


def test_no_frame_writes_into_another_or_into_the_card_of_another_viewer():
    one, other = testcard.TestCard(640, 480), testcard.TestCard(640, 480)
    first = one.frame(0)
    kept = [plane.copy() for plane in reference.read_planes(first)]
    for i in range(1, 120):
        one.frame(i / 30)
    for frame in (first, other.frame(0), one.frame(0)):
        for ours, theirs in zip(reference.read_planes(frame), kept, strict=True):
            assert np.array_equal(ours, theirs)


class Clock:
    """Stands in for the module's `time` and its `asyncio`: to sleep is to let the clock go on."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def monotonic(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += max(0, seconds)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(testcard, "time", clock)
    monkeypatch.setattr(testcard, "asyncio", clock)
    return clock


def test_the_track_gives_thirty_frames_a_second_as_they_are_due(clock):
    track = testcard.TestCardTrack(640, 480)
    assert track.kind == "video"
    clock.now += 7  # its time begins with the first frame
    start = clock.now
    for i in range(90):
        clock.now += 0.01  # what the viewer takes for a frame
        frame = asyncio.run(track.recv())
        assert frame.time == pytest.approx(i / 30, abs=1e-9)
        assert frame.pts * Fraction(frame.time_base) == Fraction(i, 30)
        assert clock.now == pytest.approx(start + 0.01 + i / 30)
    assert max(clock.slept) <= 1 / 30


def test_who_is_late_gets_the_frame_of_that_moment(clock):
    track = testcard.TestCardTrack(640, 480)
    asyncio.run(track.recv())
    clock.now += 0.51  # 15.3 frames
    late = asyncio.run(track.recv())
    assert late.pts == 15 * 3000
    assert asyncio.run(track.recv()).pts == 16 * 3000
    assert clock.now == pytest.approx(1000 + 16 / 30)
    for ours, theirs in zip(
        reference.read_planes(late), reference.read_planes(testcard.TestCard(640, 480).frame(0.5)), strict=True
    ):
        assert np.array_equal(ours, theirs)


def test_a_stopped_track_gives_no_more_frames(clock):
    track = testcard.TestCardTrack(640, 480)
    asyncio.run(track.recv())
    track.stop()
    with pytest.raises(MediaStreamError):
        asyncio.run(track.recv())
