"""Holding a bit rate from frame to frame: which quantizer is the lowest allowed, and which frames are left out.

libvpx alone does it badly after a scene that stood still. Its model of bits at a quantizer has then fallen to its least
value; the next hard frame takes 30 times its share, and libvpx drops frames for up to a second to make up for it. Here
the quantizer is raised before that frame, and then falls by a little from frame to frame.
"""

from __future__ import annotations

MIN_QUANTIZER, MAX_QUANTIZER = 2, 63
# How far the quantizer may fall from frame to frame, as a share of itself: 5 at the coarsest, 1 among the finest.
# Slower, and a hard scene stays coarse for seconds, since a coarse picture predicts the next one badly; faster, and a
# scene that is easy to predict overshoots tenfold.
FALL_DIVISOR = 12
RISE_STEP = 2
# The time in which what was sent too much would leave at the rate; above it frames are left out. Less than the pacer's
# MAX_WAIT_S, so that all of it leaves spread over time.
DEBT_LIMIT_S = 0.2
DEBT_HIGH_S = 0.06  # above it the quantizer rises
MAX_SKIPPED = 3  # frames in a row


class BitBudget:
    """A leaky bucket of the bits sent, and the quantizer's floor that keeps it from running over."""

    def __init__(self) -> None:
        self.min_quantizer = MIN_QUANTIZER
        self._debt = 0.0  # bits
        self._last: float | None = None
        self._skipped = 0

    def admit(self, bitrate: int, now: float) -> bool:
        """Whether a frame at time `now` (seconds, any steady clock) may be encoded at `bitrate` bits a second."""
        elapsed = now - self._last if self._last is not None else 0.0
        self._debt, self._last = max(0.0, self._debt - bitrate * elapsed), now
        if self._debt > DEBT_LIMIT_S * bitrate and self._skipped < MAX_SKIPPED:
            self._skipped += 1
            return False
        self._skipped = 0
        return True

    def on_scene_cut(self) -> None:
        """Let the next frame be as coarse as it must be."""
        self.min_quantizer = MAX_QUANTIZER

    def on_encoded(self, bits: int, quantizer: int, bitrate: int) -> None:
        """Take the size of an encoded frame and the quantizer, 0..63, that it got."""
        self._debt += bits
        owing = self._debt > DEBT_HIGH_S * bitrate
        step = RISE_STEP if owing else -max(1, quantizer // FALL_DIVISOR)
        self.min_quantizer = min(MAX_QUANTIZER, max(MIN_QUANTIZER, quantizer + step))
