"""One viewer's live picture: renders each frame with the view options of that moment."""

from __future__ import annotations

import logging
import time

from av import VideoFrame

from colorfilter.filters import Color, Picture, mean_color
from colorfilter.frames import blank_like, copy_frame, patch_rgb, planes, sample_rgb
from colorfilter.host import metrics
from colorfilter.live.recorder import Recorder, record_with
from colorfilter.live.stats import FrameLog, FrameRecord, LiveStats
from colorfilter.views.options import ViewOptions
from colorfilter.views.video import render_frame
from colorfilter.yuv import BT601_LIMITED

logger = logging.getLogger(__name__)

POINT_SHARE = 150  # a point is so small a share of the width, to each side of it
POLL_INTERVAL_S = 0.01  # seconds between two looks for a frame
SAMPLE_WIDTH = 120  # pixels in a line of a sample; there may be up to twice as many


class LivePicture:
    """One viewer's picture. Any thread may replace `options` at any time; the next frame follows them.

    The same holds for `recorder`, which records what is shown.
    """

    def __init__(self) -> None:
        self.options = ViewOptions()
        self.recorder: Recorder | None = None
        self.overrun_s = 0  # for how long the camera has sent far more than its place is for, in whole seconds
        self._source: VideoFrame | None = None
        self._last: VideoFrame | None = None
        self._last_seen = float("-inf")
        self._log = FrameLog()

    def process(self, frame: VideoFrame) -> VideoFrame:
        """Render the frame for the viewer: a new yuv420p frame. Never raises.

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
        metrics.observe_frame(seconds)
        return shown

    def newest(self) -> VideoFrame | None:
        """A copy of the last frame that was shown, or None before the first."""
        last = self._last
        return None if last is None else copy_frame(last)

    def next_frame(self, delay_s: float, timeout_s: float) -> VideoFrame | None:
        """Wait for a frame that comes in `delay_s` seconds or later, and return a copy of it as it was shown.

        None if none has come `timeout_s` seconds after that.
        """
        earliest = time.monotonic() + delay_s
        while self._last_seen < earliest:
            if time.monotonic() > earliest + timeout_s:
                return None
            time.sleep(POLL_INTERVAL_S)
        return self.newest()

    def sample(self) -> Picture | None:
        """Some thousand pixels of the newest frame as it came, RGB uint8 (H, W, 3), None if there was none yet."""
        source = self._source
        return None if source is None else sample_rgb(source, max(2, source.width // SAMPLE_WIDTH // 2 * 2))

    def color_at(self, x: float, y: float) -> Color | None:
        """The mean color, 0..255, of a few pixels of the newest frame as it came, None if there was none yet.

        The place is 0..1 from the left and the top of what is shown, which may be mirrored.
        """
        source = self._source
        if source is None:
            return None
        reach = max(2, source.width // POINT_SHARE)
        return mean_color(patch_rgb(source, 1 - x if self.options.mirror else x, y, reach))

    def stats(self) -> LiveStats | None:
        """The statistics of the last seconds, None if no frame came in them."""
        return self._log.stats(time.monotonic())

    def silent_for(self) -> float:
        """Seconds since the last frame, infinite before the first."""
        return time.monotonic() - self._last_seen

    def forget(self) -> None:
        """Drop every picture at the end of a stream. The recorder keeps what it has recorded."""
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
            luma, *chroma = planes(again)
            luma[:] = BT601_LIMITED.luma_black
            for plane in chroma:
                plane[:] = BT601_LIMITED.chroma_zero
        again.pts, again.time_base = frame.pts, frame.time_base
        return again
