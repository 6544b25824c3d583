"""One viewer's live picture: renders each frame with the view options of that moment."""

from __future__ import annotations

import logging
import time

import numpy as np
from av import VideoFrame

from colorfilter.filters import Picture
from colorfilter.frames import CHROMA_ZERO, LUMA_BLACK, blank_like, copy_frame, planes, sample_rgb
from colorfilter.live.recorder import Recorder, record_with
from colorfilter.live.stats import FrameLog, FrameRecord, LiveStats
from colorfilter.views.options import ViewOptions
from colorfilter.views.video import render_frame

logger = logging.getLogger(__name__)

SAMPLE_WIDTH = 120  # pixels in a line of a sample, at most about twice


class LivePicture:
    """One viewer's picture. `options` may be replaced at any time, from any thread; the next frame shows them.

    So may `recorder`, which records what is shown.
    """

    def __init__(self) -> None:
        self.options = ViewOptions()
        self.recorder: Recorder | None = None
        self._source: VideoFrame | None = None
        self._last: VideoFrame | None = None
        self._last_seen = float("-inf")
        self._log = FrameLog()

    def process(self, frame: VideoFrame) -> VideoFrame:
        """The frame as the viewer is to see it, a new yuv420p frame. Never raises.

        When the filter fails, the last good picture is shown again, black if there is none: never the raw one.
        """
        start = time.perf_counter()
        failed = False
        self._source = frame
        try:
            shown = self._last = render_frame(frame, self.options)
        except Exception:
            failed = True
            shown = self._again(frame)
            if not self._failing():
                logger.warning("A frame could not be filtered; the last good picture is shown.", exc_info=True)
        record_with(self.recorder, shown)
        seconds = time.perf_counter() - start
        self._last_seen = time.monotonic()
        self._log.add(FrameRecord(self._last_seen, frame.width, frame.height, seconds, failed))
        return shown

    def newest(self) -> VideoFrame | None:
        """A copy of the last frame that was shown, None if there was none yet. The stream goes on meanwhile."""
        last = self._last
        return None if last is None else copy_frame(last)

    def sample(self) -> Picture | None:
        """Some thousand pixels of the newest frame as it came, RGB uint8 (H, W, 3), None if there was none yet."""
        source = self._source
        return None if source is None else sample_rgb(source, max(2, source.width // SAMPLE_WIDTH // 2 * 2))

    def stats(self) -> LiveStats | None:
        """The statistics of the last seconds, None if no frame came in them."""
        return self._log.stats(time.monotonic())

    def silent_for(self) -> float:
        """Seconds since the last frame, infinite before the first."""
        return time.monotonic() - self._last_seen

    def forget(self) -> None:
        """Let go of every picture, at the end of a stream. What was recorded of it stays with the recorder."""
        self._source = self._last = None
        if self.recorder is not None:
            self.recorder.stop()

    def _failing(self) -> bool:
        stats = self.stats()
        return stats is not None and stats.failing

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
