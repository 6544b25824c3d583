"""The rate at which packets arrive (libwebrtc's acknowledged bitrate estimator, as a window)."""

from __future__ import annotations

from collections import deque

WINDOW_S = 0.5
MIN_SPAN_S = 0.15  # arrivals over less time say nothing


class AcknowledgedBitrate:
    """Bits a second over the last `WINDOW_S` of arrivals."""

    def __init__(self) -> None:
        self._arrivals: deque[tuple[float, int]] = deque()
        self._bits = 0

    def add(self, arrived: float, size: int) -> None:
        """Take a packet of `size` bytes that arrived then."""
        self._arrivals.append((arrived, 8 * size))
        self._bits += 8 * size
        while self._arrivals and self._arrivals[0][0] < arrived - WINDOW_S:
            self._bits -= self._arrivals.popleft()[1]

    @property
    def bitrate(self) -> int | None:
        """None while too little has arrived."""
        if not self._arrivals:
            return None
        span = self._arrivals[-1][0] - self._arrivals[0][0]
        if span < MIN_SPAN_S:
            return None
        # The first packet stands for the time before the window.
        return round((self._bits - self._arrivals[0][1]) / span)
