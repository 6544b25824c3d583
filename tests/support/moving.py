"""Frames that move, and clocks that go as a test says."""

from fractions import Fraction

import av
import cv2
import numpy as np

from tests.support import reference


def noisy_frames(count, width=640, height=480, start=0):
    """Noisy frames, which no encoder makes small."""
    rng = np.random.default_rng(0)
    for i in range(start, start + count):
        frame = reference.make_frame(width, height, lambda shape: rng.integers(0, 256, shape, np.uint8))
        frame.pts, frame.time_base = i * 3000, Fraction(1, 90000)
        yield frame


def shapes(width, height, layers, seed=1):
    """An RGB picture of soft random shapes; `layers` are (shapes in its width, contrast in levels)."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 120, np.float32)
    for columns, contrast in layers:
        small = rng.normal(0, contrast, (max(2, columns * height // width), columns, 3)).astype(np.float32)
        picture += cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return picture.clip(0, 255).astype(np.uint8)


def hard_scene(width, height, seconds=4, noise=0.0):
    """A scene that is soft and still, cut to one that is detailed and pans; frames of 1/30 s, `seconds` of each.

    `noise` is a camera's, in levels (standard deviation).
    """
    rng = np.random.default_rng(2)
    soft = shapes(width, height, [(8, 40)])
    wide = shapes(3 * width, height, [(24, 30), (90, 20), (360, 15), (1440, 8)])
    for i in range(60 * seconds):
        left = (i - 30 * seconds) * max(2, width // 320)
        picture = soft if left < 0 else wide[:, left : left + width]
        if noise:
            grain = rng.normal(0, noise, (height, width, 1))
            picture = (picture + grain).clip(0, 255).astype(np.uint8)
        yield as_frame(cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2YUV_I420), i)


def as_frame(yuv, number):
    """A frame of yuv420p, (height * 3 / 2, width), at 1/30 s times its number."""
    frame = av.VideoFrame.from_ndarray(yuv, "yuv420p")
    frame.pts, frame.time_base = number * 3000, Fraction(1, 90000)
    return frame


def as_frames(pictures):
    """A frame of each picture of yuv420p."""
    return (as_frame(picture, i) for i, picture in enumerate(pictures))


class Clock:
    """In place of the module `time`: each look at it takes `step` seconds, and a test may set `now`."""

    def __init__(self, step=0.0):
        self.now = 0.0
        self.step = step

    def monotonic(self):
        self.now += self.step
        return self.now

    perf_counter = monotonic

    def sleep(self, seconds):
        self.now += seconds
