"""Spreads packets over time, so that a key frame does not leave in one burst on a thin line.

A leaky bucket as libwebrtc's pacing_controller.cc: packets leave at once until `BURST_S` of the pacing rate is owed.
"""

from __future__ import annotations

BURST_S = 0.01
MAX_WAIT_S = 0.25  # no packet waits longer


class Pacer:
    """When the next packet may leave. Times are seconds on any steady clock."""

    def __init__(self) -> None:
        self._free_at = 0.0

    def delay(self, size: int, bitrate: float, now: float) -> float:
        """Seconds that a packet of `size` bytes waits, to leave at `bitrate` bits a second; counts it as sent."""
        start = max(self._free_at, now)
        self._free_at = start + 8 * size / bitrate
        return min(max(0.0, start - now - BURST_S), MAX_WAIT_S)
