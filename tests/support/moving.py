"""Frames that move, and clocks that go as a test says."""

from fractions import Fraction

import numpy as np

from tests.support import reference


def noisy_frames(count, width=640, height=480, start=0):
    """Noisy frames, which no encoder makes small."""
    rng = np.random.default_rng(0)
    for i in range(start, start + count):
        frame = reference.make_frame(width, height, lambda shape: rng.integers(0, 256, shape, np.uint8))
        frame.pts, frame.time_base = i * 3000, Fraction(1, 90000)
        yield frame


class Clock:
    """In place of the module `time`: each look at it takes `step` seconds, and a test may set `now`."""

    def __init__(self, step=0.0):
        self.now = 0.0
        self.step = step

    def monotonic(self):
        self.now += self.step
        return self.now

    perf_counter = monotonic
