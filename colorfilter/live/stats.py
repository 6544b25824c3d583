"""Statistics of a live picture over the last seconds: frames a second, the size received, the filter's time."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

STATS_WINDOW_S = 2.0
MIN_SPAN_S = 0.5  # seconds between the first and the last frame, from which on there is a frame rate


@dataclass(frozen=True)
class LiveStats:
    """Frames a second, size received in pixels, milliseconds of work a frame, and whether the filter failed on one.

    Frames a second are None while the stream is too young to tell.
    """

    frames_per_second: float | None
    width: int
    height: int
    milliseconds: float
    failing: bool


@dataclass(frozen=True)
class FrameRecord:
    """One frame: when it was shown (seconds on a steady clock), its size in pixels, seconds of work, if that failed."""

    at: float
    width: int
    height: int
    seconds: float
    failed: bool


class FrameLog:
    """The frames of the last `STATS_WINDOW_S` seconds. Safe to use from any thread."""

    def __init__(self) -> None:
        self._records: deque[FrameRecord] = deque()
        self._lock = threading.Lock()

    def add(self, record: FrameRecord) -> None:
        """Note a frame that was shown."""
        with self._lock:
            self._records.append(record)
            self._drop_old(record.at)

    def stats(self, now: float) -> LiveStats | None:
        """The statistics at a time, None if no frame came in the window before it."""
        with self._lock:
            self._drop_old(now)
            recent = list(self._records)
        if not recent:
            return None
        # n frames make n - 1 intervals.
        span = recent[-1].at - recent[0].at
        rate = (len(recent) - 1) / span if span >= MIN_SPAN_S else None
        milliseconds = 1000 * sum(record.seconds for record in recent) / len(recent)
        failing = any(record.failed for record in recent)
        return LiveStats(rate, recent[-1].width, recent[-1].height, milliseconds, failing)

    def _drop_old(self, now: float) -> None:
        while self._records and self._records[0].at < now - STATS_WINDOW_S:
            self._records.popleft()
