"""Which of a browser's pictures are decoded: those of a size and a rate that a camera has."""

from __future__ import annotations

from colorfilter.webrtc.encoding.vp8 import is_key_frame, key_frame_size

MAX_PICTURE_PIXELS = 1920 * 1080 * 5 // 4  # a camera may give somewhat more than it was asked for
BURST_S = 1.0  # seconds of pictures that may come at once after a network stood still


class PictureGate:
    """Decides which encoded VP8 pictures are decoded.

    A picture that is too large, or one too many in a second, is left out. The pictures after it need it, so they are
    left out too, up to the next key frame within the limits.
    """

    def __init__(self, max_rate: float) -> None:
        self._max_rate = max_rate  # pictures a second
        self._open = True
        self._credit, self._last = BURST_S * max_rate, 0.0

    def admit(self, picture: bytes, now: float) -> bool:
        """Count the picture, and return whether to decode it; `now` is in seconds on any steady clock."""
        self._credit = min(BURST_S * self._max_rate, self._credit + self._max_rate * max(0.0, now - self._last))
        self._last = now
        if is_key_frame(picture):
            size = key_frame_size(picture)
            self._open = size is not None and size[0] * size[1] <= MAX_PICTURE_PIXELS
        self._open = self._open and self._credit >= 1
        if self._open:
            self._credit -= 1
        return self._open
