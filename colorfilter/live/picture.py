"""One viewer's live picture: shows each frame with the settings of that moment, and keeps the figures."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass

import numpy as np
from av import VideoFrame

from colorfilter.filters import Picture
from colorfilter.frames import CHROMA_ZERO, LUMA_BLACK, blank_like, copy_frame, planes, sample_rgb
from colorfilter.live.recorder import Recorder, record_with
from colorfilter.views.options import Chosen

logger = logging.getLogger(__name__)

WINDOW = 2.0  # seconds over which the figures are taken
SAMPLE = 120  # pixels in a line of a sample
LEAST = 0.5  # seconds of frames that say how many come in one


@dataclass(frozen=True)
class Figures:
    """How the last seconds went: frames a second, size received in pixels, milliseconds of work a frame.

    Frames a second are None while the stream is too young to tell.
    """

    frames_per_second: float | None
    width: int
    height: int
    milliseconds: float
    failing: bool


@dataclass(frozen=True)
class _Shown:
    """One frame shown: when (monotonic seconds), its size in pixels, the seconds it took, whether that failed."""

    at: float
    width: int
    height: int
    seconds: float
    failed: bool


class LivePicture:
    """One viewer's picture. `chosen` may be replaced at any time, from any thread; the next frame shows them.

    So may `recorder`, which records what is shown.
    """

    def __init__(self) -> None:
        self.chosen = Chosen()
        self.recorder: Recorder | None = None
        self._source: VideoFrame | None = None
        self._last: VideoFrame | None = None
        self._last_seen = float("-inf")
        self._shown: deque[_Shown] = deque()
        self._lock = threading.Lock()

    def show(self, frame: VideoFrame) -> VideoFrame:
        """The frame as the viewer is to see it, a new yuv420p frame. Never raises.

        When the filter fails, the last good picture is shown again, black if there is none: never the raw one.
        """
        start = time.perf_counter()
        failed = False
        self._source = frame
        try:
            shown = self._last = self.chosen.show(frame)
        except Exception:
            failed = True
            shown = self._again(frame)
            if not self._failing():
                logger.warning("A frame could not be filtered; the last good picture is shown.", exc_info=True)
        record_with(self.recorder, shown)
        seconds = time.perf_counter() - start
        self._last_seen = time.monotonic()
        with self._lock:
            self._shown.append(_Shown(self._last_seen, frame.width, frame.height, seconds, failed))
            self._forget_old()
        return shown

    def newest(self) -> VideoFrame | None:
        """A copy of the last frame that was shown, None if there was none yet. The stream goes on meanwhile."""
        last = self._last
        return None if last is None else copy_frame(last)

    def sample(self) -> Picture | None:
        """Some thousand pixels of the newest frame as it came, RGB uint8 (H, W, 3), None if there was none yet."""
        source = self._source
        return None if source is None else sample_rgb(source, max(2, source.width // SAMPLE // 2 * 2))

    def figures(self) -> Figures | None:
        """The figures of the last two seconds, None if no frame came in them."""
        with self._lock:
            self._forget_old()
            recent = list(self._shown)
        if not recent:
            return None
        # n frames make n - 1 intervals.
        span = recent[-1].at - recent[0].at
        rate = (len(recent) - 1) / span if span >= LEAST else None
        milliseconds = 1000 * sum(shown.seconds for shown in recent) / len(recent)
        failing = any(shown.failed for shown in recent)
        return Figures(rate, recent[-1].width, recent[-1].height, milliseconds, failing)

    def silent_for(self) -> float:
        """Seconds since the last frame, infinite before the first."""
        return time.monotonic() - self._last_seen

    def forget(self) -> None:
        """Let go of every picture, at the end of a stream. What was recorded of it stays with the recorder."""
        self._source = self._last = None
        if self.recorder is not None:
            self.recorder.stop()

    def _failing(self) -> bool:
        figures = self.figures()
        return figures is not None and figures.failing

    def _forget_old(self) -> None:
        while self._shown and self._shown[0].at < time.monotonic() - WINDOW:
            self._shown.popleft()

    def _again(self, frame: VideoFrame) -> VideoFrame:
        """The last good picture at the time of `frame`, on memory of its own: the encoder may still read the first."""
        if self._last is not None:
            again = copy_frame(self._last)
        else:
            again = blank_like(frame)
            for plane, level in zip(planes(again), (LUMA_BLACK, CHROMA_ZERO, CHROMA_ZERO), strict=True):
                plane[:] = np.uint8(level)
        again.pts, again.time_base = frame.pts, frame.time_base
        return again
