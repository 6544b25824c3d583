"""Whether a frame shows something quite different from the one before it."""

from __future__ import annotations

import cv2
import numpy as np
from av import VideoFrame

from colorfilter.frames import planes
from colorfilter.yuv import Plane

STEP = 16  # pixels, both ways: 3,600 samples of a frame at 720p
MIN_JUMP = 3.0  # levels, which the noise of a camera does not reach
JUMP_FACTOR = 3.0
SMOOTHING = 1 / 8


class SceneCutDetector:
    """Compares each frame's luma with that of the frame before.

    The mean difference jumps at a cut, and when a still scene begins to move; it stays as it is while a scene moves.
    """

    def __init__(self) -> None:
        self._samples: Plane | None = None
        self._usual = 0.0

    def is_cut(self, frame: VideoFrame) -> bool:
        """Take the next frame, yuv420p. False for the first, and after a change of size."""
        samples = np.ascontiguousarray(planes(frame)[0][STEP // 2 :: STEP, STEP // 2 :: STEP])
        before, self._samples = self._samples, samples
        if before is None or before.shape != samples.shape or not samples.size:
            return False
        difference = cv2.mean(cv2.absdiff(samples, before))[0]
        if difference > JUMP_FACTOR * self._usual + MIN_JUMP:
            self._usual = difference
            return True
        self._usual += (difference - self._usual) * SMOOTHING
        return False
