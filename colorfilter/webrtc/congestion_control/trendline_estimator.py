"""Whether a queue grows on the way: the trend of the one-way delay.

As libwebrtc's trendline_estimator.cc. The threshold adapts, so that a flow is not starved by others that fill the queue
(draft-ietf-rmcat-gcc-02, section 5.4).
"""

from __future__ import annotations

from collections import deque
from enum import Enum

import numpy as np

from colorfilter.webrtc.congestion_control.inter_arrival import Delta

WINDOW_GROUPS = 20
SMOOTHING = 0.9
THRESHOLD_GAIN = 4.0
MAX_DELTAS = 60
OVERUSE_TIME_MS = 10.0
# Milliseconds: where the threshold starts and what it stays within; how fast it falls and rises, each millisecond.
INITIAL_THRESHOLD, MIN_THRESHOLD, MAX_THRESHOLD = 12.5, 6.0, 600.0
THRESHOLD_DOWN, THRESHOLD_UP = 0.039, 0.0087
MAX_ADAPT_OFFSET = 15.0
MAX_ADAPT_INTERVAL_MS = 100.0


class Usage(Enum):
    """What the trend says of the bottleneck."""

    NORMAL = "normal"
    OVERUSING = "overusing"
    UNDERUSING = "underusing"


class TrendlineEstimator:
    """The slope of the smoothed delay over the last groups of packets, against an adaptive threshold."""

    def __init__(self) -> None:
        self.usage = Usage.NORMAL
        self._first_arrival: float | None = None
        self._count = 0
        self._accumulated = self._smoothed = 0.0  # milliseconds
        self._history: deque[tuple[float, float]] = deque(maxlen=WINDOW_GROUPS)
        self._trend = self._previous_trend = 0.0
        self._threshold = INITIAL_THRESHOLD
        self._over_using_ms, self._overuse_count = -1.0, 0
        self._updated: float | None = None

    def update(self, delta: Delta, arrived: float) -> None:
        """Take the delta of two groups of packets, the second of which arrived then."""
        if self._first_arrival is None:
            self._first_arrival = arrived
        self._count += 1
        self._accumulated += 1000 * (delta.arrived - delta.sent)
        self._smoothed = SMOOTHING * self._smoothed + (1 - SMOOTHING) * self._accumulated
        self._history.append((1000 * (arrived - self._first_arrival), self._smoothed))
        if len(self._history) == WINDOW_GROUPS:
            self._trend = _slope(self._history, self._trend)
        self._detect(1000 * delta.sent, 1000 * arrived)

    def _detect(self, sent_ms: float, now_ms: float) -> None:
        if self._count < 2:
            return
        modified = min(self._count, MAX_DELTAS) * self._trend * THRESHOLD_GAIN
        if modified > self._threshold:
            self._over_using_ms += sent_ms if self._over_using_ms >= 0 else sent_ms / 2 + 1
            self._overuse_count += 1
            lasting = self._over_using_ms > OVERUSE_TIME_MS and self._overuse_count > 1
            if lasting and self._trend >= self._previous_trend:
                self._over_using_ms, self._overuse_count = 0.0, 0
                self.usage = Usage.OVERUSING
        else:
            self._over_using_ms, self._overuse_count = -1.0, 0
            self.usage = Usage.UNDERUSING if modified < -self._threshold else Usage.NORMAL
        self._previous_trend = self._trend
        self._adapt(abs(modified), now_ms)

    def _adapt(self, modified: float, now_ms: float) -> None:
        elapsed = min(now_ms - self._updated, MAX_ADAPT_INTERVAL_MS) if self._updated is not None else 0.0
        self._updated = now_ms
        if modified > self._threshold + MAX_ADAPT_OFFSET:
            return  # a sudden change of the path's delay must not blind the detector
        speed = THRESHOLD_DOWN if modified < self._threshold else THRESHOLD_UP
        moved = self._threshold + speed * (modified - self._threshold) * elapsed
        self._threshold = min(max(moved, MIN_THRESHOLD), MAX_THRESHOLD)


def _slope(points: deque[tuple[float, float]], otherwise: float) -> float:
    """The slope of the line of least squares."""
    times, delays = np.array(points).T
    times = times - times.mean()
    spread = float(times @ times)
    return float(times @ (delays - delays.mean())) / spread if spread else otherwise
